//! A delay line that is read between its samples, and knows when nothing is left in it.

/// What is softer than this (−140 dBFS) is stored as nothing, so that silence comes to an end.
const NOTHING: f32 = 1e-7;

/// A ring of past stereo samples.
pub struct Line {
    samples: Vec<[f32; 2]>,
    write: usize,
    /// Samples of nothing pushed since the last that was something.
    silent: usize,
}

impl Line {
    /// A silent line for delays up to `seconds`.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(seconds: f32, rate_hz: f32) -> Self {
        let length = ((seconds * rate_hz) as usize + 8).next_power_of_two();
        Self { samples: vec![[0.0; 2]; length], write: 0, silent: length }
    }

    /// The longest delay it can be read at, in samples.
    ///
    /// Realtime-safe: yes.
    pub fn longest(&self) -> f32 {
        (self.samples.len() - 4) as f32
    }

    /// Whether it holds nothing but silence.
    ///
    /// Realtime-safe: yes.
    pub fn is_silent(&self) -> bool {
        self.silent >= self.samples.len()
    }

    /// Stores a sample.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn push(&mut self, sample: [f32; 2]) {
        let is_something = sample[0].abs() > NOTHING || sample[1].abs() > NOTHING;
        self.samples[self.write] = if is_something { sample } else { [0.0; 2] };
        self.silent = if is_something { 0 } else { (self.silent + 1).min(self.samples.len()) };
        self.write = (self.write + 1) & (self.samples.len() - 1);
    }

    /// What was pushed `delay` samples ago on one side, by a cubic through four neighbours; 2 or more, 2 is the newest
    /// but one.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn read(&self, delay: f32, side: usize) -> f32 {
        let whole = delay as usize;
        let t = delay - whole as f32;
        let at = |delay: usize| self.samples[self.write.wrapping_sub(delay) & (self.samples.len() - 1)][side];
        let (a, b, c, d) = (at(whole - 1), at(whole), at(whole + 1), at(whole + 2));
        let (cube, odd) = ((d - a) * (1.0 / 6.0) + 0.5 * (b - c), 0.5 * (a + c) - b);
        let line = c - (1.0 / 3.0) * a - 0.5 * b - (1.0 / 6.0) * d;
        b + t * (line + t * (odd + t * cube))
    }

    /// Empties it.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.samples.fill([0.0; 2]);
        self.write = 0;
        self.silent = self.samples.len();
    }
}
