//! Writes tiny SoundFonts in memory, for tests.
#![allow(dead_code, clippy::trivially_copy_pass_by_ref)]

/// One preset of one instrument of one zone of one sample.
pub struct Bank {
    pub samples: Vec<i16>,
    pub low_bytes: Option<Vec<u8>>,
    /// An Ogg Vorbis stream in place of the samples.
    pub compressed: Option<Vec<u8>>,
    pub end: u32,
    pub loop_start: u32,
    pub loop_end: u32,
    pub rate: u32,
    pub root: u8,
    pub correction: i8,
    pub instrument: Vec<(u16, i16)>,
    pub preset: Vec<(u16, i16)>,
    pub instrument_modulators: Vec<[u16; 5]>,
    pub preset_modulators: Vec<[u16; 5]>,
    /// Zones of the instrument beside the one above: their generators, without the sample.
    pub more_zones: Vec<Vec<(u16, i16)>>,
}

/// Cycles of a sine of 100 samples; at 48 kHz and root key 60, 480 Hz.
pub fn sine() -> Bank {
    let wave = |n: u32| (24_000.0 * (f64::from(n) * std::f64::consts::TAU / 100.0).sin()).round() as i16;
    Bank {
        samples: (0..446).map(|n| if n < 400 { wave(n) } else { 0 }).collect(),
        low_bytes: None,
        compressed: None,
        end: 400,
        loop_start: 100,
        loop_end: 300,
        rate: 48_000,
        root: 60,
        correction: 0,
        // Loops, attack and release as short as can be.
        instrument: vec![(54, 1)],
        preset: vec![],
        instrument_modulators: vec![],
        preset_modulators: vec![],
        more_zones: vec![],
    }
}

/// The same as a quarter of a second of compressed samples, looped over whole cycles.
pub fn compressed_sine() -> Bank {
    let stream = include_bytes!("sine.ogg").to_vec();
    Bank { end: stream.len() as u32, loop_start: 2_000, loop_end: 10_000, compressed: Some(stream), ..sine() }
}

fn chunk(id: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out.resize(out.len() + data.len() % 2, 0);
    out
}

fn list(form: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[form.to_vec(), chunks.concat()].concat())
}

