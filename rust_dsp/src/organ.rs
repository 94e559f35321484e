//! A drawbar organ: nine sines, percussion and key click, a slow rotor.

use crate::envelope::{Contour, Envelope};
use crate::instrument::{Expression, Generator, Note};
use crate::noise::Noise;
use crate::units::{hz_to_step, sine, t60_to_factor};
use crate::voice::TICK;

const BARS: usize = 9;
/// Sub-fundamental, sub-third, fundamental, then harmonics: ratios to the key's pitch.
const RATIOS: [f32; BARS] = [0.5, 1.498_307, 1.0, 2.0, 2.996_614, 4.0, 5.039_684, 5.993_228, 8.0];
/// The registration 88 8 800 003, three decibels a step.
const DRAWN: [f32; BARS] = [0.8, 0.6, 1.0, 0.7, 0.12, 0.1, 0.03, 0.03, 0.14];
const LEVEL: f32 = 0.05;

/// One organ key.
pub struct Organ {
    rate_hz: f32,
    frequency_hz: f32,
    phases: [u32; BARS],
    steps: [u32; BARS],
    gains: [f32; BARS],
    percussion: f32,
    percussion_decay: f32,
    click: Noise,
    click_gain: f32,
    click_decay: f32,
    contacts: Envelope,
    rotor_phase: u32,
    rotor_step: u32,
    /// Where the rotor points at the start and at the end of the tick, −1 left to 1 right.
    swing: (f32, f32),
}

impl Organ {
    /// Presses a key.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let mut gains = DRAWN;
        for (bar, gain) in gains.iter_mut().enumerate() {
            // A tone wheel ends near 6 kHz; velocity pulls the upper bars out.
            let audible = note.frequency_hz * RATIOS[bar] < 0.4 * note.rate_hz;
            let pull = if bar > 2 { 0.2 + 1.29 * note.velocity } else { 1.0 };
            *gain *= if audible { pull * LEVEL } else { 0.0 };
        }
        Self {
            rate_hz: note.rate_hz,
            frequency_hz: note.frequency_hz,
            phases: [0; BARS],
            steps: [0; BARS],
            gains,
            percussion: 0.9 * LEVEL * note.velocity,
            percussion_decay: t60_to_factor(0.6, note.rate_hz),
            click: Noise::new(note.seed),
            click_gain: LEVEL * 0.35 * note.velocity,
            click_decay: t60_to_factor(0.012, note.rate_hz),
            contacts: Envelope::new(
                Contour { attack_seconds: 0.004, decay_seconds: 1.0, sustain: 1.0, release_seconds: 0.04 },
                note.rate_hz,
            ),
            rotor_phase: 0,
            rotor_step: hz_to_step(0.9, note.rate_hz / TICK as f32),
            swing: (0.0, 0.0),
        }
    }
}

impl Generator for Organ {
    fn tick(&mut self, expression: Expression) {
        self.contacts.tick();
        // The wheel speeds the rotor up: slow to fast, as a foot switch does.
        let speed = 1.0 + 6.5 * expression.modulation;
        let turn = (self.rotor_step as f32 * speed) as u32;
        self.rotor_phase = self.rotor_phase.wrapping_add(turn);
        self.swing = (self.swing.1, 0.18 * sine(self.rotor_phase));
        for (step, ratio) in self.steps.iter_mut().zip(RATIOS) {
            *step = hz_to_step(self.frequency_hz * ratio * expression.bend_ratio, self.rate_hz);
        }
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        for index in 0..left.len() {
            let mut sum = 0.0;
            for bar in 0..BARS {
                sum += self.gains[bar] * sine(self.phases[bar]);
            }
            // The percussion is the second harmonic, once, dying away.
            sum += self.percussion * sine(self.phases[3]);
            self.percussion *= self.percussion_decay;
            for (phase, step) in self.phases.iter_mut().zip(self.steps) {
                *phase = phase.wrapping_add(step);
            }
            sum += self.click_gain * self.click.sample();
            self.click_gain *= self.click_decay;
            let sample = self.contacts.level(frame + index) * sum;
            let part = (frame + index) as f32 * (1.0 / TICK as f32);
            let swing = self.swing.0 + (self.swing.1 - self.swing.0) * part;
            left[index] = (1.0 + swing) * sample;
            right[index] = (1.0 - swing) * sample;
        }
    }

    fn release(&mut self) {
        self.contacts.release();
    }

    fn is_done(&self) -> bool {
        self.contacts.is_done()
    }

    fn decays(&self) -> bool {
        false
    }
}
