//! The room that a SoundFont's reverb sends play into: one channel in, two out.
//!
//! Diffusing allpasses, left and right different, then eight delay lines that feed each other through a Hadamard
//! matrix, each damped, their lengths gently moving (Jot and Chaigne 1991). It works on runs of samples: every delay is
//! longer than a run, so each stage takes all samples in turn, eight at once.

use super::delay::{DelayLine, Diffuser, Run};
use crate::smoother::GRID;
use crate::units::{hz_to_step, sine};
use std::f32::consts::TAU;

const LINES: usize = 8;
/// Delay of each line in seconds: mutually prime at 48 kHz, spread so that no echo stands out.
const LINE_SECONDS: [f32; LINES] =
    [0.029_896, 0.034_229, 0.037_979, 0.041_937, 0.047_729, 0.053_146, 0.059_604, 0.066_271];
/// Delays of the diffusing allpasses, left and right, in seconds.
const DIFFUSER_SECONDS: [[f32; 3]; 2] = [[0.004_77, 0.008_31, 0.012_73], [0.005_19, 0.007_89, 0.013_61]];
/// How far the lines breathe, in seconds; enough to blur ringing, too little to hear as chorus.
const MOTION_SECONDS: f32 = 0.000_18;
const PREDELAY_SECONDS: f32 = 0.012;
/// Time in which the room falls by 60 dB, in seconds, and where its lines are damped, in hertz.
const DECAY_SECONDS: f32 = 1.7;
const DAMPING_HZ: f32 = 5_200.0;

/// The room.
pub struct Room {
    rate_hz: f32,
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only one processor has wide code"))]
    is_wide: bool,
    predelay: DelayLine,
    predelay_frames: usize,
    diffusers: [[Diffuser; 3]; 2],
    lines: [DelayLine; LINES],
    base_delays: [f32; LINES],
    delays: [f32; LINES],
    delay_steps: [f32; LINES],
    feedback: [f32; LINES],
    damped: [f32; LINES],
    /// What a damping filter takes of a new sample.
    share: f32,
    phases: [u32; LINES],
    phase_steps: [u32; LINES],
    most: usize,
    /// Frames since something came in.
    quiet: usize,
}

impl Room {
    /// A silent room; `is_wide` where the processor has AVX2.
    ///
    /// Realtime-safe: no (allocates its delay lines).
    pub fn new(rate_hz: f32, is_wide: bool) -> Self {
        let base_delays = LINE_SECONDS.map(|seconds| (seconds * rate_hz).round());
        let diffusers = DIFFUSER_SECONDS.map(|side| side.map(|seconds| Diffuser::new(seconds, rate_hz)));
        let predelay_frames = (PREDELAY_SECONDS * rate_hz) as usize;
        let shortest = diffusers.iter().flatten().map(Diffuser::delay).min().unwrap_or(1);
        let motion = 3.0 * MOTION_SECONDS * rate_hz;
        Self {
            rate_hz,
            is_wide,
            predelay: DelayLine::new(predelay_frames),
            predelay_frames,
            diffusers,
            lines: base_delays.map(|delay| DelayLine::new((delay + motion) as usize)),
            base_delays,
            delays: base_delays,
            delay_steps: [0.0; LINES],
            // One trip through a line loses its share of 60 dB.
            feedback: base_delays.map(|delay| (-6.907_755 * delay / rate_hz / DECAY_SECONDS).exp()),
            damped: [0.0; LINES],
            share: 1.0 - (-TAU * DAMPING_HZ.min(0.45 * rate_hz) / rate_hz).exp(),
            phases: std::array::from_fn(|line| (line as u32) << 29),
            phase_steps: std::array::from_fn(|line| {
                hz_to_step(0.31 + 0.07 * line as f32, rate_hz / GRID as f32)
            }),
            most: shortest.min(predelay_frames - 1).clamp(1, GRID),
            quiet: usize::MAX / 2,
        }
    }

