//! From the sender's microseconds to samples: exactly, offline; through a delay-locked loop, live.

/// Bandwidth of the loop in hertz: slow enough to smooth callback jitter, fast enough to follow drift.
const BANDWIDTH_HZ: f64 = 0.4;
/// Added to the one block of latency, so an event sent just as a callback begins is not late for it.
const MARGIN_MICROS: f64 = 200.0;

/// The two ways to tell time.
#[derive(Clone, Debug)]
pub enum Timebase {
    /// Microsecond 0 is sample 0, and nothing drifts.
    Offline,
    /// Callbacks come when the device wants them.
    Live(LoopFilter),
}

impl Timebase {
    /// The sample an event at `at_micros` belongs to, when the present callback starts at sample `block_start`.
    ///
    /// Realtime-safe: yes.
    pub fn sample_at(&self, at_micros: i64, rate: u32, block_start: u64) -> i64 {
        match self {
            Self::Offline => {
                let scaled = i128::from(at_micros) * i128::from(rate) + 500_000;
                scaled.div_euclid(1_000_000).clamp(-1, i128::from(i64::MAX)) as i64
            }
            Self::Live(filter) => {
                let frames = filter.frames_after_start(at_micros);
                (block_start as i64).saturating_add(frames)
            }
        }
    }
}

/// A delay-locked loop over callback times: Fons Adriaensen, "Using a DLL to filter time", 2005.
#[derive(Clone, Debug)]
pub struct LoopFilter {
    rate: f64,
    latency_micros: f64,
    /// Filtered time of the present callback and of the next, in the sender's microseconds.
    start_micros: f64,
    next_micros: f64,
    micros_per_frame: f64,
    is_locked: bool,
}

impl LoopFilter {
    /// A loop that has not seen a callback; `block_frames` is the latency it adds, until a longer callback is seen.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate: u32, block_frames: usize) -> Self {
        let micros_per_frame = 1e6 / f64::from(rate);
        Self {
            rate: f64::from(rate),
            latency_micros: block_frames as f64 * micros_per_frame + MARGIN_MICROS,
            start_micros: 0.0,
            next_micros: 0.0,
            micros_per_frame,
            is_locked: false,
        }
    }

    /// A callback for `frames` frames began at `now_micros`.
    ///
    /// Realtime-safe: yes.
    pub fn update(&mut self, now_micros: f64, frames: usize) {
        let frames = frames as f64;
        let nominal = 1e6 / self.rate;
        // A device may take more at a time than it said: later by as much, or what comes while it waits were late.
        self.latency_micros = self.latency_micros.max(frames * nominal + MARGIN_MICROS);
        let error = now_micros - self.next_micros;
        // After a gap there is nothing to filter: begin again.
        if !self.is_locked || error.abs() > (4.0 * frames * nominal).max(20_000.0) {
            self.is_locked = true;
            self.start_micros = now_micros;
            self.micros_per_frame = nominal;
            self.next_micros = now_micros + frames * nominal;
            return;
        }
        let omega = std::f64::consts::TAU * BANDWIDTH_HZ * frames / self.rate;
        self.start_micros = self.next_micros;
        self.next_micros += std::f64::consts::SQRT_2 * omega * error + frames * self.micros_per_frame;
        self.micros_per_frame += omega * omega * error / frames;
        // No clock is off by more than a percent; a measure that says so is jitter.
        self.micros_per_frame = self.micros_per_frame.clamp(nominal * 0.99, nominal * 1.01);
    }

    /// How many frames after the start of the present callback an event at `at_micros` belongs.
    ///
    /// Realtime-safe: yes.
    pub fn frames_after_start(&self, at_micros: i64) -> i64 {
        let micros = at_micros as f64 - self.start_micros + self.latency_micros;
        (micros / self.micros_per_frame).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    #[test]
    fn offline_samples_are_exact_for_hours() {
        let at = 10 * 3_600 * 1_000_000i64;
        assert_eq!(Timebase::Offline.sample_at(at, 48_000, 0), 10 * 3_600 * 48_000);
        assert_eq!(Timebase::Offline.sample_at(0, 44_100, 0), 0);
        assert!(Timebase::Offline.sample_at(-5_000_000, 44_100, 0) < 0);
    }

    #[test]
    fn callbacks_longer_than_announced_make_nothing_late() {
        let mut filter = LoopFilter::new(48_000, 64);
        let period = 4_096.0 / 48_000.0 * 1e6;
        for block in 0..50 {
            let start = 1e6 + f64::from(block) * period;
            filter.update(start, 4_096);
            // What is sent while this callback's sound plays is due in the next one.
            for sent in [start + 1.0, start + 0.999 * period] {
                let frames = filter.frames_after_start(sent as i64);
                assert!((4_096..=2 * 4_096 + 16).contains(&frames), "{frames}");
            }
        }
    }

    #[test]
    fn jitter_of_callbacks_is_smoothed_to_a_fifth() {
        let mut filter = LoopFilter::new(48_000, 128);
        let mut jitter = Noise::new(9);
        let period = 128.0 / 48_000.0 * 1e6;
        let (mut worst, latency) = (0.0f64, 128.0 + 0.2 * 48.0);
        for block in 0..20_000 {
            let ideal = 1e6 + f64::from(block) * period;
            filter.update(ideal + 300.0 * f64::from(jitter.sample()), 128);
            if block > 3_000 {
                let frames = filter.frames_after_start(ideal as i64) as f64;
                worst = worst.max((frames - latency).abs());
            }
        }
        // 300 µs is 14.4 frames.
        assert!(worst <= 2.9, "{worst}");
    }
}
