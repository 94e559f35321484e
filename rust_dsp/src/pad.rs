//! A pad: five detuned saws in stereo, a slow swell, a gently moving lowpass.

use crate::envelope::{Contour, Envelope};
use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Generator, Note};
use crate::oscillator::Saw;
use crate::units::{hz_to_step, sine};

const SAWS: usize = 5;
/// Detuning of each saw in cents, its share to the left and to the right.
const SPREAD: [(f32, f32, f32); SAWS] =
    [(0.0, 0.75, 0.75), (-7.0, 0.85, 0.08), (7.0, 0.08, 0.85), (-12.5, 0.12, 0.5), (12.5, 0.5, 0.12)];
const LEVEL: f32 = 0.04;

/// One swelling note.
pub struct Pad {
    rate_hz: f32,
    frequency_hz: f32,
    velocity: f32,
    phases: [u32; SAWS],
    steps: [u32; SAWS],
    filters: [StateVariable; 2],
    envelope: Envelope,
    drift_phase: u32,
    drift_step: u32,
}

impl Pad {
    /// Starts a swell.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        // Saws start apart, or their first period would be one big edge.
        let mut phases = [0u32; SAWS];
        for (index, phase) in phases.iter_mut().enumerate() {
            *phase = note.seed.wrapping_mul(0x9E37_79B9).wrapping_add(index as u32 * 0x3C6E_F372);
        }
        let filter = StateVariable::new(Response::Lowpass, 800.0, 0.65, note.rate_hz);
        Self {
            rate_hz: note.rate_hz,
            frequency_hz: note.frequency_hz,
            velocity: note.velocity,
            phases,
            steps: [0; SAWS],
            filters: [filter; 2],
            envelope: Envelope::new(
                Contour {
                    attack_seconds: 0.5 - 0.38 * note.velocity,
                    decay_seconds: 1.5,
                    sustain: 0.8,
                    release_seconds: 1.4,
                },
                note.rate_hz,
            ),
            drift_phase: phases[2],
            drift_step: hz_to_step(0.23, note.rate_hz / crate::voice::TICK as f32),
        }
    }
}

impl Generator for Pad {
    fn tick(&mut self, expression: Expression) {
        self.envelope.tick();
        self.drift_phase = self.drift_phase.wrapping_add(self.drift_step);
        let drift = sine(self.drift_phase);
        for (step, (cents, _, _)) in self.steps.iter_mut().zip(SPREAD) {
            let ratio = crate::units::semitones_to_ratio(cents * 0.01);
            *step = hz_to_step(self.frequency_hz * expression.bend_ratio * ratio, self.rate_hz);
        }
        let open = 0.35 + 0.65 * self.envelope.value();
        let cutoff_hz = (420.0 + 2_300.0 * self.velocity.powf(1.4) + 0.9 * self.frequency_hz)
            * open
            * (1.0 + 0.16 * drift + 0.8 * expression.modulation);
        for (channel, filter) in self.filters.iter_mut().enumerate() {
            let skew = if channel == 0 { 0.96 } else { 1.04 };
            filter.set(cutoff_hz * skew, 0.65, self.rate_hz);
        }
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        // One table for all: the highest saw decides what fits.
        let saw = Saw::new(self.steps.into_iter().max().unwrap_or(0));
        // Loudness follows velocity gently: a pad is a floor, not an accent.
        let gain = LEVEL * (0.35 + 0.65 * self.velocity);
        for index in 0..left.len() {
            let (l, r) = saw.ensemble(&mut self.phases, &self.steps, &SPREAD);
            let level = gain * self.envelope.level(frame + index);
            left[index] = level * self.filters[0].process(l);
            right[index] = level * self.filters[1].process(r);
        }
    }

    fn release(&mut self) {
        self.envelope.release();
    }

    fn is_done(&self) -> bool {
        self.envelope.is_done()
    }

    fn decays(&self) -> bool {
        false
    }
}