    /// Moves on by one grid step.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self) {
        let reach = MOTION_SECONDS * self.rate_hz;
        for line in 0..LINES {
            self.phases[line] = self.phases[line].wrapping_add(self.phase_steps[line]);
            let target = self.base_delays[line] + reach * sine(self.phases[line]);
            self.delay_steps[line] = (target - self.delays[line]) * (1.0 / GRID as f32);
        }
    }

    /// Adds the room's answer, times `gain`, to the left and the right. All are as long, and no longer than a grid step;
    /// without a `send` nothing comes in.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, send: Option<&[f32]>, gain: f32, left: &mut [f32], right: &mut [f32]) {
        self.quiet = if send.is_some() { 0 } else { self.quiet.saturating_add(left.len()) };
        // Twice the time for 60 dB: nothing is left that could be heard.
        if self.quiet as f32 > 2.0 * DECAY_SECONDS * self.rate_hz {
            return;
        }
        let frames = left.len().min(right.len());
        let mut first = 0;
        while first < frames {
            let until = frames.min(first + self.most);
            let (left, right) = (&mut left[first..until], &mut right[first..until]);
            let send = send.map_or(&[0.0; GRID][..until - first], |send| &send[first..until]);
            #[cfg(target_arch = "x86_64")]
            if self.is_wide {
                // SAFETY: it is said to be wide only where the processor has AVX2.
                unsafe { self.run_wide(send, gain, left, right) };
                first = until;
                continue;
            }
            self.run(send, gain, left, right);
            first = until;
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn run_wide(&mut self, send: &[f32], gain: f32, left: &mut [f32], right: &mut [f32]) {
        self.run(send, gain, left, right);
    }

    #[inline(always)]
    fn run(&mut self, send: &[f32], gain: f32, left: &mut [f32], right: &mut [f32]) {
        let count = send.len();
        let mut entering: [Run; 2] = [[0.0; GRID]; 2];
        self.predelay.read(self.predelay_frames - 1, &mut entering[0][..count]);
        self.predelay.push(send);
        entering[1] = entering[0];
        for (run, chain) in entering.iter_mut().zip(&mut self.diffusers) {
            for diffuser in chain {
                diffuser.process(&mut run[..count]);
            }
        }
        let mut arrived: [Run; LINES] = [[0.0; GRID]; LINES];
        for line in 0..LINES {
            let (delay, step) = (self.delays[line], self.delay_steps[line]);
            self.lines[line].read_moving(delay, step, &mut arrived[line][..count]);
            self.delays[line] += step * count as f32;
        }
        self.damp(&mut arrived, count);
        for n in 0..GRID {
            let x: [f32; LINES] = [
                arrived[0][n],
                arrived[1][n],
                arrived[2][n],
                arrived[3][n],
                arrived[4][n],
                arrived[5][n],
                arrived[6][n],
                arrived[7][n],
            ];
            if let (Some(left), Some(right)) = (left.get_mut(n), right.get_mut(n)) {
                *left += gain * (x[0] - x[2] + x[4] - x[6]);
                *right += gain * (x[1] - x[3] + x[5] - x[7]);
            }
            let mixed = hadamard(x);
            for line in 0..LINES {
                arrived[line][n] = mixed[line] + entering[line & 1][n] * 0.5;
            }
        }
        for line in 0..LINES {
            self.lines[line].push(&arrived[line][..count]);
        }
    }

    /// Damps what arrived, each line by its own filter: the lines side by side, the samples one after another.
    #[inline(always)]
    fn damp(&mut self, arrived: &mut [Run; LINES], count: usize) {
        let (share, keep) = (self.share, 1.0 - self.share);
        let mut first = 0;
        while first < count {
            let frames = (count - first).min(LINES);
            let mut rows = [[0.0f32; LINES]; LINES];
            for n in 0..LINES {
                for line in 0..LINES {
                    rows[n][line] = arrived[line][first + n];
                }
            }
            for row in &mut rows[..frames] {
                for line in 0..LINES {
                    self.damped[line] = keep * self.damped[line] + share * row[line];
                    row[line] = self.feedback[line] * self.damped[line];
                }
            }
            for line in 0..LINES {
                for n in 0..LINES {
                    arrived[line][first + n] = rows[n][line];
                }
            }
            first += LINES;
        }
    }

    /// Empties the room.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.predelay.reset();
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.diffusers.iter_mut().flatten().for_each(Diffuser::reset);
        self.delays = self.base_delays;
        self.damped = [0.0; LINES];
        self.phases = std::array::from_fn(|line| (line as u32) << 29);
        self.quiet = usize::MAX / 2;
    }
}

