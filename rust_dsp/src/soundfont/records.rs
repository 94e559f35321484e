//! The nine tables of the `pdta` list: presets, instruments and samples, as the file has them.

use super::error::SoundFontError;
use super::modulator::Modulator;
use super::riff::Chunk;
use std::slice::ChunksExact;

/// A preset's or an instrument's header.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Program and bank; nought for instruments.
    pub program: u16,
    /// The bank; 128 is percussion.
    pub bank: u16,
    /// The first of its zones.
    pub bag: usize,
}

/// Where a zone's generators and modulators begin; they end where the next zone's begin.
#[derive(Clone, Copy, Debug)]
pub struct Bag {
    /// The first generator.
    pub generator: usize,
    /// The first modulator.
    pub modulator: usize,
}

/// One generator as a zone lists it.
#[derive(Clone, Copy, Debug)]
pub struct Generator {
    /// Which one.
    pub id: u16,
    /// How much.
    pub amount: i16,
}

/// A sample's header. Places are in samples from the start of `smpl`.
#[derive(Clone, Debug)]
pub struct SampleHeader {
    /// Its name.
    pub name: String,
    /// The first sample.
    pub start: u32,
    /// One past the last sample.
    pub end: u32,
    /// The first sample of the loop.
    pub loop_start: u32,
    /// One past the last sample of the loop.
    pub loop_end: u32,
    /// Sample rate in hertz.
    pub rate_hz: u32,
    /// The key it was recorded at; 255 where it has none.
    pub root_key: u8,
    /// What to add to its pitch, in cents.
    pub correction: i8,
    /// Mono 1, right 2, left 4, linked 8; plus 16 compressed, plus 32,768 in ROM.
    pub kind: u16,
    /// Where its header lies in the file.
    pub offset: usize,
}

/// Presets or instruments, with their zones.
#[derive(Clone, Debug)]
pub struct Level {
    /// The headers, the terminal one included.
    pub headers: Vec<Header>,
    /// The zones, the terminal one included.
    pub bags: Vec<Bag>,
    /// The generators of all zones.
    pub generators: Vec<Generator>,
    /// The modulators of all zones.
    pub modulators: Vec<Modulator>,
    /// Where the generators lie in the file.
    pub generators_offset: usize,
}

impl Level {
    /// Presets, from `phdr`, `pbag`, `pmod` and `pgen`, or instruments, from `inst` and so on.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// The bytes are not what they should be; names the chunk and the place.
    pub fn read(tables: [&Chunk; 4], is_preset: bool) -> Result<Self, SoundFontError> {
        let [headers, bags, modulators, generators] = tables;
        let level = Self {
            headers: if is_preset { read_presets(headers)? } else { read_instruments(headers)? },
            bags: read_bags(bags)?,
            modulators: read_modulators(modulators)?,
            generators: read_generators(generators)?,
            generators_offset: generators.offset,
        };
        let size = if is_preset { 38 } else { 22 };
        let last = level.bags.len() - 1;
        check_order(headers, size, last, "zone", level.headers.iter().map(|header| header.bag))?;
        // The terminal records stand for nothing, but real files may lack them here.
        let most = level.generators.len();
        check_order(bags, 4, most, "generator", level.bags.iter().map(|bag| bag.generator))?;
        let most = level.modulators.len();
        check_order(bags, 4, most, "modulator", level.bags.iter().map(|bag| bag.modulator))?;
        Ok(level)
    }
}

/// Sample headers from `shdr`, without the terminal one.
///
/// Realtime-safe: no (allocates).
///
/// # Errors
/// The bytes are not what they should be; names the chunk and the place.
pub fn read_samples(chunk: &Chunk) -> Result<Vec<SampleHeader>, SoundFontError> {
    let rows = rows(chunk, 46, 1)?;
    let count = rows.len() - 1;
    let sample = |(row, r): (usize, &[u8])| SampleHeader {
        name: name(&r[..20]),
        start: u32_at(r, 20),
        end: u32_at(r, 24),
        loop_start: u32_at(r, 28),
        loop_end: u32_at(r, 32),
        rate_hz: u32_at(r, 36),
        root_key: r[40],
        correction: r[41] as i8,
        kind: u16_at(r, 44),
        offset: chunk.offset + 46 * row,
    };
    Ok(rows.take(count).enumerate().map(sample).collect())
}

fn read_presets(chunk: &Chunk) -> Result<Vec<Header>, SoundFontError> {
    let header = |r: &[u8]| Header {
        name: name(&r[..20]),
        program: u16_at(r, 20),
        bank: u16_at(r, 22),
        bag: usize::from(u16_at(r, 24)),
    };
    Ok(rows(chunk, 38, 2)?.map(header).collect())
}

fn read_instruments(chunk: &Chunk) -> Result<Vec<Header>, SoundFontError> {
    let header =
        |r: &[u8]| Header { name: name(&r[..20]), program: 0, bank: 0, bag: usize::from(u16_at(r, 20)) };
    Ok(rows(chunk, 22, 2)?.map(header).collect())
}

fn read_bags(chunk: &Chunk) -> Result<Vec<Bag>, SoundFontError> {
    let bag = |r: &[u8]| Bag { generator: usize::from(u16_at(r, 0)), modulator: usize::from(u16_at(r, 2)) };
    Ok(rows(chunk, 4, 1)?.map(bag).collect())
}

fn read_generators(chunk: &Chunk) -> Result<Vec<Generator>, SoundFontError> {
    let generator = |r: &[u8]| Generator { id: u16_at(r, 0), amount: u16_at(r, 2) as i16 };
    Ok(rows(chunk, 4, 0)?.map(generator).collect())
}

fn read_modulators(chunk: &Chunk) -> Result<Vec<Modulator>, SoundFontError> {
    let modulator = |r: &[u8]| Modulator {
        source: u16_at(r, 0),
        destination: u16_at(r, 2),
        amount: u16_at(r, 4) as i16,
        amount_source: u16_at(r, 6),
        transform: u16_at(r, 8),
    };
    Ok(rows(chunk, 10, 0)?.map(modulator).collect())
}

/// The rows of a table, at least `least` of them.
fn rows<'a>(chunk: &Chunk<'a>, size: usize, least: usize) -> Result<ChunksExact<'a, u8>, SoundFontError> {
    let rows = chunk.data.chunks_exact(size);
    if !rows.remainder().is_empty() {
        let what = format!("{} bytes, not a multiple of {size}", chunk.data.len());
        return Err(chunk.error(0, what));
    }
    if rows.len() < least {
        return Err(chunk.error(0, format!("{} records, but at least {least} are needed", rows.len())));
    }
    Ok(rows)
}

/// Indices must not fall and not point beyond what there is.
fn check_order(
    chunk: &Chunk,
    size: usize,
    most: usize,
    to: &str,
    indices: impl Iterator<Item = usize>,
) -> Result<(), SoundFontError> {
    let mut least = 0;
    for (row, index) in indices.enumerate() {
        if index < least || index > most {
            let what = format!("record {row} begins at {to} {index}, outside {least} to {most}");
            return Err(chunk.error(size * row, what));
        }
        least = index;
    }
    Ok(())
}

fn u16_at(row: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([row[at], row[at + 1]])
}

fn u32_at(row: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]])
}

/// Text up to the first zero byte; letters beyond ASCII are taken as Latin-1.
fn name(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take_while(|&&byte| byte != 0)
        .map(|&byte| char::from(byte))
        .collect::<String>()
        .trim()
        .into()
}
