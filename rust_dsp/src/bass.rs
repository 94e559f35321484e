//! A fingered electric bass: plucked-string partials, a pickup, the finger's thump.

use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Generator, Note};
use crate::modal::{ModalBank, Mode};
use crate::noise::Noise;
use std::f32::consts::PI;

/// Where the finger plucks and where the pickup listens, as shares of the string.
const PLUCK_POINT: f32 = 0.21;
const PICKUP_POINT: f32 = 0.135;
const LEVEL: f32 = 0.22;

/// One plucked string.
pub struct FingerBass {
    string: ModalBank,
    finger: Noise,
    finger_filter: StateVariable,
    finger_gain: f32,
    finger_decay: f32,
    is_finger_over: bool,
}

impl FingerBass {
    /// Plucks a string.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let mut string = ModalBank::new(note.rate_hz);
        // A soft finger rolls over the string; a hard one snaps it.
        let tone_hz = 330.0 + 2_600.0 * note.velocity.powf(1.8);
        let pitch = f32::from(note.pitch);
        let ring_seconds = (7.0 * (-(pitch - 28.0) / 18.0).exp2()).clamp(0.6, 9.0);
        for n in 1..=112u32 {
            let harmonic = n as f32;
            let stiffness = 6e-5 * harmonic * harmonic;
            let frequency_hz = note.frequency_hz * harmonic * (1.0 + 0.5 * stiffness);
            if frequency_hz > 7_000.0 {
                break;
            }
            let comb = (PI * harmonic * PLUCK_POINT).sin() * (PI * harmonic * PICKUP_POINT).sin();
            // The pickup's coil and the lead end what the finger might still let through.
            let coil = 1.0 / (1.0 + (frequency_hz / 3_600.0).powi(4));
            let gain = comb * coil * harmonic.powf(-0.75) / (1.0 + (frequency_hz / tone_hz).powi(2));
            string.add(Mode {
                frequency_hz,
                gain,
                t60_seconds: ring_seconds / (1.0 + 0.0034 * (frequency_hz - note.frequency_hz)),
            });
        }
        let norm = string.norm().max(1e-6);
        string.scale(LEVEL * note.velocity.powf(1.3) / norm);
        Self {
            string,
            finger: Noise::new(note.seed),
            finger_filter: StateVariable::new(
                Response::Bandpass,
                250.0 + 1_100.0 * note.velocity,
                0.8,
                note.rate_hz,
            ),
            finger_gain: LEVEL * 0.3 * note.velocity.powf(2.0),
            finger_decay: crate::units::t60_to_factor(0.06, note.rate_hz),
            is_finger_over: false,
        }
    }
}

impl Generator for FingerBass {
    fn tick(&mut self, expression: Expression) {
        self.string.bend(expression.bend_ratio);
        self.string.prune(2e-6);
        // Decided once a tick: where a callback ends must not matter.
        self.is_finger_over = self.finger_gain < 1e-6;
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], _frame: usize) {
        left.fill(0.0);
        self.string.render_add(left);
        if !self.is_finger_over {
            for sample in left.iter_mut() {
                *sample += self.finger_gain * self.finger_filter.process(self.finger.sample());
                self.finger_gain *= self.finger_decay;
            }
        }
        right.copy_from_slice(left);
    }

    fn release(&mut self) {
        self.string.damp(0.11);
    }
}
