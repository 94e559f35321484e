//! A SoundFont, ready to play: for each preset a flat table of zones with everything resolved.

use super::compressed;
use super::error::SoundFontError;
use super::file::File;
use super::generator::{self as gen, Amounts};
use super::links::{find, groups};
use super::modulator::{Modulator, DEFAULTS};
use super::pool::Pool;
use super::region::Region;
use super::riff::Chunk;
use super::zones::{replace, zones, Ranges, Zone};
use std::collections::HashMap;
use std::ops::Range;

/// The most zones of all presets together; FluidR3 has some 9,000.
const MOST_ZONES: usize = 1 << 17;
/// The most pairs of a preset's and an instrument's zones that are looked at.
const MOST_PAIRS: usize = 1 << 22;
/// The most modulators of all layers together.
const MOST_MODULATORS: usize = 1 << 20;
/// The bank of percussion.
pub const PERCUSSION: u16 = 128;

/// A preset.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// Its bank; 128 is percussion.
    pub bank: u16,
    /// Its program, 0 to 127.
    pub program: u16,
    zones: Range<usize>,
}

/// What one note of one zone plays.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Generators: the instrument's, with the preset's added.
    pub amounts: Amounts,
    /// What it plays.
    pub region: Region,
    /// Where its modulators lie in the table of all, and how many there are.
    modulators: (u32, u16),
}

/// A bank of presets with their samples.
#[derive(Debug)]
pub struct SoundFont {
    /// The name of the bank.
    pub name: String,
    presets: Vec<Preset>,
    ranges: Vec<Ranges>,
    layers: Vec<Layer>,
    modulators: Vec<Modulator>,
    samples: Vec<f32>,
}

impl SoundFont {
    /// The bank in the bytes of a file.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// The bytes are no SoundFont, or a broken one: names the chunk and the place.
    pub fn parse(bytes: &[u8]) -> Result<Self, SoundFontError> {
        let file = File::read(bytes)?;
        if !compressed::is_compressed(&file) {
            return Self::build(&file);
        }
        let expanded = compressed::expand(&file)?;
        let samples = Chunk { data: &expanded.samples, ..file.samples };
        Self::build(&File { samples, low_bytes: &[], headers: expanded.headers, ..file })
    }

    fn build(file: &File) -> Result<Self, SoundFontError> {
        let mut builder = Builder::new(file)?;
        for index in 0..file.presets.headers.len() - 1 {
            builder.add_preset(index)?;
        }
        Ok(builder.finish())
    }

    /// The presets, by bank and program.
    ///
    /// Realtime-safe: yes.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// The preset with this bank and program.
    ///
    /// Realtime-safe: yes.
    pub fn find(&self, bank: u16, program: u16) -> Option<usize> {
        self.presets.binary_search_by_key(&(bank, program), |preset| (preset.bank, preset.program)).ok()
    }

    /// The layers that a note of a preset plays, with their numbers.
    ///
    /// Realtime-safe: yes.
    pub fn layers(&self, preset: usize, key: u8, velocity: u8) -> impl Iterator<Item = (usize, &Layer)> {
        let zones = self.presets.get(preset).map_or(0..0, |preset| preset.zones.clone());
        zones
            .filter(move |&zone| self.ranges[zone].contain(key, velocity))
            .map(|zone| (zone, &self.layers[zone]))
    }

    /// The layer with this number.
    ///
    /// Realtime-safe: yes.
    pub fn layer(&self, index: usize) -> Option<&Layer> {
        self.layers.get(index)
    }

    /// The modulators of a layer.
    ///
    /// Realtime-safe: yes.
    pub fn modulators(&self, layer: &Layer) -> &[Modulator] {
        let (start, count) = layer.modulators;
        &self.modulators[start as usize..][..usize::from(count)]
    }

    /// The row of samples that regions lie in.
    ///
    /// Realtime-safe: yes.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }
}

/// An instrument's zone: defaults, global zone and own, one over the other.
struct InstrumentZone {
    ranges: Ranges,
    amounts: Amounts,
    modulators: Vec<Modulator>,
    sample: usize,
}

struct Builder<'a> {
    file: &'a File<'a>,
    pool: Pool,
    instruments: Vec<Option<Vec<InstrumentZone>>>,
    known: HashMap<Vec<Modulator>, (u32, u16)>,
    pairs: usize,
    font: SoundFont,
}

impl<'a> Builder<'a> {
    fn new(file: &'a File<'a>) -> Result<Self, SoundFontError> {
        let font = SoundFont {
            name: file.name.clone(),
            presets: Vec::new(),
            ranges: Vec::new(),
            layers: Vec::new(),
            modulators: Vec::new(),
            samples: Vec::new(),
        };
        Ok(Self {
            file,
            pool: Pool::new(&file.samples, file.low_bytes)?,
            instruments: (1..file.instruments.headers.len()).map(|_| None).collect(),
            known: HashMap::new(),
            pairs: 0,
            font,
        })
    }

