//! A look-ahead limiter: no sample ever leaves above the ceiling.

/// How far it looks ahead, in seconds; also the delay it adds.
const LOOKAHEAD_SECONDS: f32 = 0.000_7;
/// The highest sample that leaves, −1 dBFS.
pub const CEILING: f32 = 0.891_25;

/// The limiter: delays the sound and turns it down before a peak arrives.
pub struct Limiter {
    lookahead: usize,
    delayed: Vec<[f32; 2]>,
    at: usize,
    /// Candidates for the lowest gain in the window, oldest first: gain and when it leaves.
    minima: Vec<(f32, u64)>,
    head: usize,
    count: usize,
    now: u64,
    /// The last `lookahead` wanted gains, averaged into a ramp that is down exactly when the peak arrives.
    wanted: Vec<f32>,
    sum: f64,
    ceiling: f32,
    recovering: f32,
    recovery_share: f32,
    lowest: f32,
}

impl Limiter {
    /// A limiter at rest.
    ///
    /// Realtime-safe: no (allocates its delay).
    pub fn new(rate_hz: f32) -> Self {
        let lookahead = ((LOOKAHEAD_SECONDS * rate_hz).round() as usize).max(4);
        Self {
            lookahead,
            delayed: vec![[0.0; 2]; lookahead],
            at: 0,
            minima: vec![(1.0, 0); lookahead + 2],
            head: 0,
            count: 0,
            now: 0,
            wanted: vec![1.0; lookahead],
            sum: lookahead as f64,
            ceiling: CEILING,
            recovering: 1.0,
            recovery_share: 1.0 - (-1.0 / (0.060 * rate_hz)).exp(),
            lowest: 1.0,
        }
    }

    /// The delay in frames.
    ///
    /// Realtime-safe: yes.
    pub fn latency_frames(&self) -> usize {
        self.lookahead
    }

    /// Sets the highest sample that leaves, at most [`CEILING`]; counts for what goes in from now on.
    ///
    /// Realtime-safe: yes.
    pub fn set_ceiling(&mut self, ceiling: f32) {
        self.ceiling = ceiling.clamp(0.01, CEILING);
    }

    /// Limits one stereo sample; what comes out went in [`Self::latency_frames`] earlier.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn process(&mut self, left: f32, right: f32) -> (f32, f32) {
        let peak = left.abs().max(right.abs());
        let needed = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
        let lowest = self.lowest_in_window(needed);
        // Down at once, up slowly; the average below turns "at once" into a ramp as long as the look-ahead.
        self.recovering = lowest.min(self.recovering + (1.0 - self.recovering) * self.recovery_share);
        self.sum += f64::from(self.recovering) - f64::from(self.wanted[self.at]);
        self.wanted[self.at] = self.recovering;
        let gain = (self.sum / self.lookahead as f64) as f32;
        self.lowest = self.lowest.min(gain);
        let [l, r] = std::mem::replace(&mut self.delayed[self.at], [left, right]);
        self.at += 1;
        if self.at == self.lookahead {
            self.at = 0;
            // Summing afresh once a lap keeps rounding from adding up.
            self.sum = self.wanted.iter().map(|&gain| f64::from(gain)).sum();
        }
        // The clamp catches the last bit of rounding, nothing more.
        ((l * gain).clamp(-CEILING, CEILING), (r * gain).clamp(-CEILING, CEILING))
    }

    /// The deepest gain since the last call, for the meters.
    ///
    /// Realtime-safe: yes.
    pub fn take_lowest_gain(&mut self) -> f32 {
        std::mem::replace(&mut self.lowest, 1.0)
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.delayed.fill([0.0; 2]);
        self.wanted.fill(1.0);
        self.sum = self.lookahead as f64;
        self.recovering = 1.0;
        self.ceiling = CEILING;
        self.lowest = 1.0;
        self.at = 0;
        self.head = 0;
        self.count = 0;
        self.now = 0;
    }

    /// The lowest gain among this sample and the `lookahead` before it, by a queue that only keeps rising values.
    fn lowest_in_window(&mut self, gain: f32) -> f32 {
        let capacity = self.minima.len();
        while self.count > 0 {
            let last = (self.head + self.count - 1) % capacity;
            if self.minima[last].0 < gain {
                break;
            }
            self.count -= 1;
        }
        let slot = (self.head + self.count) % capacity;
        self.minima[slot] = (gain, self.now + self.lookahead as u64);
        self.count += 1;
        if self.minima[self.head].1 < self.now {
            self.head = (self.head + 1) % capacity;
            self.count -= 1;
        }
        self.now += 1;
        self.minima[self.head].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    #[test]
    fn nothing_leaves_above_the_ceiling() {
        let mut limiter = Limiter::new(48_000.0);
        let mut noise = Noise::new(3);
        for n in 0..200_000u32 {
            let burst = if n % 7_001 < 40 { 30.0 } else { 0.8 };
            let (l, r) = limiter.process(burst * noise.sample(), burst * noise.sample());
            assert!(l.abs() <= CEILING && r.abs() <= CEILING);
        }
    }

    #[test]
    fn the_ramp_alone_holds_the_ceiling_and_the_clamp_is_idle() {
        let mut limiter = Limiter::new(48_000.0);
        for n in 0..4_800usize {
            let input = if n == 1_000 { 8.0 } else { 0.0 };
            let (l, _) = limiter.process(input, 0.0);
            if n == 1_000 + limiter.latency_frames() {
                assert!((l - CEILING).abs() < 1e-3, "{l}");
            }
        }
    }

    #[test]
    fn a_lower_ceiling_is_held_as_well() {
        let mut limiter = Limiter::new(48_000.0);
        limiter.set_ceiling(0.5);
        let mut noise = Noise::new(5);
        let out: Vec<f32> = (0..20_000).map(|_| limiter.process(2.0 * noise.sample(), 0.0).0.abs()).collect();
        let peak = out.iter().fold(0.0f32, |peak, x| peak.max(*x));
        assert!(peak <= 0.500_1 && peak > 0.45, "{peak}");
    }

    #[test]
    fn what_is_below_the_ceiling_passes_unchanged() {
        let mut limiter = Limiter::new(48_000.0);
        let mut noise = Noise::new(4);
        let input: Vec<f32> = (0..5_000).map(|_| 0.8 * noise.sample()).collect();
        for n in 0..input.len() {
            let (l, _) = limiter.process(input[n], 0.0);
            if n >= limiter.latency_frames() {
                assert!((l - input[n - limiter.latency_frames()]).abs() < 1e-6);
            }
        }
    }
}
