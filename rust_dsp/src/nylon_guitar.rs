//! A nylon-string guitar: a fingertip's push into a waveguide, through a body of 32 modes.
//!
//! The body stands before the string (Smith's commuted synthesis): both are linear, so their order does not matter,
//! and a body that is only struck once costs little and soon nothing.

use crate::filter::OnePole;
use crate::instrument::{Expression, Generator, Note};
use crate::modal::{ModalBank, Mode};
use crate::noise::Noise;
use crate::units::{sine, t60_to_factor};
use crate::voice::TICK;
use crate::waveguide::{Losses, Waveguide};

/// Where the finger plucks, as a share of the string: over the sound hole.
const PLUCK_POINT: f32 = 0.19;
const LEVEL: f32 = 0.39;
/// Resonances of air and wood: hertz, gain, seconds to fall by 60 dB.
const BODY: [(f32, f32, f32); 32] = [
    (101.0, 0.50, 0.24),
    (193.0, 0.62, 0.20),
    (231.0, -0.40, 0.18),
    (287.0, 0.34, 0.15),
    (368.0, -0.30, 0.13),
    (437.0, 0.32, 0.12),
    (529.0, -0.26, 0.11),
    (646.0, 0.28, 0.09),
    (783.0, -0.24, 0.08),
    (961.0, 0.22, 0.07),
    (1_213.0, -0.20, 0.06),
    (1_487.0, 0.18, 0.05),
    (1_852.0, -0.16, 0.045),
    (2_310.0, 0.15, 0.04),
    (2_890.0, -0.12, 0.035),
    (3_630.0, 0.10, 0.03),
    (691.0, -0.16, 0.07),
    (866.0, 0.20, 0.065),
    (1_049.0, -0.22, 0.06),
    (1_121.0, -0.18, 0.055),
    (1_334.0, 0.22, 0.05),
    (1_612.0, -0.20, 0.045),
    (1_733.0, 0.18, 0.04),
    (2_041.0, -0.19, 0.038),
    (2_174.0, 0.17, 0.036),
    (2_523.0, -0.17, 0.033),
    (2_702.0, 0.15, 0.032),
    (3_187.0, 0.15, 0.03),
    (3_390.0, -0.13, 0.028),
    (4_012.0, -0.12, 0.026),
    (4_530.0, 0.11, 0.024),
    (5_170.0, -0.10, 0.022),
];

/// One plucked string.
pub struct NylonGuitar {
    string: Waveguide,
    body: ModalBank,
    nail: Noise,
    nail_filter: OnePole,
    nail_gain: f32,
    nail_decay: f32,
    is_nail_over: bool,
    /// The fingertip's push: phase of its bell, step, height, and whether it is over.
    push_phase: u32,
    push_step: u32,
    push_gain: f32,
    is_push_over: bool,
    pluck_delay: f32,
    gain: f32,
    pan: f32,
}

impl NylonGuitar {
    /// Plucks a string.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let pitch = f32::from(note.pitch);
        let hard = note.velocity;
        let ring_seconds = (5.2 * (-(pitch - 40.0) / 22.0).exp2()).clamp(0.7, 6.5);
        let losses = Losses {
            t60_seconds: ring_seconds,
            high_hz: 3_500.0,
            high_t60_seconds: (0.20 + 0.16 * hard) * (ring_seconds / 3.0).clamp(0.5, 1.2),
        };
        let string = Waveguide::new(note.frequency_hz, losses, note.rate_hz);
        // A hard finger leaves the string more suddenly: its push is shorter, so it reaches higher.
        let push_seconds =
            (0.000_30 + 0.001_5 * (1.0 - hard).powi(2)).min(0.42 * string.period() / note.rate_hz);
        let push_frames = (push_seconds * note.rate_hz).max(3.0);
        let mut body = ModalBank::new(note.rate_hz);
        for (frequency_hz, gain, t60_seconds) in BODY {
            // The soft finger's long push does not shake the small plates.
            let reach = 1.0 / (1.0 + (frequency_hz * push_seconds * 0.8).powi(2));
            body.add(Mode { frequency_hz, gain: 0.075 * gain * reach, t60_seconds });
        }
        let pluck_delay = PLUCK_POINT * string.period();
        // Higher strings return sooner, so each push counts more often.
        let even = (note.frequency_hz / 220.0).powf(-0.30);
        Self {
            pluck_delay: pluck_delay.max(2.0),
            body,
            string,
            nail: Noise::new(note.seed),
            nail_filter: OnePole::new(1_500.0 + 5_500.0 * hard * hard, note.rate_hz),
            nail_gain: 0.10 * hard * hard,
            nail_decay: t60_to_factor(0.012, note.rate_hz),
            is_nail_over: false,
            push_phase: 0,
            push_step: (4_294_967_296.0 / f64::from(push_frames)) as u32,
            // Of the same area whatever its width, so that velocity moves the tone and not the bottom.
            push_gain: 0.000_24 * note.rate_hz / push_frames * 2.0,
            is_push_over: false,
            gain: LEVEL * even * hard.powf(1.35),
            pan: (pitch - 59.0) / 40.0 * 0.15,
        }
    }

    #[inline(always)]
    fn push(&mut self) -> f32 {
        if self.is_push_over {
            return 0.0;
        }
        // A raised cosine: (1 − cos)/2.
        let bell = 0.5 - 0.5 * sine(self.push_phase.wrapping_add(1 << 30));
        let (next, wrapped) = self.push_phase.overflowing_add(self.push_step);
        (self.push_phase, self.is_push_over) = (next, wrapped);
        self.push_gain * bell
    }
}

impl Generator for NylonGuitar {
    fn tick(&mut self, expression: Expression) {
        self.string.tick(expression.bend_ratio);
        self.body.prune(1e-6);
        // Decided once a tick: where a callback ends must not matter.
        self.is_nail_over = self.nail_gain < 1e-6;
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], _frame: usize) {
        let mut struck = [0.0; TICK];
        let struck = &mut struck[..left.len()];
        self.body.render_add(struck);
        let (to_left, to_right) = (self.gain * (1.0 - self.pan), self.gain * (1.0 + self.pan));
        for (index, sample) in struck.iter().enumerate() {
            let mut input = sample + self.push();
            if !self.is_nail_over {
                input += self.nail_gain * self.nail_filter.process(self.nail.sample());
                self.nail_gain *= self.nail_decay;
            }
            let bridge = self.string.process(input);
            // What starts at the finger also runs the other way and comes back turned over.
            let sound = bridge - self.string.read(self.pluck_delay + 1.0);
            left[index] = to_left * sound;
            right[index] = to_right * sound;
        }
    }

    fn release(&mut self) {
        self.string.damp(0.16);
        self.body.damp(0.12);
    }
}
