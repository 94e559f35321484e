//! A chorus: three copies of the sound, each a little late by an amount that sways, spread from left to right.

use crate::smoother::GRID;
use crate::units::{hz_to_step, sine};

const TAPS: usize = 3;
/// The delay the copies sway around, in seconds, and how far.
const CENTRE_SECONDS: f32 = 0.013;
const DEPTH_SECONDS: f32 = 0.003_2;
/// How often each copy sways, in hertz; not the same, so that they never meet for long.
const RATES_HZ: [f32; TAPS] = [0.31, 0.37, 0.43];
/// Gains of each copy to the left and to the right.
const PLACES: [[f32; 2]; TAPS] = [[0.8, 0.2], [0.5, 0.5], [0.2, 0.8]];

/// The chorus: mono in, stereo out, wet only.
pub struct Chorus {
    line: Vec<f32>,
    write: usize,
    phases: [u32; TAPS],
    steps: [u32; TAPS],
    delays: [f32; TAPS],
    slopes: [f32; TAPS],
    rate_hz: f32,
    /// Silent frames since the last sound came in.
    silent: usize,
}

impl Chorus {
    /// A silent chorus.
    ///
    /// Realtime-safe: no (allocates its delay line).
    pub fn new(rate_hz: f32) -> Self {
        let longest = (2.0 * (CENTRE_SECONDS + DEPTH_SECONDS) * rate_hz) as usize + 4;
        Self {
            line: vec![0.0; longest.next_power_of_two()],
            write: 0,
            phases: std::array::from_fn(|tap| (tap as u32) << 30),
            steps: RATES_HZ.map(|rate| hz_to_step(rate, rate_hz / GRID as f32)),
            delays: [CENTRE_SECONDS * rate_hz; TAPS],
            slopes: [0.0; TAPS],
            rate_hz,
            silent: usize::MAX / 2,
        }
    }

    /// Moves on by one grid step.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self) {
        for tap in 0..TAPS {
            self.phases[tap] = self.phases[tap].wrapping_add(self.steps[tap]);
            let target = (CENTRE_SECONDS + DEPTH_SECONDS * sine(self.phases[tap])) * self.rate_hz;
            self.slopes[tap] = (target - self.delays[tap]) * (1.0 / GRID as f32);
        }
    }

    /// The copies of one sample.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn process(&mut self, input: f32) -> (f32, f32) {
        let mask = self.line.len() - 1;
        self.silent = if input == 0.0 { self.silent + 1 } else { 0 };
        if self.silent > mask {
            // Nothing is left in the line, and nothing comes in.
            return (0.0, 0.0);
        }
        self.line[self.write & mask] = input;
        let (mut left, mut right) = (0.0, 0.0);
        for tap in 0..TAPS {
            self.delays[tap] += self.slopes[tap];
            let whole = self.delays[tap] as usize;
            let part = self.delays[tap] - whole as f32;
            let near = self.line[self.write.wrapping_sub(whole) & mask];
            let far = self.line[self.write.wrapping_sub(whole + 1) & mask];
            let late = near + (far - near) * part;
            left += late * PLACES[tap][0];
            right += late * PLACES[tap][1];
        }
        self.write = self.write.wrapping_add(1);
        (left, right)
    }

    /// Forgets what was played.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.line.fill(0.0);
        self.silent = usize::MAX / 2;
    }
}
