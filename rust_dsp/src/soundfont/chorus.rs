//! A chorus: three copies of the sound, each a little late by an amount that sways, spread from left to right.

use super::delay::{DelayLine, Run};
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
    line: DelayLine,
    phases: [u32; TAPS],
    steps: [u32; TAPS],
    delays: [f32; TAPS],
    slopes: [f32; TAPS],
    rate_hz: f32,
    /// Frames since something came in.
    quiet: usize,
    longest: usize,
}

impl Chorus {
    /// A silent chorus.
    ///
    /// Realtime-safe: no (allocates its delay line).
    pub fn new(rate_hz: f32) -> Self {
        let longest = (2.0 * (CENTRE_SECONDS + DEPTH_SECONDS) * rate_hz) as usize + 4;
        Self {
            line: DelayLine::new(longest),
            phases: std::array::from_fn(|tap| (tap as u32) << 30),
            steps: RATES_HZ.map(|rate| hz_to_step(rate, rate_hz / GRID as f32)),
            delays: [CENTRE_SECONDS * rate_hz; TAPS],
            slopes: [0.0; TAPS],
            rate_hz,
            quiet: usize::MAX / 2,
            longest,
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

    /// Adds the copies, times `gain`, to the left and the right. All are as long, and no longer than a grid step; without
    /// a `send` nothing comes in.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, send: Option<&[f32]>, gain: f32, left: &mut [f32], right: &mut [f32]) {
        let count = left.len().min(right.len());
        self.quiet = if send.is_some() { 0 } else { self.quiet.saturating_add(count) };
        if self.quiet > self.longest + GRID {
            // Nothing is left in the line, and nothing comes in; where the copies sway meanwhile does not matter.
            return;
        }
        self.line.push(send.unwrap_or(&[0.0; GRID][..count]));
        let mut late: Run = [0.0; GRID];
        for tap in 0..TAPS {
            let (delay, slope) = (self.delays[tap], self.slopes[tap]);
            // The run is in the line already, so all of it lies that much farther back.
            self.line.read_moving(delay + count as f32, slope, &mut late[..count]);
            self.delays[tap] += slope * count as f32;
            let [to_left, to_right] = PLACES[tap].map(|place| place * gain);
            for n in 0..count {
                left[n] += to_left * late[n];
                right[n] += to_right * late[n];
            }
        }
    }

    /// Forgets what was played.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.line.reset();
        self.delays = [CENTRE_SECONDS * self.rate_hz; TAPS];
        self.phases = std::array::from_fn(|tap| (tap as u32) << 30);
        self.quiet = usize::MAX / 2;
    }
}
