//! A region: the stretch of the pool that a zone plays, and its loop.

use super::error::SoundFontError;
use super::generator::{self as gen, Amounts};
use super::pool::Pool;
use super::records::SampleHeader;
use std::ops::Range;

/// A stretch of the pool; places are in the pool.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// The first sample.
    pub start: u32,
    /// One past the last sample.
    pub end: u32,
    /// The first sample of the loop.
    pub loop_start: u32,
    /// One past the last of the loop.
    pub loop_end: u32,
    /// The loop's seam.
    pub loop_seam: u32,
    /// The end's seam.
    pub end_seam: u32,
    /// Whether it loops, and until when.
    pub looping: Looping,
    /// Sample rate in hertz.
    pub rate_hz: f32,
    /// The key it was recorded at.
    pub root_key: f32,
    /// What to add to its pitch, in cents.
    pub correction_cents: f32,
    /// Its highest sample, or a little more.
    pub peak: f32,
}

/// When a region loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looping {
    /// Never.
    Off,
    /// As long as it sounds.
    Always,
    /// Until the key goes up; then it plays to its end.
    UntilRelease,
}

/// What a zone plays of the file's samples, before these are laid out.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    start: u32,
    end: u32,
    loop_start: u32,
    loop_end: u32,
    looping: Looping,
}

impl Bounds {
    /// What a zone plays of `count` samples, or `None` where that is nothing: a sample in ROM, or of no length.
    ///
    /// Realtime-safe: no (may allocate an error).
    ///
    /// # Errors
    /// The sample lies outside `smpl`, or has no rate.
    pub fn new(header: &SampleHeader, amounts: &Amounts, count: u32) -> Result<Option<Self>, SoundFontError> {
        if header.kind & 0x8000 != 0 {
            return Ok(None);
        }
        check(header, count)?;
        let moved = |from: u32, fine: usize, coarse: usize| {
            let offset = i64::from(amounts[fine]) + 32_768 * i64::from(amounts[coarse]);
            (i64::from(from) + offset).clamp(0, i64::from(count)) as u32
        };
        let start = moved(header.start, gen::START_OFFSET, gen::START_COARSE);
        let end = moved(header.end, gen::END_OFFSET, gen::END_COARSE);
        if start >= end {
            return Ok(None);
        }
        let loop_start = moved(header.loop_start, gen::LOOP_START_OFFSET, gen::LOOP_START_COARSE);
        let loop_end = moved(header.loop_end, gen::LOOP_END_OFFSET, gen::LOOP_END_COARSE);
        let wanted = match amounts[gen::SAMPLE_MODES] & 3 {
            1 => Looping::Always,
            3 => Looping::UntilRelease,
            _ => Looping::Off,
        };
        // A loop that is none is left out; one that ends beyond the sample is played, as real banks have it.
        let looping = if loop_start < loop_end && loop_end > start { wanted } else { Looping::Off };
        Ok(Some(Self { start, end, loop_start, loop_end, looping }))
    }

    /// All of the file's samples that may be heard.
    ///
    /// Realtime-safe: yes.
    pub fn span(&self) -> Range<u32> {
        match self.looping {
            Looping::Off => self.start..self.end,
            _ => self.start.min(self.loop_start)..self.end.max(self.loop_end),
        }
    }
}

impl Region {
    /// What a zone plays, in a pool that holds its span.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// The pool is full.
    pub fn new(
        bounds: &Bounds,
        header: &SampleHeader,
        amounts: &Amounts,
        pool: &mut Pool,
    ) -> Result<Self, SoundFontError> {
        let &Bounds { start, end, loop_start, loop_end, looping } = bounds;
        let full = || SoundFontError::new("shdr", header.offset, "too many different loops in one bank");
        let loop_seam = match looping {
            Looping::Off => 0,
            _ => pool.loop_seam(loop_start, loop_end).ok_or_else(full)?,
        };
        let end_seam = match looping {
            Looping::Always => 0,
            _ => pool.end_seam(end).ok_or_else(full)?,
        };
        Ok(Self {
            start: pool.place(start),
            end: pool.place(end),
            loop_start: pool.place(loop_start),
            loop_end: pool.place(loop_end),
            loop_seam,
            end_seam,
            looping,
            rate_hz: header.rate_hz as f32,
            root_key: root_key(header, amounts),
            correction_cents: f32::from(header.correction),
            peak: pool.peak(start, end),
        })
    }
}

fn root_key(header: &SampleHeader, amounts: &Amounts) -> f32 {
    match amounts[gen::ROOT_KEY] {
        key @ 0..=127 => f32::from(key),
        // 255 is a sound without a pitch; other values above 127 mean nothing.
        _ if header.root_key > 127 => 60.0,
        _ => f32::from(header.root_key),
    }
}

fn check(header: &SampleHeader, count: u32) -> Result<(), SoundFontError> {
    let error = |what: String| {
        Err(SoundFontError::new("shdr", header.offset, format!("sample {:?} {what}", header.name)))
    };
    if header.start > header.end || header.end > count {
        return error(format!("is {} to {}, but smpl holds 0 to {count}", header.start, header.end));
    }
    if !(50..=400_000).contains(&header.rate_hz) {
        return error(format!("has a rate of {} Hz, outside 50 to 400000", header.rate_hz));
    }
    Ok(())
}
