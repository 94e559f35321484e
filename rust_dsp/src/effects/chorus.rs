//! A chorus: two copies a side, each a little late by an amount that sways.

use super::line::Line;
use crate::smoother::{Smoother, GRID};
use crate::units::{hz_to_step, sine};

const VOICES: usize = 2;
/// The delays the copies sway around, in seconds, and how far they go at full depth.
const CENTRES: [f32; VOICES] = [0.009_1, 0.014_3];
const REACH_SECONDS: f32 = 0.003_5;
/// Where in its turn each copy starts, left and right: a quarter apart, so that one side rises as the other falls.
const STARTS: [[u32; 2]; VOICES] = [[0, 1 << 30], [0x8000_0000, 0xC000_0000]];

/// The chorus: stereo in, stereo out, wet only.
pub struct Chorus {
    rate_hz: f32,
    line: Line,
    phase: u32,
    depth: Smoother,
    /// Delays in frames at the start of the grid step, what they grow by each frame, and at its end.
    delays: [[f32; 2]; VOICES],
    slopes: [[f32; 2]; VOICES],
    targets: [[f32; 2]; VOICES],
    is_idle: bool,
}

impl Chorus {
    /// A silent chorus.
    ///
    /// Realtime-safe: no (allocates its delay line).
    pub fn new(rate_hz: f32) -> Self {
        let longest = CENTRES[VOICES - 1] + REACH_SECONDS;
        let seconds = crate::param::GlobalParameter::ChorusDepth.smoothing_seconds();
        Self {
            rate_hz,
            line: Line::new(longest, rate_hz),
            phase: 0,
            depth: Smoother::new(0.5, seconds, rate_hz),
            delays: CENTRES.map(|seconds| [seconds * rate_hz; 2]),
            slopes: [[0.0; 2]; VOICES],
            targets: CENTRES.map(|seconds| [seconds * rate_hz; 2]),
            is_idle: true,
        }
    }

    /// Moves on by one grid step.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, sway_hz: f32, depth: f32) {
        self.is_idle = self.line.is_silent();
        self.depth.tick(depth);
        self.phase = self.phase.wrapping_add(hz_to_step(sway_hz, self.rate_hz / GRID as f32));
        // The faster it sways the less far, or the pitch would: at 1 Hz and below the reach is whole.
        let reach = REACH_SECONDS * self.depth.value() / sway_hz.max(1.0);
        for voice in 0..VOICES {
            for side in 0..2 {
                let turn = sine(self.phase.wrapping_add(STARTS[voice][side]));
                let target = ((CENTRES[voice] + reach * turn) * self.rate_hz).max(2.0);
                self.delays[voice][side] = self.targets[voice][side];
                self.slopes[voice][side] = (target - self.delays[voice][side]) * (1.0 / GRID as f32);
                self.targets[voice][side] = target;
            }
        }
    }

    /// The chorus's answer to one stereo sample, `frame` frames into the grid step.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, left: f32, right: f32, frame: usize) -> (f32, f32) {
        self.is_idle = false;
        let passed = (frame + 1) as f32;
        self.line.push([left, right]);
        let mut out = [0.0; 2];
        for voice in 0..VOICES {
            for side in 0..2 {
                let delay = self.delays[voice][side] + self.slopes[voice][side] * passed;
                out[side] += 0.7 * self.line.read(delay, side);
            }
        }
        (out[0], out[1])
    }

    /// Whether nothing is left to come, so that silence need not be processed.
    ///
    /// Realtime-safe: yes.
    pub fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.line.reset();
        self.phase = 0;
        self.depth.snap(0.5);
        self.targets = CENTRES.map(|seconds| [seconds * self.rate_hz; 2]);
        self.is_idle = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_comes_back_spread_in_pitch_but_not_in_level() {
        let mut chorus = Chorus::new(48_000.0);
        let (mut dry, mut wet, mut apart) = (0.0f64, 0.0f64, 0.0f64);
        for n in 0..192_000usize {
            if n % GRID == 0 {
                chorus.tick(0.7, 0.5);
            }
            let input = (n as f32 * 0.04).sin() * 0.5;
            let (l, r) = chorus.process(input, input, n % GRID);
            if n > 4_800 {
                dry += f64::from(2.0 * input * input);
                wet += f64::from(l * l + r * r);
                apart += f64::from((l - r) * (l - r));
            }
        }
        let level_db = 10.0 * (wet / dry).log10();
        assert!(level_db.abs() < 3.0, "{level_db}");
        assert!(apart > 0.05 * wet);
    }

    #[test]
    fn it_falls_idle_after_silence() {
        let mut chorus = Chorus::new(48_000.0);
        for n in 0..9_600usize {
            if n % GRID == 0 {
                chorus.tick(0.7, 1.0);
            }
            chorus.process(if n < 10 { 0.5 } else { 0.0 }, 0.0, n % GRID);
        }
        chorus.tick(0.7, 1.0);
        assert!(chorus.is_idle());
    }
}
