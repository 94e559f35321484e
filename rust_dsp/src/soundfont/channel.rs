//! A MIDI channel: its controllers, its tuning, and the preset it plays.

use super::font::{SoundFont, PERCUSSION};
use super::generator::{self as gen};
use super::held::HeldKeys;
use super::system::Standard;
use parameters::Selected;

mod parameters;

/// Where the pitch wheel rests.
pub const WHEEL_AT_REST: u16 = 8_192;
/// Controllers that reset-all-controllers leaves alone: bank, volume, pan, sends and what selects parameters.
const KEPT_AT_RESET: [usize; 12] = [0, 7, 8, 10, 32, 91, 92, 93, 94, 95, 72, 73];

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
    /// What it adds to the generators of its notes.
    pub offsets: [f32; gen::COUNT],
    /// The keys that are down while it sounds one note at a time.
    pub held: HeldKeys,
    /// The key that was struck last, where portamento begins.
    pub last_key: Option<u8>,
    /// The tuning of all channels together, in cents.
    pub master_cents: f32,
    /// Whether it plays percussion where no bank says otherwise.
    usual_percussion: bool,
    is_mono: bool,
    /// The key that the next note comes from, if a controller named one.
    glide_from: Option<u8>,
    standard: Standard,
    program: u8,
    bank: u8,
    /// What the messages that select a generator beyond the hundredth add up to.
    hundreds: usize,
    fine_cents: f32,
    coarse_semitones: f32,
    selected: Selected,
}

impl Channel {
    /// A channel at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(is_percussion: bool, standard: Standard, font: &SoundFont) -> Self {
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
            offsets: [0.0; gen::COUNT],
            held: HeldKeys::NONE,
            last_key: None,
            master_cents: 0.0,
            usual_percussion: is_percussion,
            is_mono: false,
            glide_from: None,
            standard,
            program: 0,
            bank: 0,
            hundreds: 0,
            fine_cents: 0.0,
            coarse_semitones: 0.0,
            selected: Selected::None,
        };
        channel.set_percussion(is_percussion, font);
        channel
    }

    /// Makes it percussion or not until a bank says otherwise, with the first of its programs.
    ///
    /// Realtime-safe: yes.
    pub fn set_percussion(&mut self, is_percussion: bool, font: &SoundFont) {
        self.usual_percussion = is_percussion;
        self.bank = match (self.standard, is_percussion) {
            (Standard::Xg, true) => 127,
            (Standard::General2, true) => 120,
            (Standard::General2, false) => 121,
            _ => 0,
        };
        self.choose(0, font);
    }

    /// Chooses a program of the bank that is selected; where there is none, that of bank 0, or the first.
    ///
    /// Realtime-safe: yes.
    pub fn choose(&mut self, program: u8, font: &SoundFont) {
        self.program = program;
        let program = u16::from(program);
        let (coarse, fine) = (u16::from(self.bank), u16::from(self.controllers[32]));
        let is_kit = matches!(coarse, 120 | 126 | 127);
        self.is_percussion = match self.standard {
            Standard::Xg => is_kit,
            Standard::General2 => coarse == 120,
            // A melodic bank of such a number has the right of way.
            _ => self.usual_percussion || (is_kit && font.find(coarse, program).is_none()),
        };
        let bank = match (self.standard, coarse) {
            (Standard::Xg, 0) | (Standard::General2, 121) => fine,
            _ => coarse,
        };
        self.preset = if self.is_percussion {
            font.find(PERCUSSION, program).or_else(|| font.find(PERCUSSION, 0))
        } else {
            let own = font.find(bank, program);
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
        // Percussion has a pitch of its own, which no transposition is meant for.
        let all = if self.is_percussion { 0.0 } else { self.master_cents };
        self.fine_cents + 100.0 * self.coarse_semitones + all
    }

    /// Whether it sounds one note at a time: it was told to, or the legato pedal is down.
    ///
    /// Realtime-safe: yes.
    pub fn is_mono(&self) -> bool {
        self.is_mono || self.is_legato()
    }

    /// Whether the legato pedal is down: a note that begins before the last has ended goes on as that one.
    ///
    /// Realtime-safe: yes.
    pub fn is_legato(&self) -> bool {
        self.controllers[68] >= 64
    }

    /// One note at a time, or many.
    ///
    /// Realtime-safe: yes.
    pub fn set_mono(&mut self, is_mono: bool) {
        self.is_mono = is_mono;
        self.held = HeldKeys::NONE;
    }

    /// A key is struck: the key that its note comes from, if it does so.
    ///
    /// Realtime-safe: yes.
    pub fn take_glide(&mut self, key: u8) -> Option<u8> {
        let named = self.glide_from.take();
        let last = self.last_key.replace(key).filter(|_| self.controllers[65] >= 64);
        named.or(last).filter(|&from| from != key && !self.is_percussion)
    }

    /// The portamento time, 0 to 128 with a fraction.
    ///
    /// Realtime-safe: yes.
    pub fn glide_time(&self) -> f32 {
        f32::from(self.controllers[5]) + f32::from(self.controllers[37]) * (1.0 / 128.0)
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
                self.select(controller == 99, value);
                false
            }
            84 => {
                self.glide_from = Some(value & 127);
                false
            }
            68 if value < 64 => {
                self.held = HeldKeys::NONE;
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
