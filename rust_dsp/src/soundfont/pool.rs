//! The samples of a bank in one long row, and what comes after the end of each loop and each sample.
//!
//! A voice reads four neighbouring samples at a time, and many frames without asking where it is. So that it may run
//! over the end of a loop or a sample meanwhile, every such end has a seam: a copy of what lies before it, followed by
//! what is heard after it, which is the loop's start again or silence.

use super::error::SoundFontError;
use super::riff::Chunk;
use std::collections::HashMap;

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
/// Samples whose highest is noted together.
const PEAK_BLOCK: usize = 4_096;

/// The samples while a bank is put together.
pub struct Pool {
    samples: Vec<f32>,
    peaks: Vec<f32>,
    count: u32,
    seams: HashMap<(u32, u32), u32>,
}

impl Pool {
    /// All samples of a `smpl` chunk, with the lowest eight bits of each if there are any.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// There are too many samples.
    pub fn new(chunk: &Chunk, low_bytes: &[u8]) -> Result<Self, SoundFontError> {
        let Some(count) = u32::try_from(chunk.data.len() / 2).ok().filter(|&count| count < 1 << 30) else {
            return Err(chunk.error(0, "more than 1073741823 samples"));
        };
        let mut samples = Vec::with_capacity(count as usize + 2 * MARGIN as usize);
        samples.resize(MARGIN as usize, 0.0);
        let high = chunk.data.chunks_exact(2).map(|b| i32::from(i16::from_le_bytes([b[0], b[1]])));
        if low_bytes.is_empty() {
            samples.extend(high.map(|sample| sample as f32 * (1.0 / 32_768.0)));
        } else {
            let whole = high.zip(low_bytes).map(|(sample, &low)| (sample << 8) | i32::from(low));
            samples.extend(whole.map(|sample| sample as f32 * (1.0 / 8_388_608.0)));
        }
        let peak = |block: &[f32]| block.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let peaks = samples[MARGIN as usize..].chunks(PEAK_BLOCK).map(peak).collect();
        samples.resize(samples.len() + MARGIN as usize, 0.0);
        Ok(Self { samples, peaks, count, seams: HashMap::new() })
    }

    /// How many samples the file has.
    ///
    /// Realtime-safe: yes.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Where a sample of the file lies in the row.
    ///
    /// Realtime-safe: yes.
    pub fn place(sample: u32) -> u32 {
        MARGIN + sample
    }

    /// The highest of the samples from `start` up to `end`, or a little more.
    ///
    /// Realtime-safe: yes.
    pub fn peak(&self, start: u32, end: u32) -> f32 {
        let blocks = start as usize / PEAK_BLOCK..(end as usize).div_ceil(PEAK_BLOCK);
        self.peaks.get(blocks).unwrap_or(&[]).iter().fold(0.0, |peak, block| peak.max(*block))
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
        let before = (Self::place(end) - SEAM_BEFORE) as usize;
        self.samples.extend_from_within(before..before + SEAM_BEFORE as usize);
        for n in 0..SEAM_AFTER {
            let after =
                if start < end { self.samples[Self::place(start + n % (end - start)) as usize] } else { 0.0 };
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
