//! A tine piano: frequency modulation, where velocity opens the bark and the bell.

use crate::envelope::{Contour, Envelope};
use crate::instrument::{Expression, Generator, Note};
use crate::units::{hz_to_step, sine, t60_to_factor};
use crate::voice::TICK;

const LEVEL: f32 = 0.115;
/// Radians of modulation in 24-bit turns, which leaves room for several turns in an `i32`.
const RADIANS_TO_PHASE: f32 = 16_777_216.0 / std::f32::consts::TAU;

/// One struck tine.
pub struct ElectricPiano {
    rate_hz: f32,
    frequency_hz: f32,
    /// Phases of the tone bar, its modulator and the bell.
    phases: [u32; 3],
    steps: [u32; 3],
    /// Amplitude, bark index and bell index: value, factor per tick, value at the end of the tick.
    decays: [Decay; 3],
    bark_floor: f32,
    damper: Envelope,
}

#[derive(Clone, Copy)]
struct Decay {
    start: f32,
    end: f32,
    factor: f32,
}

impl Decay {
    fn new(value: f32, t60_seconds: f32, rate_hz: f32) -> Self {
        let factor = t60_to_factor(t60_seconds, rate_hz / TICK as f32);
        Self { start: value, end: value, factor }
    }

    fn tick(&mut self) {
        self.start = self.end;
        self.end *= self.factor;
    }

    #[inline(always)]
    fn at(&self, frame: f32) -> f32 {
        self.start + (self.end - self.start) * frame
    }
}

impl ElectricPiano {
    /// Strikes a tine.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let pitch = f32::from(note.pitch);
        let ring_seconds = (11.0 * (-(pitch - 48.0) / 24.0).exp2()).clamp(1.2, 16.0);
        // The bell lies high above the note; it must not fold back below Nyquist.
        let bell_room = (0.4 * note.rate_hz / (note.frequency_hz * 15.0)).clamp(0.0, 1.0);
        let bell = 0.28 * note.velocity.powf(1.5) * bell_room;
        let bark = (0.5 + 1.9 * note.velocity.powf(1.8)) * (1.2 - pitch / 127.0).clamp(0.2, 0.85);
        Self {
            rate_hz: note.rate_hz,
            frequency_hz: note.frequency_hz,
            phases: [0; 3],
            steps: [0; 3],
            decays: [
                Decay::new(LEVEL * note.velocity.powf(1.25), ring_seconds, note.rate_hz),
                Decay::new(bark, ring_seconds * 0.45, note.rate_hz),
                Decay::new(bell, 0.55, note.rate_hz),
            ],
            bark_floor: 0.12,
            damper: Envelope::new(
                Contour { attack_seconds: 0.0012, decay_seconds: 1.0, sustain: 1.0, release_seconds: 0.22 },
                note.rate_hz,
            ),
        }
    }
}

impl Generator for ElectricPiano {
    fn tick(&mut self, expression: Expression) {
        let frequency_hz = self.frequency_hz * expression.bend_ratio;
        let step = hz_to_step(frequency_hz, self.rate_hz);
        let bell = hz_to_step(frequency_hz * 14.0, self.rate_hz);
        self.steps = [step, step, bell];
        for decay in &mut self.decays {
            decay.tick();
        }
        self.damper.tick();
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        let [amplitude, bark, bell] = self.decays;
        for (index, sample) in left.iter_mut().enumerate() {
            let at = (frame + index) as f32 * (1.0 / TICK as f32);
            let depth = self.bark_floor + bark.at(at);
            let push = depth * sine(self.phases[1]) + bell.at(at) * sine(self.phases[2]);
            let bent = self.phases[0].wrapping_add(((push * RADIANS_TO_PHASE) as i32 as u32) << 8);
            *sample = amplitude.at(at) * self.damper.level(frame + index) * sine(bent);
            for (phase, step) in self.phases.iter_mut().zip(self.steps) {
                *phase = phase.wrapping_add(step);
            }
        }
        right.copy_from_slice(left);
    }

    fn release(&mut self) {
        self.damper.release();
    }

    fn is_done(&self) -> bool {
        self.damper.is_done()
    }
}
