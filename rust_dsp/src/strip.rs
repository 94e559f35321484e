//! A part's channel strip: its instrument, controllers, gains and sends.

use crate::effects::equaliser::Equaliser;
use crate::effects::{SENDS, SEND_COUNT};
use crate::instrument::{Expression, Instrument};
use crate::param::PartParameter;
use crate::smoother::{Smoother, GRID};
use crate::units::{db_to_gain, hz_to_step, pan_to_gains, semitones_to_ratio, sine};
use crate::values::ParameterValues;

/// Where the volume controller stands until it is moved, and where it changes nothing.
const VOLUME_AT_REST: u8 = 100;

/// One part's strip.
pub struct Strip {
    /// What the part plays.
    pub instrument: Instrument,
    /// Whether the sustain pedal is down.
    pub is_sustain_down: bool,
    /// What moves while notes sound.
    pub expression: Expression,
    /// Gain to the left, to the right, and of each send.
    pub gains: [Smoother; 2 + SEND_COUNT],
    /// The part's own tone.
    pub equaliser: Equaliser,
    at_start: Instrument,
    volume: u8,
    expression_pedal: u8,
    modulation: u8,
    bend: f32,
    bend_glide: Smoother,
    modulation_glide: Smoother,
    tremolo_phase: u32,
    tremolo_step: u32,
}

impl Strip {
    /// A strip at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(instrument: Instrument, rate_hz: f32) -> Self {
        Self {
            instrument,
            is_sustain_down: false,
            expression: Expression::REST,
            gains: [Smoother::new(0.0, PartParameter::Level.smoothing_seconds(), rate_hz); 2 + SEND_COUNT],
            equaliser: Equaliser::new(rate_hz, PartParameter::Low.smoothing_seconds()),
            at_start: instrument,
            volume: VOLUME_AT_REST,
            expression_pedal: 127,
            modulation: 0,
            bend: 0.0,
            bend_glide: Smoother::new(0.0, 0.004, rate_hz),
            modulation_glide: Smoother::new(0.0, 0.02, rate_hz),
            tremolo_phase: 0,
            tremolo_step: hz_to_step(4.6, rate_hz / GRID as f32),
        }
    }

    /// Takes a continuous controller; false where the strip has no such controller.
    ///
    /// Realtime-safe: yes.
    pub fn control(&mut self, controller: u8, value: u8) -> bool {
        match controller {
            1 => self.modulation = value,
            7 => self.volume = value,
            11 => self.expression_pedal = value,
            _ => return false,
        }
        true
    }

    /// Bends by −1 to 1, two semitones each way.
    ///
    /// Realtime-safe: yes.
    pub fn bend(&mut self, bend: f32) {
        self.bend = bend.clamp(-1.0, 1.0);
    }

    /// Puts the performance controllers back, as MIDI's "reset all controllers" does; volume stays.
    ///
    /// Realtime-safe: yes.
    pub fn reset_controllers(&mut self) {
        self.expression_pedal = 127;
        self.modulation = 0;
        self.bend = 0.0;
        self.is_sustain_down = false;
    }

    /// Moves every gain one grid step; `snap` jumps there, for the first step of all.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, part: usize, values: &ParameterValues, snap: bool) {
        self.bend_glide.tick(self.bend);
        self.modulation_glide.tick(f32::from(self.modulation) / 127.0);
        self.expression = Expression {
            bend_ratio: semitones_to_ratio(2.0 * self.bend_glide.value()),
            modulation: self.modulation_glide.value(),
        };
        self.tremolo_phase = self.tremolo_phase.wrapping_add(self.tremolo_step);
        let tone = [PartParameter::Low, PartParameter::Mid, PartParameter::High];
        let mid_hz = values.part(part, PartParameter::MidFrequency);
        self.equaliser.tick(tone.map(|gain| values.part(part, gain)), mid_hz);
        let targets = self.targets(part, values);
        for (gain, target) in self.gains.iter_mut().zip(targets) {
            if snap {
                gain.snap(target);
            } else {
                gain.tick(target);
            }
        }
    }

    fn targets(&self, part: usize, values: &ParameterValues) -> [f32; 2 + SEND_COUNT] {
        let controllers = (f32::from(self.volume) / f32::from(VOLUME_AT_REST)).powi(2)
            * (f32::from(self.expression_pedal) / 127.0).powi(2);
        let is_muted = values.part(part, PartParameter::Mute) >= 0.5;
        let level =
            if is_muted { 0.0 } else { db_to_gain(values.part(part, PartParameter::Level)) * controllers };
        let (left, right) = pan_to_gains(values.part(part, PartParameter::Pan));
        let sway = 0.5 * values.part(part, PartParameter::Tremolo) * sine(self.tremolo_phase);
        let mut targets = [0.0; 2 + SEND_COUNT];
        targets[0] = level * left * (1.0 + sway);
        targets[1] = level * right * (1.0 - sway);
        for (target, (send, _)) in targets[2..].iter_mut().zip(SENDS) {
            *target = db_to_gain(values.part(part, send));
        }
        targets
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self, rate_hz: f32) {
        *self = Self::new(self.at_start, rate_hz);
    }
}
