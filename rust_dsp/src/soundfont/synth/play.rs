//! What messages do to the voices.

use super::super::held::HeldKeys;
use super::super::sound::Struck;
use super::super::system::{Standard, System};
use super::super::voice::{Owner, Voice};
use super::{new_channel, SoundFontSynth};
use crate::voice::Hold;

impl SoundFontSynth {
    pub(super) fn note_on(&mut self, number: u8, struck: Struck) {
        let channel = &mut self.channels[usize::from(number)];
        let Some(preset) = channel.preset else {
            self.ignored += 1;
            return;
        };
        let from = channel.take_glide(struck.key);
        if channel.is_mono() {
            let before = channel.held.last();
            channel.held.press(struck);
            if before.is_some_and(|before| self.slur(number, preset, before.key, struck)) {
                return;
            }
            self.ensemble.change((number, None), |voice| !voice.is_released(), Voice::release);
        }
        self.strike(number, preset, struck, from);
    }

    /// A note begins, coming from the pitch of another key if there is one.
    fn strike(&mut self, number: u8, preset: usize, struck: Struck, from: Option<u8>) {
        let channel = &self.channels[usize::from(number)];
        self.serial += 1;
        let serial = self.serial;
        let samples = self.font.samples();
        // The same key again: what still sounds of it goes its own way out.
        let is_held = |voice: &Voice| !voice.is_released();
        self.ensemble.change((number, Some(struck.key)), is_held, Voice::release);
        for (index, layer) in self.font.layers(preset, struck.key, struck.velocity) {
            let class = layer.amounts[crate::soundfont::generator::EXCLUSIVE_CLASS];
            if class != 0 {
                let is_ended = |voice: &Voice| voice.owner.class == class && voice.owner.serial != serial;
                self.ensemble.change((number, None), is_ended, |voice| voice.cut(self.rate_hz));
            }
            let owner = Owner { channel: number, key: struck.key, serial, class };
            let sounding = struck.fixed_by(&layer.amounts);
            let mut voice = Voice::new(owner, (index, layer), &self.font, channel, sounding, self.rate_hz);
            if let Some(from) = from {
                voice.glide(keys_above(from, struck.key), channel.glide_time(), self.rate_hz);
            }
            self.ensemble.add(samples, voice, channel.is_percussion);
        }
    }

    /// Where the legato pedal is down, the note of one key goes on as that of another; false where it does not sound,
    /// or the other plays something else.
    fn slur(&mut self, number: u8, preset: usize, before: u8, struck: Struck) -> bool {
        let channel = &self.channels[usize::from(number)];
        let font = &self.font;
        let is_meant = |voice: &Voice| !voice.is_released() && !voice.is_fading();
        let plays = |voice: &Voice| {
            font.layers(preset, struck.key, struck.velocity).any(|(layer, _)| layer == voice.layer())
        };
        if !channel.is_legato() || !self.ensemble.all((number, before), is_meant, plays) {
            return false;
        }
        let is_gliding = channel.controllers[65] >= 64;
        self.ensemble.change((number, Some(before)), is_meant, |voice| {
            voice.retune(struck.key, font, channel, self.rate_hz);
            if is_gliding {
                voice.glide(keys_above(before, struck.key), channel.glide_time(), self.rate_hz);
            }
        });
        true
    }

    pub(super) fn note_off(&mut self, number: u8, key: u8) {
        let channel = &mut self.channels[usize::from(number)];
        if channel.is_mono() {
            let sounding = channel.held.last();
            channel.held.lift(key);
            let next = channel.held.last().filter(|_| sounding.is_some_and(|sounding| sounding.key == key));
            if let (Some(next), Some(preset)) = (next, channel.preset) {
                // The key that was down before sounds again.
                let from = channel.take_glide(next.key);
                if !self.slur(number, preset, key, next) {
                    self.let_go(number, Some(key));
                    self.strike(number, preset, next, from);
                }
                return;
            }
        }
        self.let_go(number, Some(key));
    }

