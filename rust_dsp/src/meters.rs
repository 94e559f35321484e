//! What the processor tells the outside, by atomics: levels, counters, callback times.

use crate::event::PART_COUNT;
use crate::histogram::Histogram;
use crate::mixer::Level;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Time constant of the mean-square meters, in seconds.
const MEAN_SECONDS: f32 = 0.3;

/// A number the audio thread adds to and any thread reads.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds.
    ///
    /// Realtime-safe: yes.
    pub fn add(&self, amount: u64) {
        if amount > 0 {
            self.0.fetch_add(amount, Ordering::Relaxed);
        }
    }

    /// Sets.
    ///
    /// Realtime-safe: yes.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The present value.
    ///
    /// Realtime-safe: yes.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Peak since it was last read, and a running mean square.
#[derive(Default)]
pub struct LevelMeter {
    peak: AtomicU32,
    mean_square: AtomicU32,
}

impl LevelMeter {
    fn add(&self, level: Level, frames: usize, rate_hz: f32) {
        // Bits of positive floats are ordered as the floats are.
        self.peak.fetch_max(level.peak.to_bits(), Ordering::Relaxed);
        let share = 1.0 - (-(frames as f32) / (MEAN_SECONDS * rate_hz)).exp();
        let old = f32::from_bits(self.mean_square.load(Ordering::Relaxed));
        let now = level.sum / (2 * frames.max(1)) as f32;
        let mean = old + (now - old) * share;
        self.mean_square.store(mean.to_bits(), Ordering::Relaxed);
    }

    /// The highest sample since the last call.
    ///
    /// Realtime-safe: yes.
    pub fn take_peak(&self) -> f32 {
        f32::from_bits(self.peak.swap(0, Ordering::Relaxed))
    }

    /// The root mean square over about 0.3 s.
    ///
    /// Realtime-safe: yes.
    pub fn rms(&self) -> f32 {
        f32::from_bits(self.mean_square.load(Ordering::Relaxed)).sqrt()
    }
}

/// Everything that is published.
#[derive(Default)]
pub struct Meters {
    /// One meter a part, then the master.
    pub levels: [LevelMeter; PART_COUNT + 1],
    /// Voices sounding.
    pub voices: Counter,
    /// Voices stolen.
    pub stolen: Counter,
    /// Events carried out.
    pub events: Counter,
    /// Events lost for want of room.
    pub dropped: Counter,
    /// Events that came after their time and were played at once.
    pub late: Counter,
    /// Events that meant nothing here.
    pub ignored: Counter,
    /// Times every sound was ended because an ending had been lost.
    pub overflows: Counter,
    /// Callbacks that took longer than their block lasts.
    pub overruns: Counter,
    /// Gaps the backend reported.
    pub backend_xruns: Counter,
    /// Callbacks so far.
    pub callbacks: Counter,
    /// Frames rendered so far.
    pub frames: Counter,
    /// Chunks thrown away because they held something that is no number.
    pub broken_chunks: Counter,
    /// Times the loop that tells the time began anew: at the start, and after a gap.
    pub relocks: Counter,
    /// Blocks of the hall's tail that came too late to be heard.
    pub late_tails: Counter,
    /// What the governor has the processor save, 0 to 4.
    pub thrift: Counter,
    /// Callbacks after which something was saved.
    pub thrifty: Counter,
    /// How long callbacks take, in nanoseconds.
    pub durations: Histogram,
    /// The share of its block's time that a callback takes, in millionths: the deadline is at one.
    pub loads: Histogram,
    /// How far from the expected moment callbacks begin, in nanoseconds.
    pub jitters: Histogram,
    limiter_gain: AtomicU32,
    measured_rate: AtomicU32,
}

impl Meters {
    /// Takes a callback's levels in.
    ///
    /// Realtime-safe: yes.
    pub fn add_levels(&self, levels: &[Level; PART_COUNT + 1], frames: usize, rate_hz: f32) {
        for (meter, level) in self.levels.iter().zip(levels) {
            meter.add(*level, frames, rate_hz);
        }
    }

    /// Publishes the deepest gain of the limiter in the last callback.
    ///
    /// Realtime-safe: yes.
    pub fn set_limiter_gain(&self, gain: f32) {
        self.limiter_gain.store(gain.to_bits(), Ordering::Relaxed);
    }

    /// The deepest gain of the limiter in the last callback.
    ///
    /// Realtime-safe: yes.
    pub fn limiter_gain(&self) -> f32 {
        match self.limiter_gain.load(Ordering::Relaxed) {
            0 => 1.0,
            bits => f32::from_bits(bits),
        }
    }

    /// Publishes the device's sample rate as the sender's clock sees it, in hertz.
    ///
    /// Realtime-safe: yes.
    pub fn set_measured_rate(&self, rate: f32) {
        self.measured_rate.store(rate.to_bits(), Ordering::Relaxed);
    }

    /// The device's sample rate as the sender's clock sees it, in hertz; 0 before the first callback.
    ///
    /// Realtime-safe: yes.
    pub fn measured_rate(&self) -> f32 {
        f32::from_bits(self.measured_rate.load(Ordering::Relaxed))
    }
}
