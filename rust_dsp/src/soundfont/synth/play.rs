//! What messages do to the voices.

use super::super::sound::Struck;
use super::super::voice::{Owner, Voice};
use super::SoundFontSynth;
use crate::voice::Hold;

impl SoundFontSynth {
    pub(super) fn note_on(&mut self, number: u8, struck: Struck) {
        let channel = &self.channels[usize::from(number)];
        let Some(preset) = channel.preset else {
            self.ignored += 1;
            return;
        };
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
            let voice = Voice::new(owner, (index, layer), &self.font, channel, sounding, self.rate_hz);
            self.ensemble.add(samples, voice, channel.is_percussion);
        }
    }

    pub(super) fn note_off(&mut self, number: u8, key: u8) {
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
            123..=127 => self.let_go(number, None),
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
}
