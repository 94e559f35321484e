//! A delay line that is written and read by the run: many samples at a time, none of them still on their way.

use crate::smoother::GRID;

/// What effects work on at once.
pub type Run = [f32; GRID];

/// What of a sound a diffuser passes round.
const DIFFUSION: f32 = 0.62;

/// A ring of past samples, its beginning repeated after its end so that a run can always be read in one go. Runs are no longer than [`GRID`] and no longer than any delay that is read.
pub struct DelayLine {
    samples: Vec<f32>,
    mask: usize,
    write: usize,
}

impl DelayLine {
    /// A silent line for delays up to `longest` frames.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(longest: usize) -> Self {
        let length = (longest + GRID + 2).next_power_of_two();
        Self { samples: vec![0.0; length + GRID + 1], mask: length - 1, write: 0 }
    }

    /// Appends a run.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn push(&mut self, run: &[f32]) {
        let length = self.mask + 1;
        let before = run.len().min(length - self.write);
        self.samples[self.write..self.write + before].copy_from_slice(&run[..before]);
        self.samples[..run.len() - before].copy_from_slice(&run[before..]);
        if before < run.len() || self.write <= GRID {
            self.samples.copy_within(..=GRID, length);
        }
        self.write = (self.write + run.len()) & self.mask;
    }

    /// Reads on from `delay` frames ago.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn read(&self, delay: usize, run: &mut [f32]) {
        let start = self.write.wrapping_sub(delay) & self.mask;
        run.copy_from_slice(&self.samples[start..start + run.len()]);
    }

    /// Reads between samples while the delay moves by `step` a frame, from `delay + step` frames ago on.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn read_moving(&self, delay: f32, step: f32, run: &mut [f32]) {
        let mask = self.mask;
        let count = run.len();
        let (first, last) = ((delay + step) as usize, (delay + step * count as f32) as usize);
        let start = self.write.wrapping_sub(first + 1) & mask;
        if first == last {
            // The usual case: the same two neighbours all the way.
            let neighbours = &self.samples[start..=start + count];
            let part = delay - first as f32;
            for n in 0..count {
                let part = part + step * (n + 1) as f32;
                run[n] = neighbours[n + 1] + (neighbours[n] - neighbours[n + 1]) * part;
            }
            return;
        }
        for (n, sample) in run.iter_mut().enumerate() {
            let delay = delay + step * (n + 1) as f32;
            let whole = delay as usize;
            let at = self.write.wrapping_add(n).wrapping_sub(whole);
            let (near, far) = (self.samples[at & mask], self.samples[at.wrapping_sub(1) & mask]);
            *sample = near + (far - near) * (delay - whole as f32);
        }
    }

    /// Forgets everything.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.write = 0;
    }
}

/// An allpass that smears an onset without colouring it.
pub struct Diffuser {
    line: DelayLine,
    delay: usize,
}

impl Diffuser {
    /// One with a delay of so many seconds.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(seconds: f32, rate_hz: f32) -> Self {
        let delay = (seconds * rate_hz) as usize;
        Self { line: DelayLine::new(delay), delay }
    }

    /// Its delay in frames.
    ///
    /// Realtime-safe: yes.
    pub fn delay(&self) -> usize {
        self.delay
    }

    /// Forgets everything.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.line.reset();
    }

    /// Smears a run, no longer than its delay.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, run: &mut [f32]) {
        let (mut late, mut fed): (Run, Run) = ([0.0; GRID], [0.0; GRID]);
        let (late, fed) = (&mut late[..run.len()], &mut fed[..run.len()]);
        self.line.read(self.delay, late);
        for n in 0..run.len() {
            fed[n] = run[n] - DIFFUSION * late[n];
            run[n] = late[n] + DIFFUSION * fed[n];
        }
        self.line.push(fed);
    }
}