    fn add_preset(&mut self, index: usize) -> Result<(), SoundFontError> {
        let level = &self.file.presets;
        let first = self.font.layers.len();
        for zone in zones(level, index, gen::INSTRUMENT)? {
            let at = level.generators_offset;
            if zone.target >= self.instruments.len() {
                let (seen, count) = (zone.target, self.instruments.len());
                let what = format!("preset {index} plays instrument {seen}, but there are {count}");
                return Err(SoundFontError::new("pgen", at, what));
            }
            let instrument = match self.instruments[zone.target].take() {
                Some(known) => known,
                None => self.instrument(zone.target)?,
            };
            let added = instrument.iter().try_for_each(|inner| self.add_layer(&zone, inner, at));
            self.instruments[zone.target] = Some(instrument);
            added?;
        }
        let header = &level.headers[index];
        self.font.presets.push(Preset {
            name: header.name.clone(),
            bank: header.bank,
            program: header.program,
            zones: first..self.font.layers.len(),
        });
        Ok(())
    }

    fn instrument(&self, index: usize) -> Result<Vec<InstrumentZone>, SoundFontError> {
        let level = &self.file.instruments;
        let mut made = Vec::new();
        for zone in zones(level, index, gen::SAMPLE)? {
            let count = self.file.headers.len();
            if zone.target >= count {
                let what = format!("instrument {index} plays sample {}, but there are {count}", zone.target);
                return Err(SoundFontError::new("igen", level.generators_offset, what));
            }
            let mut amounts = gen::DEFAULTS;
            for &(id, amount) in &zone.amounts {
                amounts[id] = amount;
            }
            let mut modulators = DEFAULTS.to_vec();
            replace(&mut modulators, &zone.modulators);
            made.push(InstrumentZone { ranges: zone.ranges, amounts, modulators, sample: zone.target });
        }
        Ok(made)
    }

    /// A preset's zone over an instrument's: one layer, if they have notes in common.
    fn add_layer(&mut self, outer: &Zone, inner: &InstrumentZone, at: usize) -> Result<(), SoundFontError> {
        self.pairs += 1;
        if self.pairs > MOST_PAIRS || self.font.layers.len() >= MOST_ZONES {
            let what = format!("the presets have more than {MOST_ZONES} zones in all");
            return Err(SoundFontError::new("pgen", at, what));
        }
        let Some(ranges) = outer.ranges.common(&inner.ranges) else {
            return Ok(());
        };
        let mut amounts = inner.amounts;
        for &(id, amount) in outer.amounts.iter().filter(|(id, _)| gen::is_preset_generator(*id)) {
            amounts[id] = amounts[id].saturating_add(amount);
        }
        let header = &self.file.headers[inner.sample];
        let Some(region) = Region::new(header, &amounts, &mut self.pool)? else {
            return Ok(());
        };
        let modulators = self.intern(added(&inner.modulators, &outer.modulators), at)?;
        self.font.ranges.push(ranges);
        self.font.layers.push(Layer { amounts, region, modulators });
        Ok(())
    }

    /// Lists of modulators are few and long: each is kept once.
    fn intern(&mut self, list: Vec<Modulator>, at: usize) -> Result<(u32, u16), SoundFontError> {
        if let Some(&known) = self.known.get(&list) {
            return Ok(known);
        }
        let all = &mut self.font.modulators;
        if all.len() + list.len() > MOST_MODULATORS {
            let what = format!("the zones have more than {MOST_MODULATORS} different modulators in all");
            return Err(SoundFontError::new("pmod", at, what));
        }
        let place = (all.len() as u32, list.len() as u16);
        all.extend_from_slice(&list);
        self.known.insert(list, place);
        Ok(place)
    }

    fn finish(mut self) -> SoundFont {
        // The first of several presets with the same numbers is the one that is heard.
        self.font.presets.sort_by_key(|preset| (preset.bank, preset.program));
        self.font.presets.dedup_by_key(|preset| (preset.bank, preset.program));
        self.font.samples = self.pool.into_samples();
        self.font
    }
}

/// A preset's modulators add to the instrument's; those that do nothing are left out.
fn added(inner: &[Modulator], outer: &[Modulator]) -> Vec<Modulator> {
    let mut all = inner.to_vec();
    for group in groups(outer) {
        let added = group[group.len() - 1].amount;
        match find(&all, group) {
            Some(place) => all[place].amount = all[place].amount.saturating_add(added),
            None => all.extend_from_slice(group),
        }
    }
    groups(&all).filter(|group| group[group.len() - 1].amount != 0).flatten().copied().collect()
}
