//! A channel's parameters, registered and not, and what data entry does to them.

use super::super::generator as gen;
use super::Channel;

/// Which parameter data entry sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    None,
    Registered(u8, u8),
    /// A generator (section 9.6.2).
    Generator(usize),
}

impl Channel {
    /// The parameter that is not registered: with 120 as its coarse number, the fine one is a generator's, and beyond
    /// 99 a hundred, a thousand or ten thousand more (section 9.6.2).
    pub(super) fn select(&mut self, is_coarse: bool, value: u8) {
        self.selected = Selected::None;
        if is_coarse {
            self.hundreds = 0;
        } else if self.controllers[99] == 120 {
            match value {
                100 => self.hundreds += 100,
                101 => self.hundreds += 1_000,
                102 => self.hundreds += 10_000,
                _ => {
                    self.selected = Selected::Generator(usize::from(value) + self.hundreds);
                    self.hundreds = 0;
                }
            }
        }
    }

    /// Data entry into the parameter that is selected.
    pub(super) fn enter(&mut self, is_coarse: bool, value: u8) -> bool {
        let value = f32::from(value);
        let both = 128.0 * f32::from(self.controllers[6]) + f32::from(self.controllers[38]);
        match self.selected {
            Selected::Registered(0, 0) if is_coarse => self.wheel_range = value.min(96.0),
            Selected::Registered(0, 0) => self.wheel_range = self.wheel_range.floor() + value / 100.0,
            Selected::Registered(0, 1) => self.fine_cents = (both - 8_192.0) * (100.0 / 8_192.0),
            Selected::Registered(0, 2) if is_coarse => self.coarse_semitones = value - 64.0,
            Selected::Generator(generator) if gen::entry_scale(generator) != 0.0 => {
                self.offsets[generator] = (both - 8_192.0) * gen::entry_scale(generator);
            }
            _ => return false,
        }
        true
    }
}
