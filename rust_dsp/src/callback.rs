//! What every device's callback does: tell the time, render, and measure itself.

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
}

impl Callback {
    /// A callback at a device's sample rate.
    ///
    /// Realtime-safe: yes.
    pub fn new(processor: Processor, clock: HostClock, rate: u32) -> Self {
        Self { processor, clock, rate }
    }

    /// Fills interleaved stereo.
    ///
    /// Realtime-safe: yes.
    pub fn run(&mut self, out: &mut [f32]) {
        let began = Instant::now();
        let frames = out.len() / 2;
        self.processor.begin_callback(self.clock.micros(began), frames);
        self.processor.process(out);
        let nanos = began.elapsed().as_nanos() as u64;
        let meters = self.processor.meters();
        meters.durations.record(nanos);
        meters.callbacks.add(1);
        if nanos * u64::from(self.rate) > frames as u64 * 1_000_000_000 {
            meters.overruns.add(1);
        }
    }
}