fn words(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn named(name: &str, rest: &[u8]) -> Vec<u8> {
    let mut out = name.as_bytes().to_vec();
    out.resize(20, 0);
    out.extend(rest);
    out
}

fn generators(all: &[(u16, i16)]) -> Vec<u8> {
    all.iter().flat_map(|&(id, amount)| words(&[id, amount as u16])).collect()
}

fn modulators(all: &[[u16; 5]]) -> Vec<u8> {
    all.iter().chain(&[[0; 5]]).flat_map(|row| words(row)).collect()
}

impl Bank {
    pub fn with(mut self, generator: u16, amount: i16) -> Self {
        self.instrument.push((generator, amount));
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let smpl = words(&self.samples.iter().map(|&sample| sample as u16).collect::<Vec<_>>());
        let mut sound = vec![chunk(b"smpl", self.compressed.as_ref().unwrap_or(&smpl))];
        if let Some(low) = &self.low_bytes {
            sound.push(chunk(b"sm24", low));
        }
        let mut igen = self.instrument.clone();
        igen.push((53, 0));
        let mut ibag = vec![0, 0];
        for zone in &self.more_zones {
            ibag.extend([igen.len() as u16, self.instrument_modulators.len() as u16]);
            igen.extend(zone.iter().copied().chain([(53, 0)]));
        }
        ibag.extend([igen.len() as u16, self.instrument_modulators.len() as u16]);
        igen.push((0, 0));
        let mut pgen = self.preset.clone();
        pgen.extend([(41, 0), (0, 0)]);
        let (zones, pmods) = (1 + self.more_zones.len() as u16, self.preset_modulators.len() as u16);
        let (kind, version) = if self.compressed.is_some() { (17, 3) } else { (1, 2) };
        let places = [0, self.end, self.loop_start, self.loop_end, self.rate];
        let mut sample: Vec<u8> = places.iter().flat_map(|place| place.to_le_bytes()).collect();
        sample.extend([self.root, self.correction as u8, 0, 0, kind, 0]);
        let mut phdr = Vec::new();
        for (bank, bag) in [(0, 0), (128, 0)] {
            // Two presets: the sound, and an empty one for percussion.
            let first = if bank == 0 { bag } else { 1 };
            phdr.extend(named("tone", &[words(&[0, bank, first]), vec![0; 12]].concat()));
        }
        phdr.extend(named("EOP", &[words(&[0, 0, 1]), vec![0; 12]].concat()));
        let pdta = [
            chunk(b"phdr", &phdr),
            chunk(b"pbag", &words(&[0, 0, pgen.len() as u16 - 1, pmods])),
            chunk(b"pmod", &modulators(&self.preset_modulators)),
            chunk(b"pgen", &generators(&pgen)),
            chunk(b"inst", &[named("tone", &words(&[0])), named("EOI", &words(&[zones]))].concat()),
            chunk(b"ibag", &words(&ibag)),
            chunk(b"imod", &modulators(&self.instrument_modulators)),
            chunk(b"igen", &generators(&igen)),
            chunk(b"shdr", &[named("wave", &sample), named("EOS", &[0; 26])].concat()),
        ];
        let info = [chunk(b"ifil", &words(&[version, 4])), chunk(b"INAM", b"test\0\0")];
        let body =
            [b"sfbk".to_vec(), list(b"INFO", &info), list(b"sdta", &sound), list(b"pdta", &pdta)].concat();
        chunk(b"RIFF", &body)
    }
}

/// A bank of so many presets, each a loop of its own of so many samples, at a pitch of its own; `low_bytes` for 24 bits.
pub fn many(presets: u16, length: u32, low_bytes: bool) -> Vec<u8> {
    let total = u32::from(presets) * length;
    let wave = |n: u32| {
        let cycle =
            f64::from(n % length) * f64::from(3 + n / length) * std::f64::consts::TAU / f64::from(length);
        (20_000.0 * cycle.sin()) as i16
    };
    let samples: Vec<u16> = (0..total).map(|n| wave(n) as u16).collect();
    let mut sound = vec![chunk(b"smpl", &words(&samples))];
    if low_bytes {
        sound.push(chunk(b"sm24", &(0..total).map(|n| n as u8).collect::<Vec<_>>()));
    }
    let (mut phdr, mut pgen, mut inst, mut igen, mut shdr) = (vec![], vec![], vec![], vec![], vec![]);
    for n in 0..presets {
        phdr.extend(named("preset", &[words(&[n, 0, n]), vec![0; 12]].concat()));
        pgen.push((41, n as i16));
        inst.extend(named("instrument", &words(&[n])));
        igen.extend([(54, 1), (53, n as i16)]);
        let start = u32::from(n) * length;
        let places = [start, start + length, start + length / 4, start + length / 2, 44_100];
        let mut sample: Vec<u8> = places.iter().flat_map(|place| place.to_le_bytes()).collect();
        sample.extend([60, 0, 0, 0, 1, 0]);
        shdr.extend(named("wave", &sample));
    }
    phdr.extend(named("EOP", &[words(&[0, 0, presets]), vec![0; 12]].concat()));
    inst.extend(named("EOI", &words(&[presets])));
    let bags = |step: u16| words(&(0..=presets).flat_map(|n| [n * step, 0]).collect::<Vec<_>>());
    let pdta = [
        chunk(b"phdr", &phdr),
        chunk(b"pbag", &bags(1)),
        chunk(b"pmod", &modulators(&[])),
        chunk(b"pgen", &generators(&[pgen, vec![(0, 0)]].concat())),
        chunk(b"inst", &inst),
        chunk(b"ibag", &bags(2)),
        chunk(b"imod", &modulators(&[])),
        chunk(b"igen", &generators(&[igen, vec![(0, 0)]].concat())),
        chunk(b"shdr", &[shdr, named("EOS", &[0; 26])].concat()),
    ];
    let info = [chunk(b"ifil", &words(&[2, 4])), chunk(b"INAM", b"many\0\0")];
    let lists = [list(b"INFO", &info), list(b"sdta", &sound), list(b"pdta", &pdta)];
    chunk(b"RIFF", &[b"sfbk".to_vec(), lists.concat()].concat())
}
