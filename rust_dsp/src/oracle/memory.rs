//! What an oracle has heard, as bytes: it remembers the set list. Any bytes are read to the end or refused with a reason.

use super::kernel::Kernel;
use super::mixer::Mixer;
use super::packing::{Reader, Writer};
use super::session::CAPACITY;
use super::token::{CHORDS, GAP};

const MAGIC: &[u8; 8] = b"smSONGS3";
/// The version before: its songs are known, its trust was in other experts.
const OLD: &[u8; 8] = b"smSONGS2";

/// What was heard: songs, the oldest first, parted by `GAP`.
#[derive(Clone, Debug, Default, PartialEq)]
struct Heard {
    /// One token an event.
    tokens: Vec<u8>,
    /// Beats from each event to the next.
    lengths: Vec<u32>,
    /// What was heard on each of these beats.
    beats: Vec<u8>,
}

/// What is remembered.
#[derive(Clone, Debug, PartialEq)]
struct Memory {
    heard: Heard,
    beats_per_bar: u8,
    position: u8,
    bar: u32,
    /// Beats a bar.
    beats_a_bar: u8,
    /// The mixer's numbers.
    trust: Vec<f32>,
}

/// Everything that was heard.
///
/// Realtime-safe: no.
pub fn save(kernel: &Kernel) -> Vec<u8> {
    let session = kernel.session();
    let heard = Heard::of(kernel);
    let mut writer = Writer::default();
    writer.raw(MAGIC);
    writer.raw(&[session.grid.number(), session.context.beats_per_bar, session.context.position]);
    writer.word(session.context.bar);
    writer.raw(&[session.timeline.bar()]);
    writer.bytes(&heard.tokens);
    // Where no beats were told, no lengths are kept.
    writer.words(if heard.beats.is_empty() { &[] } else { &heard.lengths });
    writer.bytes(&heard.beats);
    writer.floats(&kernel.mixer().numbers());
    let mut bytes = writer.finish();
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// The oracle becomes what was saved.
///
/// Realtime-safe: no.
///
/// # Errors
/// These bytes are no memory for this oracle; nothing has changed.
pub fn load(kernel: &mut Kernel, bytes: &[u8]) -> Result<(), String> {
    let memory = read(bytes, kernel.session().grid.number())?;
    restore(kernel, &memory);
    Ok(())
}

/// The oracle learns the songs of a memory that it does not know yet, as if it had heard them before all others.
///
/// Realtime-safe: no.
///
/// # Errors
/// These bytes are no memory for this oracle; nothing has changed.
pub fn merge(kernel: &mut Kernel, bytes: &[u8]) -> Result<(), String> {
    let grid = kernel.session().grid.number();
    let other = read(bytes, grid)?;
    let mut mine = read(&save(kernel), grid)?;
    let songs = mine.heard.songs();
    let mut heard = Heard::default();
    for song in
        other.heard.songs().iter().filter(|song| songs.iter().all(|known| known.tokens != song.tokens))
    {
        heard.append(song);
        heard.append(&Heard { tokens: vec![GAP], lengths: vec![0], beats: Vec::new() });
    }
    if heard.tokens.is_empty() {
        return Ok(());
    }
    heard.append(&mine.heard);
    heard.forget_all_but(CAPACITY);
    mine.heard = heard;
    restore(kernel, &mine);
    Ok(())
}

impl Heard {
    fn of(kernel: &Kernel) -> Self {
        let (past, line) = (&kernel.session().past, &kernel.session().timeline);
        let tokens: Vec<u8> = past.tokens().iter().rev().copied().collect();
        let ends = past.times().iter().rev().skip(1).copied().chain([line.now()]);
        let spans = past.times().iter().rev().zip(ends).zip(&tokens);
        // A gap takes a beat of its own, on which nothing was heard.
        let length = |((&start, end), &token): ((&u32, u32), &u8)| if token == GAP { 0 } else { end - start };
        let lengths: Vec<u32> = spans.map(length).collect();
        let beats = line.tokens().iter().rev().copied().filter(|&token| token != GAP).collect();
        let mut heard = Self { tokens, lengths, beats };
        heard.match_beats();
        heard
    }

    /// Leaves out beats of forgotten events, and lengths of forgotten beats.
    fn match_beats(&mut self) {
        let mut left = self.beats.len();
        for length in self.lengths.iter_mut().rev() {
            *length = (*length).min(left as u32);
            left -= *length as usize;
        }
        self.beats.drain(..left);
    }

    fn append(&mut self, other: &Self) {
        self.tokens.extend_from_slice(&other.tokens);
        self.lengths.extend_from_slice(&other.lengths);
        self.beats.extend_from_slice(&other.beats);
    }

    fn forget_all_but(&mut self, events: usize) {
        let surplus = self.tokens.len().saturating_sub(events);
        self.tokens.drain(..surplus);
        self.lengths.drain(..surplus);
        let surplus = self.beats.len().saturating_sub(events);
        self.beats.drain(..surplus);
        self.match_beats();
    }

    fn songs(&self) -> Vec<Self> {
        let (mut songs, mut song, mut rest) = (Vec::new(), Self::default(), &self.beats[..]);
        for (&token, &length) in self.tokens.iter().zip(&self.lengths) {
            if token == GAP {
                songs.push(std::mem::take(&mut song));
                continue;
            }
            let (beats, later) = rest.split_at(length as usize);
            song.append(&Self { tokens: vec![token], lengths: vec![length], beats: beats.to_vec() });
            rest = later;
        }
        songs.push(song);
        songs.retain(|song| !song.tokens.is_empty());
        songs
    }

    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<String> {
        for (what, count) in [("events", self.tokens.len()), ("beats", self.beats.len())] {
            if count > CAPACITY {
                return Some(format!("{count} {what} are more than the {CAPACITY} that fit"));
            }
        }
        let is_chord = |&&token: &&u8| (token as usize) < CHORDS;
        let no_chord = |token: &&u8| !is_chord(token);
        if let Some(token) = self.tokens.iter().filter(|&&token| token != GAP).find(no_chord) {
            return Some(format!("token {token} is outside 0 to {}", CHORDS - 1));
        }
        if let Some(token) = self.beats.iter().find(no_chord) {
            return Some(format!("token {token} is outside 0 to {}", CHORDS - 1));
        }
        let promised: u64 = self.lengths.iter().map(|&length| u64::from(length)).sum();
        if self.lengths.len() != self.tokens.len() || promised != self.beats.len() as u64 {
            return Some("events and beats do not fit together".to_owned());
        }
        None
    }
}

fn restore(kernel: &mut Kernel, memory: &Memory) {
    kernel.forget();
    kernel.remember(&memory.heard.tokens, &memory.heard.lengths, &memory.heard.beats, memory.beats_a_bar);
    kernel.set_meter(memory.beats_per_bar, memory.position);
    kernel.set_bar(memory.bar);
    kernel.mixer_mut().set_numbers(&memory.trust);
}

fn read(bytes: &[u8], grid: u8) -> Result<Memory, String> {
    let body = bytes.len().checked_sub(4).ok_or("too short for an oracle's memory")?;
    let mut reader = Reader::new(&bytes[..body]);
    let magic = reader.take(MAGIC.len())?;
    if magic != MAGIC && magic != OLD {
        return Err("this is no oracle's memory, or one of another version".to_owned());
    }
    if Reader::new(&bytes[body..]).word()? != checksum(&bytes[..body]) {
        return Err("this memory is damaged: its checksum is wrong".to_owned());
    }
    let number = reader.byte()?;
    if number != grid {
        return Err(format!("this memory is of grid {number}, not of grid {grid}"));
    }
    let (beats_per_bar, position, bar) = (reader.byte()?, reader.byte()?, reader.word()?);
    let beats_a_bar = reader.byte()?;
    let (tokens, mut lengths) = (reader.bytes()?, reader.words()?);
    let (beats, mut trust) = (reader.bytes()?, reader.floats()?);
    reader.end()?;
    if magic == OLD {
        trust = Mixer::new().numbers();
    }
    if beats_per_bar == 0 || position >= beats_per_bar || beats_a_bar == 0 {
        return Err(format!("position {position} is outside a bar of {beats_per_bar}"));
    }
    if lengths.is_empty() {
        lengths = vec![0; tokens.len()];
    }
    let heard = Heard { tokens, lengths, beats };
    if let Some(fault) = heard.fault() {
        return Err(fault);
    }
    if trust.len() != super::mixer::NUMBERS || trust.iter().any(|x| !x.is_finite() || x.abs() > 100.0) {
        return Err("the numbers of trust are out of range".to_owned());
    }
    Ok(Memory { heard, beats_per_bar, position, bar, beats_a_bar, trust })
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |sum, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