/// The orthogonal mixing of the lines: every one feeds all, and no energy is made.
#[inline(always)]
fn hadamard([a, b, c, d, e, f, g, h]: [f32; LINES]) -> [f32; LINES] {
    let (a, b, c, d) = (a + b, a - b, c + d, c - d);
    let (e, f, g, h) = (e + f, e - f, g + h, g - h);
    let (a, b, c, d) = (a + c, b + d, a - c, b - d);
    let (e, f, g, h) = (e + g, f + h, e - g, f - h);
    // 1/√8 keeps the energy.
    [a + e, b + f, c + g, d + h, a - e, b - f, c - g, d - h].map(|sample| sample * 0.353_553_4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impulse(rate_hz: f32, is_wide: bool, steps: usize, cut: usize) -> Vec<f32> {
        let mut room = Room::new(rate_hz, is_wide);
        let mut heard = Vec::new();
        for step in 0..steps {
            room.tick();
            let mut send = [0.0; GRID];
            send[0] = f32::from(step == 0);
            let (mut left, mut right) = ([0.0; GRID], [0.0; GRID]);
            for range in [0..cut, cut..GRID] {
                let (left, right) = (&mut left[range.clone()], &mut right[range.clone()]);
                room.process(Some(&send[range]), 1.0, left, right);
            }
            heard.extend(left.iter().zip(&right).map(|(l, r)| l + r));
        }
        heard
    }

    #[test]
    fn the_tail_falls_sixty_decibels_in_its_time() {
        let heard = impulse(48_000.0, false, 1_500, 0);
        let energy = |range: std::ops::Range<usize>| {
            heard[range].iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>()
        };
        let fall_db = 10.0 * (energy(9_600..14_400) / energy(57_600..62_400)).log10();
        // One second apart: 33 dB, more for the damping.
        assert!((33.0..55.0).contains(&fall_db), "{fall_db}");
    }

    #[test]
    fn the_wide_code_and_the_cuts_between_runs_change_nothing_that_is_heard() {
        #[cfg(target_arch = "x86_64")]
        let is_wide = super::super::group_avx2::is_there();
        #[cfg(not(target_arch = "x86_64"))]
        let is_wide = false;
        for rate_hz in [8_000.0, 44_100.0, 48_000.0, 192_000.0] {
            let expected = impulse(rate_hz, false, 300, 0);
            assert!(expected.iter().any(|sample| sample.abs() > 1e-3));
            for cut in [0, 1, 31, 61] {
                let heard = impulse(rate_hz, is_wide, 300, cut);
                let off = heard.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(off < 2e-3, "{rate_hz} Hz, cut at {cut}: {off}");
            }
        }
    }

    #[test]
    fn a_room_that_nothing_enters_comes_to_rest() {
        let mut room = Room::new(48_000.0, false);
        let (mut left, mut right) = ([0.0; GRID], [0.0; GRID]);
        room.process(Some(&[1.0; GRID]), 1.0, &mut left, &mut right);
        for _ in 0..4_000 {
            (left, right) = ([0.0; GRID], [0.0; GRID]);
            room.tick();
            room.process(None, 1.0, &mut left, &mut right);
        }
        assert!(left == [0.0; GRID] && right == [0.0; GRID]);
    }
}
