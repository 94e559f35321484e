//! A MIDI channel: its controllers, its tuning, and the preset it plays.

use super::font::{SoundFont, PERCUSSION};

/// Where the pitch wheel rests.
pub const WHEEL_AT_REST: u16 = 8_192;
/// Controllers that reset-all-controllers leaves alone: bank, volume, pan, sends and what selects parameters.
const KEPT_AT_RESET: [usize; 12] = [0, 7, 8, 10, 32, 91, 92, 93, 94, 95, 72, 73];

/// Which parameter data entry sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selected {
    None,
    Registered(u8, u8),
}

/// One channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Controllers as they stand.
    pub controllers: [u8; 128],
    /// Pressure on each key.
    pub key_pressure: [u8; 128],
    /// Pressure on the channel.
    pub pressure: u8,
    /// The pitch wheel, 0 to 16,383.
    pub wheel: u16,
    /// How far the wheel reaches, in semitones.
    pub wheel_range: f32,
    /// The preset it plays, if the bank has one.
    pub preset: Option<usize>,
    /// Whether it plays percussion.
    pub is_percussion: bool,
    program: u8,
    bank: u8,
    fine_cents: f32,
    coarse_semitones: f32,
    selected: Selected,
}

impl Channel {
    /// A channel at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(is_percussion: bool, font: &SoundFont) -> Self {
        let mut controllers = [0; 128];
        controllers[7] = 100;
        controllers[8] = 64;
        controllers[10] = 64;
        controllers[11] = 127;
        // General MIDI's room.
        controllers[91] = 40;
        let mut channel = Self {
            controllers,
            key_pressure: [0; 128],
            pressure: 0,
            wheel: WHEEL_AT_REST,
            wheel_range: 2.0,
            preset: None,
            is_percussion,
            program: 0,
            bank: 0,
            fine_cents: 0.0,
            coarse_semitones: 0.0,
            selected: Selected::None,
        };
        channel.choose(0, font);
        channel
    }

    /// Chooses a program of the bank that is selected; where there is none, that of bank 0, or the first.
    ///
    /// Realtime-safe: yes.
    pub fn choose(&mut self, program: u8, font: &SoundFont) {
        self.program = program;
        let program = u16::from(program);
        self.preset = if self.is_percussion {
            font.find(PERCUSSION, program).or_else(|| font.find(PERCUSSION, 0))
        } else {
            let own = font.find(u16::from(self.bank), program);
            own.or_else(|| font.find(0, program)).or_else(|| font.find(0, 0))
        };
    }

    /// Tunes it by so many cents and moves its modulation wheel; says whether that changes anything.
    ///
    /// Realtime-safe: yes.
    pub fn express(&mut self, cents: f32, modulation: u8) -> bool {
        let modulation = modulation.min(127);
        // A tenth of a cent is beyond hearing.
        if (cents - self.fine_cents).abs() < 0.1 && self.controllers[1] == modulation {
            return false;
        }
        (self.fine_cents, self.controllers[1]) = (cents, modulation);
        true
    }

    /// What the channel adds to the pitch of its notes, in cents.
    ///
    /// Realtime-safe: yes.
    pub fn tuning_cents(&self) -> f32 {
        self.fine_cents + 100.0 * self.coarse_semitones
    }

    /// Whether the sustain pedal is down.
    ///
    /// Realtime-safe: yes.
    pub fn is_sustain_down(&self) -> bool {
        self.controllers[64] >= 64
    }

    /// Whether the sostenuto pedal is down.
    ///
    /// Realtime-safe: yes.
    pub fn is_sostenuto_down(&self) -> bool {
        self.controllers[66] >= 64
    }

    /// Takes a controller; says whether notes that sound may have to change.
    ///
    /// Realtime-safe: yes.
    pub fn control(&mut self, controller: u8, value: u8) -> bool {
        self.controllers[usize::from(controller & 127)] = value;
        match controller {
            0 => {
                self.bank = value;
                false
            }
            6 | 38 => self.enter(controller == 6, value),
            98 | 99 => {
                self.selected = Selected::None;
                false
            }
            100 | 101 => {
                let (high, low) = (self.controllers[101], self.controllers[100]);
                self.selected = Selected::Registered(high, low);
                false
            }
            32 => false,
            _ => true,
        }
    }

    /// Data entry into the registered parameter that is selected.
    fn enter(&mut self, is_coarse: bool, value: u8) -> bool {
        let value = f32::from(value);
        let both = 128.0 * f32::from(self.controllers[6]) + f32::from(self.controllers[38]);
        match self.selected {
            Selected::Registered(0, 0) if is_coarse => self.wheel_range = value.min(96.0),
            Selected::Registered(0, 0) => self.wheel_range = self.wheel_range.floor() + value / 100.0,
            Selected::Registered(0, 1) => self.fine_cents = (both - 8_192.0) * (100.0 / 8_192.0),
            Selected::Registered(0, 2) if is_coarse => self.coarse_semitones = value - 64.0,
            _ => return false,
        }
        true
    }

    /// Puts the performance controllers back, as MIDI's "reset all controllers" does; volume and pan stay.
    ///
    /// Realtime-safe: yes.
    pub fn reset_controllers(&mut self) {
        for (controller, value) in self.controllers.iter_mut().enumerate().take(96) {
            if !KEPT_AT_RESET.contains(&controller) {
                *value = 0;
            }
        }
        self.controllers[11] = 127;
        self.controllers[100] = 127;
        self.controllers[101] = 127;
        self.key_pressure = [0; 128];
        self.pressure = 0;
        self.wheel = WHEEL_AT_REST;
        self.selected = Selected::None;
    }
}
