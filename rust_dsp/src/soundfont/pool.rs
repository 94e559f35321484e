//! The samples of a bank in one long row, and what comes after the end of each loop and each sample.
//!
//! A voice reads four neighbouring samples at a time, and many frames without asking where it is. So that it may run
//! over the end of a loop or a sample meanwhile, every such end has a seam: a copy of what lies before it, followed by
//! what is heard after it, which is the loop's start again or silence.

use super::error::SoundFontError;
use super::riff::Chunk;
use std::collections::HashMap;
use std::ops::Range;

/// The most samples a voice moves on between two looks at where it is.
pub const STRIDE: u32 = 256;
/// Samples before the end that a seam repeats; a voice that will run over the end is no farther from it.
pub const SEAM_BEFORE: u32 = STRIDE + 8;
/// Samples of a seam after the end.
const SEAM_AFTER: u32 = STRIDE + 8;
/// Zeros before the first and after the last sample.
const MARGIN: u32 = SEAM_BEFORE;
/// The most seams, 2 kB each: enough for any bank there is, and a bound for one that lies.
const MOST_SEAMS: usize = 1 << 15;
/// Samples of the file that are taken along on either side of what is wanted, for interpolation.
const AROUND: u32 = 8;

/// Wanted samples of the file, and where they lie in the row.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
    place: u32,
}

/// The samples while a bank is put together.
pub struct Pool {
    samples: Vec<f32>,
    spans: Vec<Span>,
    peaks: HashMap<(u32, u32), f32>,
    seams: HashMap<(u32, u32), u32>,
}

/// How many samples a `smpl` chunk has.
///
/// Realtime-safe: no (may allocate an error).
///
/// # Errors
/// There are too many.
pub fn sample_count(chunk: &Chunk) -> Result<u32, SoundFontError> {
    let count = u32::try_from(chunk.data.len() / 2).ok().filter(|&count| count < 1 << 30);
    count.ok_or_else(|| chunk.error(0, "more than 1073741823 samples"))
}

impl Pool {
    /// The wanted samples of a `smpl` chunk, with the lowest eight bits of each if there are any.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// There are too many samples.
    pub fn new(
        chunk: &Chunk,
        low_bytes: &[u8],
        wanted: impl Iterator<Item = Range<u32>>,
    ) -> Result<Self, SoundFontError> {
        let mut spans = merged(wanted, sample_count(chunk)?);
        let total: usize = spans.iter().map(|span| (span.end - span.start) as usize).sum();
        let mut samples = Vec::with_capacity(total + 2 * MARGIN as usize);
        samples.resize(MARGIN as usize, 0.0);
        for span in &mut spans {
            span.place = samples.len() as u32;
            let (start, end) = (span.start as usize, span.end as usize);
            let high = chunk.data[2 * start..2 * end].chunks_exact(2);
            let high = high.map(|b| i32::from(i16::from_le_bytes([b[0], b[1]])));
            match low_bytes.get(start..end) {
                Some(low) => {
                    let whole = high.zip(low).map(|(sample, &low)| (sample << 8) | i32::from(low));
                    samples.extend(whole.map(|sample| sample as f32 * (1.0 / 8_388_608.0)));
                }
                None => samples.extend(high.map(|sample| sample as f32 * (1.0 / 32_768.0))),
            }
        }
        samples.resize(samples.len() + MARGIN as usize, 0.0);
        Ok(Self { samples, spans, peaks: HashMap::new(), seams: HashMap::new() })
    }

    /// Where a sample of the file lies in the row; it is one of those that are wanted, or next to one.
    ///
    /// Realtime-safe: yes.
    pub fn place(&self, sample: u32) -> u32 {
        let after = self.spans.partition_point(|span| span.start <= sample);
        let span = self.spans[..after].last();
        span.map_or(MARGIN, |span| span.place + sample.min(span.end) - span.start)
    }

    /// The highest of the samples from `start` up to `end`.
    ///
    /// Realtime-safe: no (allocates).
    pub fn peak(&mut self, start: u32, end: u32) -> f32 {
        if let Some(&known) = self.peaks.get(&(start, end)) {
            return known;
        }
        let places = self.place(start) as usize..self.place(end) as usize;
        let stretch = self.samples.get(places).unwrap_or(&[]);
        let peak = stretch.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        self.peaks.insert((start, end), peak);
        peak
    }

    /// The seam of a loop, both ends as samples of the file; the same loop has one seam.
    ///
    /// Realtime-safe: no (allocates).
    pub fn loop_seam(&mut self, start: u32, end: u32) -> Option<u32> {
        self.seam(start, end)
    }

    /// The seam of a sample's end, after which there is silence.
    ///
    /// Realtime-safe: no (allocates).
    pub fn end_seam(&mut self, end: u32) -> Option<u32> {
        self.seam(u32::MAX, end)
    }

    fn seam(&mut self, start: u32, end: u32) -> Option<u32> {
        if let Some(&known) = self.seams.get(&(start, end)) {
            return Some(known);
        }
        if self.seams.len() >= MOST_SEAMS {
            return None;
        }
        let base = u32::try_from(self.samples.len()).ok()?;
        let before = (self.place(end) - SEAM_BEFORE) as usize;
        self.samples.extend_from_within(before..before + SEAM_BEFORE as usize);
        let first = self.place(start);
        for n in 0..SEAM_AFTER {
            let after = if start < end { self.samples[(first + n % (end - start)) as usize] } else { 0.0 };
            self.samples.push(after);
        }
        self.seams.insert((start, end), base);
        Some(base)
    }

    /// The row as voices read it.
    ///
    /// Realtime-safe: yes.
    pub fn into_samples(self) -> Vec<f32> {
        self.samples
    }
}

/// What is wanted, in order and without overlaps, and a little around it.
fn merged(wanted: impl Iterator<Item = Range<u32>>, count: u32) -> Vec<Span> {
    let around = |range: Range<u32>| {
        let (start, end) = (range.start.saturating_sub(AROUND), range.end.saturating_add(AROUND).min(count));
        Span { start, end, place: 0 }
    };
    let mut all: Vec<Span> = wanted.map(around).filter(|span| span.start < span.end).collect();
    all.sort_by_key(|span| (span.start, span.end));
    let mut spans: Vec<Span> = Vec::new();
    for span in all {
        match spans.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
    spans
}