    /// One key or all of them went up: their notes end, unless a pedal holds them.
    fn let_go(&mut self, number: u8, key: Option<u8>) {
        let is_down = self.channels[usize::from(number)].is_sustain_down();
        let is_up = |voice: &Voice| voice.hold == Hold::Key && key.is_none_or(|key| voice.owner.key == key);
        let is_kept = |voice: &Voice| is_up(voice) && (is_down || voice.is_caught);
        self.ensemble.mark(number, is_kept, |voice| voice.hold = Hold::Pedal);
        self.ensemble.change((number, key), is_up, Voice::release);
    }

    pub(super) fn control(&mut self, number: u8, controller: u8, value: u8) {
        let channel = &mut self.channels[usize::from(number)];
        let was_sostenuto = channel.is_sostenuto_down();
        if controller >= 120 {
            self.mode(number, controller);
            return;
        }
        if channel.control(controller, value) {
            self.make_stale(number);
        }
        let channel = &self.channels[usize::from(number)];
        let is_down = channel.is_sustain_down();
        match controller {
            64 if !is_down => self.lift_sustain(number),
            66 if channel.is_sostenuto_down() != was_sostenuto => self.sostenuto(number, !was_sostenuto),
            _ => {}
        }
    }

    /// The channel mode messages.
    fn mode(&mut self, number: u8, controller: u8) {
        match controller {
            120 => self.ensemble.change((number, None), |_| true, Voice::fade),
            121 => {
                self.channels[usize::from(number)].reset_controllers();
                self.sostenuto(number, false);
                self.lift_sustain(number);
                self.make_stale(number);
            }
            123..=127 => {
                let channel = &mut self.channels[usize::from(number)];
                match controller {
                    126 => channel.set_mono(true),
                    127 => channel.set_mono(false),
                    _ => channel.held = HeldKeys::NONE,
                }
                self.let_go(number, None);
            }
            _ => self.ignored += 1,
        }
    }

    fn lift_sustain(&mut self, number: u8) {
        let is_held = |voice: &Voice| voice.hold == Hold::Pedal && !voice.is_caught;
        self.ensemble.change((number, None), is_held, Voice::release);
    }

    /// Down catches the keys that are down, up lets them go.
    fn sostenuto(&mut self, number: u8, is_down: bool) {
        if is_down {
            self.ensemble.mark(number, |voice| voice.hold == Hold::Key, |voice| voice.is_caught = true);
            return;
        }
        self.ensemble.mark(number, |voice| voice.is_caught, |voice| voice.is_caught = false);
        if !self.channels[usize::from(number)].is_sustain_down() {
            self.lift_sustain(number);
        }
    }

    pub(super) fn make_stale(&mut self, number: u8) {
        self.ensemble.mark(number, |_| true, |voice| voice.is_stale = true);
    }

    /// Carries out a system message.
    pub(super) fn obey(&mut self, number: u8, system: System) {
        match system {
            System::Reset(standard) => {
                for number in 0..self.channels.len() {
                    self.ensemble.change((number as u8, None), |_| true, Voice::fade);
                }
                self.reset_channels(standard);
            }
            // As controller 7 has it: 40 dB a decade.
            System::Volume(value) => self.volume = (f32::from(value.min(16_383)) / 16_383.0).powi(2),
            System::FineTuning(value) => {
                self.tune_all((f32::from(value) - 8_192.0) * (100.0 / 8_192.0), true);
            }
            System::CoarseTuning(value) => self.tune_all(100.0 * (f32::from(value) - 64.0), false),
            System::Percussion(is_on) => {
                if let Some(channel) = self.channels.get_mut(usize::from(number)) {
                    channel.set_percussion(is_on, &self.font);
                }
            }
        }
    }

    pub(super) fn reset_channels(&mut self, standard: Standard) {
        for (n, channel) in self.channels.iter_mut().enumerate() {
            *channel = new_channel(n, standard, &self.font);
        }
        (self.volume, self.tuning_cents) = (1.0, [0.0; 2]);
    }

    fn tune_all(&mut self, cents: f32, is_fine: bool) {
        self.tuning_cents[usize::from(is_fine)] = cents;
        for number in 0..self.channels.len() {
            self.channels[number].master_cents = self.tuning_cents[0] + self.tuning_cents[1];
            self.make_stale(number as u8);
        }
    }
}

/// How far one key is above another.
fn keys_above(from: u8, to: u8) -> f32 {
    f32::from(from) - f32::from(to)
}
