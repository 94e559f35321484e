//! A room: diffusion, then eight delay lines that feed each other, damped and gently moving.

use crate::filter::OnePole;
use crate::smoother::GRID;
use crate::units::{hz_to_step, sine};

mod block;

const LINES: usize = 8;
/// Delay of each line in seconds: mutually prime at 48 kHz, spread so no echo stands out.
const LINE_SECONDS: [f32; LINES] =
    [0.029_896, 0.034_229, 0.037_979, 0.041_937, 0.047_729, 0.053_146, 0.059_604, 0.066_271];
/// Delays of the diffusing allpasses, left and right, in seconds.
const DIFFUSER_SECONDS: [[f32; 3]; 2] = [[0.004_77, 0.008_31, 0.012_73], [0.005_19, 0.007_89, 0.013_61]];
const DIFFUSION: f32 = 0.62;
/// How far the lines breathe, in seconds; enough to blur ringing, too little to hear as chorus.
const MOTION_SECONDS: f32 = 0.000_18;
const PREDELAY_SECONDS: f32 = 0.012;

/// A ring of past samples.
struct Line {
    samples: Vec<f32>,
    write: usize,
}

impl Line {
    fn new(seconds: f32, rate_hz: f32) -> Self {
        let length = ((seconds * rate_hz) as usize + 4).next_power_of_two();
        Self { samples: vec![0.0; length], write: 0 }
    }

    #[inline(always)]
    fn push(&mut self, sample: f32) {
        self.samples[self.write] = sample;
        self.write = (self.write + 1) & (self.samples.len() - 1);
    }

    /// The sample `delay` frames ago; 1 is the newest.
    #[inline(always)]
    fn read(&self, delay: usize) -> f32 {
        self.samples[self.write.wrapping_sub(delay) & (self.samples.len() - 1)]
    }

    #[inline(always)]
    fn read_between(&self, delay: f32) -> f32 {
        let whole = delay as usize;
        let part = delay - whole as f32;
        let (near, far) = (self.read(whole), self.read(whole + 1));
        near + (far - near) * part
    }
}

/// An allpass that smears an onset without colouring it.
struct Diffuser {
    line: Line,
    delay: usize,
}

impl Diffuser {
    fn new(seconds: f32, rate_hz: f32) -> Self {
        Self { line: Line::new(seconds, rate_hz), delay: (seconds * rate_hz) as usize }
    }

    #[inline(always)]
    fn process(&mut self, input: f32) -> f32 {
        let delayed = self.line.read(self.delay);
        let fed = input - DIFFUSION * delayed;
        self.line.push(fed);
        delayed + DIFFUSION * fed
    }
}

/// The reverb: mono or stereo in, stereo out, wet only.
pub struct Reverb {
    rate_hz: f32,
    predelay: [Line; 2],
    predelay_frames: usize,
    diffusers: [[Diffuser; 3]; 2],
    lines: [Line; LINES],
    base_delays: [f32; LINES],
    delays: [f32; LINES],
    delay_steps: [f32; LINES],
    feedback: [f32; LINES],
    damping: [OnePole; LINES],
    motion_phases: [u32; LINES],
    motion_steps: [u32; LINES],
    settings: (f32, f32),
    /// What leaves the diffusers, while a run is processed.
    entering: [[f32; GRID]; 2],
}

impl Reverb {
    /// A silent room.
    ///
    /// Realtime-safe: no (allocates its delay lines).
    pub fn new(rate_hz: f32) -> Self {
        let base_delays = LINE_SECONDS.map(|seconds| (seconds * rate_hz).round());
        let mut motion_phases = [0; LINES];
        let mut motion_steps = [0; LINES];
        for line in 0..LINES {
            motion_phases[line] = (line as u32).wrapping_mul(0x2000_0000);
            motion_steps[line] = hz_to_step(0.31 + 0.07 * line as f32, rate_hz / GRID as f32);
        }
        let motion_seconds = 3.0 * MOTION_SECONDS;
        Self {
            rate_hz,
            predelay: std::array::from_fn(|_| Line::new(PREDELAY_SECONDS, rate_hz)),
            predelay_frames: (PREDELAY_SECONDS * rate_hz) as usize,
            diffusers: DIFFUSER_SECONDS.map(|side| side.map(|seconds| Diffuser::new(seconds, rate_hz))),
            lines: LINE_SECONDS.map(|seconds| Line::new(seconds + motion_seconds, rate_hz)),
            base_delays,
            delays: base_delays,
            delay_steps: [0.0; LINES],
            feedback: [0.0; LINES],
            damping: [OnePole::default(); LINES],
            motion_phases,
            motion_steps,
            settings: (0.0, 0.0),
            entering: [[0.0; GRID]; 2],
        }
    }

