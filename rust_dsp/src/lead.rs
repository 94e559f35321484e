//! A lead: saw and pulse through a resonant filter that opens with velocity, and a late vibrato.

use crate::envelope::{Contour, Envelope};
use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Generator, Note};
use crate::oscillator::Saw;
use crate::units::{hz_to_step, semitones_to_ratio, sine};

const LEVEL: f32 = 0.135;

/// One lead note.
pub struct Lead {
    rate_hz: f32,
    frequency_hz: f32,
    velocity: f32,
    /// Of the saw and of the pulse; they start where their fundamentals agree.
    phases: [u32; 2],
    steps: [u32; 2],
    width: u32,
    filters: [StateVariable; 2],
    loudness: Envelope,
    brightness: Envelope,
    vibrato_phase: u32,
    vibrato_step: u32,
    age_seconds: f32,
}

impl Lead {
    /// Starts a note.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let loudness = Contour {
            attack_seconds: 0.028 - 0.022 * note.velocity,
            decay_seconds: 0.5,
            sustain: 0.78,
            release_seconds: 0.16,
        };
        let brightness =
            Contour { attack_seconds: 0.012, decay_seconds: 0.28, sustain: 0.42, release_seconds: 0.3 };
        let filter = StateVariable::new(Response::Lowpass, 500.0, 0.7, note.rate_hz);
        Self {
            rate_hz: note.rate_hz,
            frequency_hz: note.frequency_hz,
            velocity: note.velocity,
            phases: [0x8000_0000, 0x9000_0000],
            steps: [0; 2],
            width: 0x6000_0000,
            filters: [filter; 2],
            loudness: Envelope::new(loudness, note.rate_hz),
            brightness: Envelope::new(brightness, note.rate_hz),
            vibrato_phase: 0,
            vibrato_step: hz_to_step(5.3, note.rate_hz / crate::voice::TICK as f32),
            age_seconds: 0.0,
        }
    }
}

impl Generator for Lead {
    fn tick(&mut self, expression: Expression) {
        self.loudness.tick();
        self.brightness.tick();
        self.age_seconds += crate::voice::TICK as f32 / self.rate_hz;
        self.vibrato_phase = self.vibrato_phase.wrapping_add(self.vibrato_step);
        // Players add vibrato once a note is settled.
        let depth = ((self.age_seconds - 0.35) * 2.0).clamp(0.0, 1.0) * 0.11 + 0.35 * expression.modulation;
        let bend = expression.bend_ratio * semitones_to_ratio(depth * sine(self.vibrato_phase));
        // Three cents apart and centred on the note: alive, but in tune.
        self.steps[0] = hz_to_step(self.frequency_hz * bend * 0.999_4, self.rate_hz);
        self.steps[1] = hz_to_step(self.frequency_hz * bend * 1.001_1, self.rate_hz);
        let cutoff_hz = 350.0
            + 1.4 * self.frequency_hz
            + (700.0 + 5_200.0 * self.velocity * self.velocity) * self.brightness.value();
        self.filters[0].set(cutoff_hz, 1.3, self.rate_hz);
        self.filters[1].set(cutoff_hz * 1.7, 0.6, self.rate_hz);
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        let saws = self.steps.map(Saw::new);
        let gain = LEVEL * (0.25 + 0.75 * self.velocity);
        for (index, sample) in left.iter_mut().enumerate() {
            let wave = 0.8 * saws[0].at(self.phases[0]) + 0.28 * saws[1].pulse(self.phases[1], self.width);
            self.phases[0] = self.phases[0].wrapping_add(self.steps[0]);
            self.phases[1] = self.phases[1].wrapping_add(self.steps[1]);
            let filtered = self.filters[0].process(wave);
            let filtered = self.filters[1].process(filtered);
            *sample = gain * self.loudness.level(frame + index) * filtered;
        }
        right.copy_from_slice(left);
    }

    fn release(&mut self) {
        self.loudness.release();
        self.brightness.release();
    }

    fn is_done(&self) -> bool {
        self.loudness.is_done()
    }

    fn decays(&self) -> bool {
        false
    }
}
