//! A grand piano: stiff-string partials with a fast and a slow decay, a felt hammer, dampers.

use crate::filter::OnePole;
use crate::instrument::{Expression, Generator, Note};
use crate::modal::{ModalBank, Mode};
use crate::noise::Noise;
use std::f32::consts::PI;

/// Where the hammer meets the string, as a share of its length.
const STRIKE_POINT: f32 = 0.118;
/// The highest key with a damper (F♯6); above it strings ring on.
const HIGHEST_DAMPED: u8 = 90;
/// Overall level, set so that a middle chord at velocity 80 peaks near −12 dBFS.
const LEVEL: f32 = 0.20;

/// One struck key.
pub struct GrandPiano {
    /// Strings as they leave the hammer: loud, soon spent into the bridge.
    prompt: ModalBank,
    /// What stays in the strings: softer, slower, a hair out of tune with the first.
    after: ModalBank,
    felt: Noise,
    felt_filter: OnePole,
    felt_gain: f32,
    felt_decay: f32,
    is_felt_over: bool,
    gains: [(f32, f32); 2],
    pitch: u8,
}

impl GrandPiano {
    /// Strikes a key.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let mut prompt = ModalBank::new(note.rate_hz);
        let mut after = ModalBank::new(note.rate_hz);
        add_strings(note, &mut prompt, &mut after);
        let loudness = note.velocity.powf(1.6);
        let norm = (prompt.norm() + after.norm()).max(1e-6);
        let gain = LEVEL * loudness / norm;
        prompt.scale(gain);
        after.scale(gain);
        add_knock(note, &mut prompt, LEVEL * note.velocity.powf(2.2));
        // Low strings to the left, high ones to the right, as the player hears them.
        let pan = (f32::from(note.pitch) - 64.0) / 44.0 * 0.35;
        Self {
            prompt,
            after,
            felt: Noise::new(note.seed),
            felt_filter: OnePole::new(600.0 + 5_000.0 * note.velocity * note.velocity, note.rate_hz),
            felt_gain: LEVEL * 0.22 * note.velocity.powf(2.4),
            felt_decay: crate::units::t60_to_factor(0.045, note.rate_hz),
            is_felt_over: false,
            gains: [(1.0 - pan * 0.8, 1.0 + pan * 0.8), (1.0 - pan * 0.3 + 0.12, 1.0 + pan * 0.3 - 0.12)],
            pitch: note.pitch,
        }
    }
}

/// Stiffness of the string: falls through the wound strings, rises through the plain ones.
fn inharmonicity(pitch: f32) -> f32 {
    (-0.0847 * pitch - 5.82).exp() + (0.0926 * pitch - 13.64).exp()
}

fn add_strings(note: &Note, prompt: &mut ModalBank, after: &mut ModalBank) {
    let pitch = f32::from(note.pitch);
    let stiffness = inharmonicity(pitch);
    // A harder blow shortens the contact between felt and string, which lets more high partials through.
    let felt_hz =
        (280.0 + 3_000.0 * note.velocity.powf(1.7)) * (note.frequency_hz / 262.0).powf(0.4).max(0.55);
    let ring_seconds = (34.0 * (-(pitch - 33.0) / 21.0).exp2()).clamp(0.6, 26.0);
    for n in 1..=96u32 {
        let harmonic = n as f32;
        let stretch = ((1.0 + stiffness * harmonic * harmonic) / (1.0 + stiffness)).sqrt();
        let frequency_hz = note.frequency_hz * harmonic * stretch;
        if frequency_hz > 16_000.0 {
            break;
        }
        let mut dice = Noise::new(u32::from(note.pitch) * 131 + n);
        // Stiffness scatters the partials' phases; without it the attack would be one sharp spike.
        let sign = if n > 1 && dice.sample() < 0.0 { -1.0 } else { 1.0 };
        let strike = sign * (PI * harmonic * STRIKE_POINT).sin().abs().max(0.12);
        let felt = 1.0 / (1.0 + (frequency_hz / felt_hz).powi(2)).powf(0.9);
        // The soundboard is too small to radiate the lowest octave.
        let board = frequency_hz.powi(2) / (frequency_hz.powi(2) + 75.0 * 75.0);
        let gain = strike * felt * board * harmonic.powf(-0.45);
        let t60_seconds = ring_seconds / (1.0 + 0.0009 * (frequency_hz - note.frequency_hz));
        prompt.add(Mode { frequency_hz, gain, t60_seconds: t60_seconds * 0.3 });
        // Unison strings differ by a fraction of a cent, each partial by its own.
        let drift = dice.sample();
        after.add(Mode {
            frequency_hz: frequency_hz * (1.0 + 0.000_22 * drift),
            gain: gain * 0.3,
            t60_seconds,
        });
    }
}

/// The thump of hammer, key bed and case.
fn add_knock(note: &Note, bank: &mut ModalBank, level: f32) {
    for (frequency_hz, gain, t60_seconds) in [
        (62.0, 0.05, 0.18),
        (113.0, 0.06, 0.14),
        (187.0, 0.05, 0.10),
        (341.0, 0.035, 0.07),
        (620.0, 0.02, 0.05),
    ] {
        // Short strings leave more of the blow to the case.
        let share = 0.6 + f32::from(note.pitch) / 90.0;
        bank.add(Mode { frequency_hz, gain: gain * level * share, t60_seconds });
    }
}

impl Generator for GrandPiano {
    fn tick(&mut self, expression: Expression) {
        self.prompt.bend(expression.bend_ratio);
        self.after.bend(expression.bend_ratio);
        self.prompt.prune(2e-6);
        self.after.prune(2e-6);
        // Decided once a tick: where a callback ends must not matter.
        self.is_felt_over = self.felt_gain < 1e-6;
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], _frame: usize) {
        let frames = left.len();
        let mut prompt = [0.0; crate::voice::TICK];
        let mut after = [0.0; crate::voice::TICK];
        self.prompt.render_add(&mut prompt[..frames]);
        self.after.render_add(&mut after[..frames]);
        if !self.is_felt_over {
            for sample in &mut prompt[..frames] {
                *sample += self.felt_gain * self.felt_filter.process(self.felt.sample());
                self.felt_gain *= self.felt_decay;
            }
        }
        let [(prompt_left, prompt_right), (after_left, after_right)] = self.gains;
        for frame in 0..frames {
            left[frame] = prompt_left * prompt[frame] + after_left * after[frame];
            right[frame] = prompt_right * prompt[frame] + after_right * after[frame];
        }
    }

    fn release(&mut self) {
        if self.pitch < HIGHEST_DAMPED {
            // Long strings take longer to stop.
            let t60_seconds = 0.16 + 0.4 * (1.0 - f32::from(self.pitch) / 72.0).max(0.0);
            self.prompt.damp(t60_seconds);
            self.after.damp(t60_seconds);
        }
    }
}
