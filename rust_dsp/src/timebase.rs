//! From the sender's microseconds to samples: exactly, offline; through a delay-locked loop, live.

/// Bandwidth of the loop in hertz: slow enough to smooth callback jitter, fast enough to follow drift.
const BANDWIDTH_HZ: f64 = 0.4;
/// Bandwidth while the loop is young, so it finds its place soon.
const YOUNG_BANDWIDTH_HZ: f64 = 4.0;
/// Bandwidth times age of a loop that grows up.
const GROWTH: f64 = 2.0;
/// The loop oscillates above √2 radians a callback; large blocks at low rates would get there.
const MAX_OMEGA: f64 = 0.7;
/// Added to the one block of latency, so an event sent just as a callback begins is not late for it.
const MARGIN_MICROS: f64 = 200.0;
/// An error beyond this, and beyond two blocks, is a gap and no jitter.
const GAP_MICROS: f64 = 20_000.0;
/// How long a large callback is remembered, in seconds; at most twice that.
const LARGE_SECONDS: f64 = 4.0;

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

/// The largest callback of late, never less than what was agreed on: the constant latency of the loop.
#[derive(Clone, Debug)]
struct LargestBlock {
    agreed: usize,
    /// The largest of this stretch of time and of the one before.
    recent: [usize; 2],
    frames_left: usize,
    stretch: usize,
}

impl LargestBlock {
    fn new(rate: u32, agreed: usize) -> Self {
        let stretch = (LARGE_SECONDS * f64::from(rate)) as usize;
        Self { agreed, recent: [0; 2], frames_left: stretch, stretch }
    }

    fn see(&mut self, frames: usize) {
        self.recent[0] = self.recent[0].max(frames);
        self.frames_left = self.frames_left.saturating_sub(frames);
        if self.frames_left == 0 {
            self.recent = [0, self.recent[0]];
            self.frames_left = self.stretch;
        }
    }

    fn frames(&self) -> usize {
        self.agreed.max(self.recent[0]).max(self.recent[1])
    }
}

/// A delay-locked loop over callback times: Fons Adriaensen, "Using a DLL to filter time", 2005.
///
/// The bandwidth begins wide and narrows as the loop grows older. A gap moves the loop to where the callbacks went
/// on; the rate that it has learnt stays.
#[derive(Clone, Debug)]
pub struct LoopFilter {
    rate: f64,
    margin_frames: f64,
    largest: LargestBlock,
    /// Filtered time of the present callback and of the next, in the sender's microseconds.
    start_micros: f64,
    next_micros: f64,
    micros_per_frame: f64,
    /// Seconds since the loop found its place; `None` before the first callback.
    age_seconds: Option<f64>,
}

impl LoopFilter {
    /// A loop that has not seen a callback; the constant latency it adds is `block_frames`, or the largest callback
    /// of the last seconds where a device asks for more.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate: u32, block_frames: usize) -> Self {
        let rate_hz = f64::from(rate);
        Self {
            rate: rate_hz,
            margin_frames: MARGIN_MICROS * 1e-6 * rate_hz,
            largest: LargestBlock::new(rate, block_frames),
            start_micros: 0.0,
            next_micros: 0.0,
            micros_per_frame: 1e6 / rate_hz,
            age_seconds: None,
        }
    }

    /// The device said that it had a gap: the next callback is where the time goes on, however short the gap was. The
    /// rate that was learnt stays.
    ///
    /// Realtime-safe: yes.
    pub fn relock(&mut self) {
        self.age_seconds = None;
    }

    /// A callback for `frames` frames began at `now_micros`; how many microseconds later (or, below zero, sooner) than
    /// expected, or `None` at the start and after a gap.
    ///
    /// Realtime-safe: yes.
    pub fn update(&mut self, now_micros: f64, frames: usize) -> Option<f64> {
        if frames == 0 {
            return None;
        }
        self.largest.see(frames);
        let nominal = 1e6 / self.rate;
        let frames = frames as f64;
        let error = now_micros - self.next_micros;
        let gap = (2.0 * self.largest.frames() as f64 * nominal).max(GAP_MICROS);
        let Some(age) = self.age_seconds.filter(|_| error.abs() <= gap) else {
            self.age_seconds = Some(0.0);
            self.start_micros = now_micros;
            self.next_micros = now_micros + frames * self.micros_per_frame;
            return None;
        };
        self.age_seconds = Some(age + frames / self.rate);
        let bandwidth = (GROWTH / age.max(1e-3)).clamp(BANDWIDTH_HZ, YOUNG_BANDWIDTH_HZ);
        let omega = (std::f64::consts::TAU * bandwidth * frames / self.rate).min(MAX_OMEGA);
        self.start_micros = self.next_micros;
        self.next_micros += std::f64::consts::SQRT_2 * omega * error + frames * self.micros_per_frame;
        self.micros_per_frame += omega * omega * error / frames;
        // No clock is off by more than a percent; a measure that says so is jitter.
        self.micros_per_frame = self.micros_per_frame.clamp(nominal * 0.99, nominal * 1.01);
        Some(error)
    }

    /// How many frames after the start of the present callback an event at `at_micros` belongs.
    ///
    /// Realtime-safe: yes.
    pub fn frames_after_start(&self, at_micros: i64) -> i64 {
        let frames = (at_micros as f64 - self.start_micros) / self.micros_per_frame;
        (frames + self.latency_frames()).round() as i64
    }

    /// When the present callback began, smoothed, in the sender's microseconds.
    ///
    /// Realtime-safe: yes.
    pub fn start_micros(&self) -> f64 {
        self.start_micros
    }

    /// Frames between an event's time and its sound.
    ///
    /// Realtime-safe: yes.
    pub fn latency_frames(&self) -> f64 {
        self.largest.frames() as f64 + self.margin_frames
    }

    /// The device's sample rate as the sender's clock sees it, in hertz.
    ///
    /// Realtime-safe: yes.
    pub fn measured_rate(&self) -> f64 {
        1e6 / self.micros_per_frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_samples_are_exact_for_hours() {
        let at = 10 * 3_600 * 1_000_000i64;
        assert_eq!(Timebase::Offline.sample_at(at, 48_000, 0), 10 * 3_600 * 48_000);
        assert_eq!(Timebase::Offline.sample_at(0, 44_100, 0), 0);
        assert!(Timebase::Offline.sample_at(-5_000_000, 44_100, 0) < 0);
    }

    #[test]
    fn a_large_callback_is_remembered_for_some_seconds_and_then_forgotten() {
        let mut largest = LargestBlock::new(48_000, 128);
        largest.see(4_096);
        assert_eq!(largest.frames(), 4_096);
        (0..1_400).for_each(|_| largest.see(128));
        assert_eq!(largest.frames(), 4_096);
        (0..3_000).for_each(|_| largest.see(128));
        assert_eq!(largest.frames(), 128);
    }
}