    /// Moves on by one grid step with this decay time and damping.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, decay_seconds: f32, damping_hz: f32) {
        if self.settings != (decay_seconds, damping_hz) {
            self.settings = (decay_seconds, damping_hz);
            for line in 0..LINES {
                // One trip through the line loses its share of 60 dB.
                let trip_seconds = self.base_delays[line] / self.rate_hz;
                self.feedback[line] = (-6.907_755 * trip_seconds / decay_seconds).exp();
                self.damping[line].set(damping_hz, self.rate_hz);
            }
        }
        let reach = MOTION_SECONDS * self.rate_hz;
        for line in 0..LINES {
            self.motion_phases[line] = self.motion_phases[line].wrapping_add(self.motion_steps[line]);
            let target = self.base_delays[line] + reach * sine(self.motion_phases[line]);
            self.delay_steps[line] = (target - self.delays[line]) * (1.0 / GRID as f32);
        }
    }

    /// The room's answer to one stereo sample.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn process(&mut self, left: f32, right: f32) -> (f32, f32) {
        let mut entering = [left, right];
        for (side, sample) in entering.iter_mut().enumerate() {
            self.predelay[side].push(*sample);
            *sample = self.predelay[side].read(self.predelay_frames);
            for diffuser in &mut self.diffusers[side] {
                *sample = diffuser.process(*sample);
            }
        }
        let mut arrived = [0.0; LINES];
        for line in 0..LINES {
            self.delays[line] += self.delay_steps[line];
            let delayed = self.lines[line].read_between(self.delays[line]);
            arrived[line] = self.feedback[line] * self.damping[line].process(delayed);
        }
        let out_left = arrived[0] - arrived[2] + arrived[4] - arrived[6];
        let out_right = arrived[1] - arrived[3] + arrived[5] - arrived[7];
        let mixed = hadamard(arrived);
        for line in 0..LINES {
            self.lines[line].push(mixed[line] + entering[line & 1] * 0.5);
        }
        (out_left, out_right)
    }

    /// Empties the room.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        let lines = self.lines.iter_mut().chain(&mut self.predelay);
        let smeared = self.diffusers.iter_mut().flatten().map(|diffuser| &mut diffuser.line);
        for line in lines.chain(smeared) {
            line.samples.fill(0.0);
            line.write = 0;
        }
        self.delays = self.base_delays;
        self.damping.iter_mut().for_each(OnePole::reset);
        for line in 0..LINES {
            self.motion_phases[line] = (line as u32).wrapping_mul(0x2000_0000);
        }
    }
}

/// The orthogonal mixing of the lines: every one feeds all, and no energy is made.
#[inline(always)]
fn hadamard(mut x: [f32; LINES]) -> [f32; LINES] {
    for stride in [1, 2, 4] {
        for index in 0..LINES {
            if index & stride == 0 {
                let (a, b) = (x[index], x[index + stride]);
                x[index] = a + b;
                x[index + stride] = a - b;
            }
        }
    }
    // 1/√8 keeps the energy.
    x.map(|sample| sample * 0.353_553_4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_falls_sixty_decibels_in_its_time() {
        let mut reverb = Reverb::new(48_000.0);
        let mut energy = [0.0f64; 2];
        for n in 0..96_000usize {
            if n % GRID == 0 {
                reverb.tick(1.5, 16_000.0);
            }
            let input = if n == 0 { 1.0 } else { 0.0 };
            let (l, r) = reverb.process(input, input);
            if (9_600..14_400).contains(&n) {
                energy[0] += f64::from(l * l + r * r);
            } else if (57_600..62_400).contains(&n) {
                energy[1] += f64::from(l * l + r * r);
            }
        }
        // One second apart at a decay of 1.5 s: 40 dB, a little more for the damping.
        let fall_db = 10.0 * (energy[0] / energy[1]).log10();
        assert!((37.0..52.0).contains(&fall_db), "{fall_db}");
    }
}
