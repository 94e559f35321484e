//! What every device's callback does: tell the time, render, measure itself, and save where time is short.

use crate::fade::Fade;
use crate::governor::Governor;
use crate::meters::Meters;
use crate::processor::Processor;
use std::time::Instant;

/// A sender's clock, continued on this side.
#[derive(Clone, Copy, Debug)]
pub struct HostClock {
    origin: Instant,
    origin_micros: i64,
}

impl HostClock {
    /// A clock that reads `now_micros` now.
    ///
    /// Realtime-safe: yes.
    pub fn new(now_micros: i64) -> Self {
        Self { origin: Instant::now(), origin_micros: now_micros }
    }

    fn micros(&self, at: Instant) -> f64 {
        let elapsed = at.saturating_duration_since(self.origin);
        self.origin_micros as f64 + elapsed.as_nanos() as f64 * 1e-3
    }
}

/// A processor with a clock, as a device calls it.
pub struct Callback {
    processor: Processor,
    clock: HostClock,
    rate: u32,
    fade: Fade,
    governor: Governor,
}

impl Callback {
    /// A callback at a device's sample rate; it begins with a fade.
    ///
    /// Realtime-safe: yes.
    pub fn new(processor: Processor, clock: HostClock, rate: u32) -> Self {
        Self { processor, clock, rate, fade: Fade::new(rate), governor: Governor::NEW }
    }

    /// Makes itself ready for another device: it fades in there. What sounds goes on where the rate is the same;
    /// where it is another, the engine runs at that rate from then on, and keys that are held are struck again.
    ///
    /// Realtime-safe: no (another rate allocates).
    pub fn move_to(&mut self, rate: u32, frames: usize) {
        self.processor.move_to(rate, frames);
        self.rate = rate;
        self.fade = Fade::new(rate);
    }

    /// The sample rate in hertz.
    ///
    /// Realtime-safe: yes.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Fills interleaved stereo, fading out where the device is going to be left; whether it has faded out.
    ///
    /// Realtime-safe: yes.
    pub fn run(&mut self, out: &mut [f32], is_leaving: bool) -> bool {
        let began = Instant::now();
        let now_micros = self.clock.micros(began);
        self.run_at(now_micros, out, is_leaving, || began.elapsed().as_nanos() as u64)
    }

    /// The same at a time that is told; `nanos` says afterwards how long it took.
    ///
    /// Realtime-safe: yes.
    pub fn run_at(
        &mut self,
        now_micros: f64,
        out: &mut [f32],
        is_leaving: bool,
        nanos: impl FnOnce() -> u64,
    ) -> bool {
        let frames = out.len() / 2;
        self.processor.begin_callback(now_micros, frames);
        self.processor.process(out);
        let is_silent = self.fade.apply(out, is_leaving);
        let nanos = nanos();
        measure(self.processor.meters(), nanos, frames, self.rate);
        self.processor.save(self.governor.observe(nanos, frames, self.rate));
        is_silent
    }
}

/// Counts a callback: how long it took, and how much of its block's time that was.
fn measure(meters: &Meters, nanos: u64, frames: usize, rate: u32) {
    meters.durations.record(nanos);
    meters.callbacks.add(1);
    let block_nanos = frames as u64 * 1_000_000_000 / u64::from(rate);
    if let Some(load) = nanos.saturating_mul(1_000_000).checked_div(block_nanos) {
        meters.loads.record(load);
        meters.overruns.add(u64::from(nanos > block_nanos));
    }
}
