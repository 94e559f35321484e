//! What an oracle has heard, as bytes: it remembers the set list. Any bytes are read to the end or refused with a reason.

use super::kernel::Kernel;
use super::packing::{Reader, Writer};
use super::session::CAPACITY;
use super::token::{CHORDS, GAP};

const MAGIC: &[u8; 8] = b"smSONGS1";

/// What is remembered.
#[derive(Clone, Debug, PartialEq)]
struct Memory {
    /// The oldest first, songs parted by `GAP`.
    tokens: Vec<u8>,
    beats_per_bar: u8,
    position: u8,
    bar: u32,
    /// The mixer's numbers.
    trust: Vec<f32>,
}

/// Everything that was heard.
///
/// Realtime-safe: no.
pub fn save(kernel: &Kernel) -> Vec<u8> {
    let session = kernel.session();
    let mut writer = Writer::default();
    writer.raw(MAGIC);
    writer.raw(&[session.grid.number(), session.context.beats_per_bar, session.context.position]);
    writer.word(session.context.bar);
    let tokens: Vec<u8> = session.past.tokens().iter().rev().copied().collect();
    writer.bytes(&tokens);
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
    let known: Vec<&[u8]> = songs(&mine.tokens).collect();
    let mut tokens = Vec::new();
    for song in songs(&other.tokens).filter(|song| !known.contains(song)) {
        tokens.extend_from_slice(song);
        tokens.push(GAP);
    }
    if tokens.is_empty() {
        return Ok(());
    }
    tokens.extend_from_slice(&mine.tokens);
    let surplus = tokens.len().saturating_sub(CAPACITY);
    mine.tokens = tokens.split_off(surplus);
    restore(kernel, &mine);
    Ok(())
}

fn restore(kernel: &mut Kernel, memory: &Memory) {
    kernel.forget();
    kernel.remember(&memory.tokens);
    kernel.set_meter(memory.beats_per_bar, memory.position);
    kernel.set_bar(memory.bar);
    kernel.mixer_mut().set_numbers(&memory.trust);
}

fn songs(tokens: &[u8]) -> impl Iterator<Item = &[u8]> {
    tokens.split(|&token| token == GAP).filter(|song| !song.is_empty())
}

fn read(bytes: &[u8], grid: u8) -> Result<Memory, String> {
    let body = bytes.len().checked_sub(4).ok_or("too short for an oracle's memory")?;
    let mut reader = Reader::new(&bytes[..body]);
    if reader.take(MAGIC.len())? != MAGIC {
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
    let (tokens, trust) = (reader.bytes()?, reader.floats()?);
    reader.end()?;
    if beats_per_bar == 0 || position >= beats_per_bar {
        return Err(format!("position {position} is outside a bar of {beats_per_bar}"));
    }
    if tokens.len() > CAPACITY {
        return Err(format!("{} events are more than the {CAPACITY} that fit", tokens.len()));
    }
    if let Some(token) = tokens.iter().find(|&&token| token != GAP && token as usize >= CHORDS) {
        return Err(format!("token {token} is outside 0 to {}", CHORDS - 1));
    }
    if trust.len() != super::mixer::NUMBERS || trust.iter().any(|x| !x.is_finite() || x.abs() > 100.0) {
        return Err("the numbers of trust are out of range".to_owned());
    }
    Ok(Memory { tokens, beats_per_bar, position, bar, trust })
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |sum, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
