//! An upright bass, plucked: two planes of string, a hollow body, a fingertip's thump.

use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Generator, Note};
use crate::modal::{ModalBank, Mode};
use crate::noise::Noise;
use crate::units::{semitones_to_ratio, t60_to_factor};
use crate::voice::TICK;
use std::f32::consts::PI;

/// Where the finger plucks, at the end of the fingerboard, as a share of the string.
const PLUCK_POINT: f32 = 0.31;
const LEVEL: f32 = 0.27;
/// Partials of the quick plane, and of the slow one, which fades out towards its last: a bank holds both.
const MOST_PARTIALS: u32 = 72;
const MOST_IN_BOTH_PLANES: u32 = 56;
/// Air, top and back: hertz, gain, seconds to fall by 60 dB.
const BODY: [(f32, f32, f32); 8] = [
    (59.0, 0.30, 0.22),
    (98.0, 0.46, 0.20),
    (111.0, -0.34, 0.17),
    (164.0, 0.32, 0.13),
    (206.0, -0.26, 0.11),
    (268.0, 0.20, 0.09),
    (391.0, -0.14, 0.07),
    (640.0, 0.08, 0.05),
];

/// One plucked string.
pub struct UprightBass {
    string: ModalBank,
    body: ModalBank,
    finger: Noise,
    finger_filter: StateVariable,
    finger_gain: f32,
    finger_decay: f32,
    is_finger_over: bool,
    /// How far the pull stretches the string sharp, in semitones, and what is left of it after a tick.
    stretch: f32,
    stretch_decay: f32,
}

impl UprightBass {
    /// Plucks a string.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let hard = note.velocity;
        let mut string = ModalBank::new(note.rate_hz);
        add_planes(note, &mut string);
        string.scale(LEVEL * hard.powf(1.25) / string.norm().max(1e-6));
        let mut body = ModalBank::new(note.rate_hz);
        for (frequency_hz, gain, t60_seconds) in BODY {
            body.add(Mode { frequency_hz, gain: 0.34 * LEVEL * hard.powf(1.6) * gain, t60_seconds });
        }
        Self {
            string,
            body,
            finger: Noise::new(note.seed),
            finger_filter: StateVariable::new(
                Response::Bandpass,
                180.0 + 1_300.0 * hard * hard,
                0.6,
                note.rate_hz,
            ),
            finger_gain: LEVEL * 0.26 * hard.powf(1.8),
            finger_decay: t60_to_factor(0.055, note.rate_hz),
            is_finger_over: false,
            stretch: 0.07 * hard * hard,
            stretch_decay: t60_to_factor(0.12, note.rate_hz / TICK as f32),
        }
    }
}

/// The string swings towards the body, soon spent and bright, and along it, longer and duller.
fn add_planes(note: &Note, string: &mut ModalBank) {
    let hard = note.velocity;
    let pitch = f32::from(note.pitch);
    let tone_hz = 240.0 + 1_700.0 * hard.powf(1.7);
    let ring_seconds = (5.0 * (-(pitch - 28.0) / 15.0).exp2()).clamp(0.5, 6.0);
    for n in 1..=MOST_PARTIALS {
        let harmonic = n as f32;
        let frequency_hz = note.frequency_hz * harmonic * (1.0 + 1.2e-4 * (harmonic * harmonic - 1.0) * 0.5);
        if frequency_hz > 4_500.0 {
            break;
        }
        let mut dice = Noise::new(u32::from(note.pitch) * 257 + n);
        let pluck = (PI * harmonic * PLUCK_POINT).sin().abs().max(0.05);
        let finger = 1.0 / (1.0 + (frequency_hz / tone_hz).powi(2));
        // The body does not carry the lowest fundamentals; the ear builds them from the next partials.
        let carried = frequency_hz.powi(2) / (frequency_hz.powi(2) + 42.0 * 42.0);
        // A finger leaves no spike behind: the partials' phases are scattered.
        let sign = if n > 1 && dice.sample() < 0.0 { -1.0 } else { 1.0 };
        let gain = sign * pluck * finger * carried * harmonic.powf(-0.6);
        let seconds = ring_seconds / (1.0 + 0.006 * (frequency_hz - note.frequency_hz));
        string.add(Mode { frequency_hz, gain, t60_seconds: 0.34 * seconds });
        if n > MOST_IN_BOTH_PLANES {
            continue;
        }
        let apart = if n == 1 { 0.0 } else { 0.000_3 * dice.sample() };
        let fade = (2.0 - 2.0 * harmonic / MOST_IN_BOTH_PLANES as f32).min(1.0);
        string.add(Mode {
            frequency_hz: frequency_hz * (1.0 + apart),
            gain: 0.55 * fade * gain,
            t60_seconds: seconds,
        });
    }
}

impl Generator for UprightBass {
    fn tick(&mut self, expression: Expression) {
        self.stretch *= self.stretch_decay;
        if self.stretch < 0.000_5 {
            // Half a hundredth of a cent: still, so that no mode need be turned again.
            self.stretch = 0.0;
        }
        self.string.bend(expression.bend_ratio * semitones_to_ratio(self.stretch));
        self.string.prune(2e-6);
        self.body.prune(2e-6);
        // Decided once a tick: where a callback ends must not matter.
        self.is_finger_over = self.finger_gain < 1e-6;
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], _frame: usize) {
        left.fill(0.0);
        self.string.render_add(left);
        self.body.render_add(left);
        if !self.is_finger_over {
            for sample in left.iter_mut() {
                *sample += self.finger_gain * self.finger_filter.process(self.finger.sample());
                self.finger_gain *= self.finger_decay;
            }
        }
        right.copy_from_slice(left);
    }

    fn release(&mut self) {
        self.string.damp(0.13);
    }
}
