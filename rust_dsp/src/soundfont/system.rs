//! System-exclusive messages that a player obeys: resets to a standard, master volume and tuning, and which channels
//! are percussion.

use super::midi::{Message, MidiEvent};

/// The status of a packed system message is this and its number.
pub const STATUS: u8 = 0xf0;

/// Whose rules hold for banks of presets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standard {
    /// General MIDI; a bank is looked up as it is selected.
    #[default]
    General,
    /// General MIDI 2: banks 120 and 121 are percussion and melody, and what follows is the variation.
    General2,
    /// Roland's GS.
    Gs,
    /// Yamaha's XG: bank 126 and 127 are percussion, and the finer bank is the variation.
    Xg,
}

/// What a system message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Everything ends and is as if new, under the rules of a standard.
    Reset(Standard),
    /// The volume of the whole, 0 to 16,383.
    Volume(u16),
    /// The tuning of the whole, 8,192 in the middle and 100 cents either way.
    FineTuning(u16),
    /// The transposition of the whole in semitones above −64.
    CoarseTuning(u8),
    /// Whether the event's channel is percussion.
    Percussion(bool),
}

impl System {
    /// Its number in a packed event, and its two data bytes.
    ///
    /// Realtime-safe: yes.
    pub fn to_packed(self) -> (u8, u8, u8) {
        let pair = |value: u16| ((value & 127) as u8, (value >> 7) as u8);
        let (number, (a, b)) = match self {
            Self::Reset(standard) => (0, (standard as u8, 0)),
            Self::Volume(value) => (1, pair(value)),
            Self::FineTuning(value) => (2, pair(value)),
            Self::CoarseTuning(value) => (3, (value, 0)),
            Self::Percussion(is_on) => (4, (u8::from(is_on), 0)),
        };
        (number, a, b)
    }

    /// From its number and its data bytes, 0 to 127; `None` where that is nothing.
    ///
    /// Realtime-safe: yes.
    pub fn from_packed(number: u8, a: u8, b: u8) -> Option<Self> {
        let both = u16::from(a) | u16::from(b) << 7;
        Some(match (number, a) {
            (0, 0) => Self::Reset(Standard::General),
            (0, 1) => Self::Reset(Standard::General2),
            (0, 2) => Self::Reset(Standard::Gs),
            (0, 3) => Self::Reset(Standard::Xg),
            (1, _) => Self::Volume(both),
            (2, _) => Self::FineTuning(both),
            (3, _) => Self::CoarseTuning(a),
            (4, _) => Self::Percussion(a != 0),
            _ => return None,
        })
    }
}

/// What a system-exclusive message means, its first byte 0xf0 and its last 0xf7; `None` where that is nothing here.
///
/// Sources: MIDI 1.0 Detailed Specification, universal messages; RP-024 (GM on), GM 2 on; the GS and XG formats' address
/// maps.
///
/// Realtime-safe: yes.
pub fn parse(bytes: &[u8]) -> Option<MidiEvent> {
    let [0xf0, body @ .., 0xf7] = bytes else {
        return None;
    };
    if body.iter().any(|&byte| byte > 127) {
        return None;
    }
    let (channel, system) = match *body {
        // GM off leaves the rules that any file may count on: GM's.
        [0x7e, _, 9, 1 | 2] => (0, System::Reset(Standard::General)),
        [0x7e, _, 9, 3] => (0, System::Reset(Standard::General2)),
        [0x7f, _, 4, 1, low, high] => (0, System::Volume(u16::from(low) | u16::from(high) << 7)),
        [0x7f, _, 4, 3, low, high] => (0, System::FineTuning(u16::from(low) | u16::from(high) << 7)),
        [0x7f, _, 4, 4, _, high] => (0, System::CoarseTuning(high)),
        [0x41, _, 0x42, 0x12, high, mid, low, value, check] => {
            let sum: u32 = [high, mid, low, value, check].iter().map(|&byte| u32::from(byte)).sum();
            if sum % 128 != 0 {
                return None;
            }
            gs([high, mid, low], value)?
        }
        [0x43, device, 0x4c, high, mid, low, value] if device >> 4 == 1 => xg([high, mid, low], value)?,
        _ => return None,
    };
    Some(MidiEvent { channel, message: Message::System(system) })
}

fn gs(address: [u8; 3], value: u8) -> Option<(u8, System)> {
    Some(match address {
        [0x40 | 0x00, 0, 0x7f] => (0, System::Reset(Standard::Gs)),
        [0x40, 0, 4] => (0, System::Volume(u16::from(value) << 7 | u16::from(value))),
        [0x40, 0, 5] => (0, System::CoarseTuning(value)),
        [0x40, block @ 0x10..=0x1f, 0x15] => {
            // Blocks count parts as the front panel does: the first is the tenth channel's, percussion.
            let channel = match block & 15 {
                0 => 9,
                part @ 1..=9 => part - 1,
                part => part,
            };
            (channel, System::Percussion(value != 0))
        }
        _ => return None,
    })
}

fn xg(address: [u8; 3], value: u8) -> Option<(u8, System)> {
    Some(match address {
        [0, 0, 0x7e | 0x7f] => (0, System::Reset(Standard::Xg)),
        [0, 0, 4] => (0, System::Volume(u16::from(value) << 7 | u16::from(value))),
        [0, 0, 6] => (0, System::CoarseTuning(value)),
        [8, part @ 0..=15, 7] => (part, System::Percussion(value != 0)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(bytes: &[u8]) -> Option<(u8, System)> {
        match parse(bytes) {
            Some(MidiEvent { channel, message: Message::System(system) }) => Some((channel, system)),
            _ => None,
        }
    }

    #[test]
    fn the_resets_of_each_standard_are_known() {
        let reset = |standard| Some((0, System::Reset(standard)));
        assert_eq!(system(&[0xf0, 0x7e, 0x7f, 9, 1, 0xf7]), reset(Standard::General));
        assert_eq!(system(&[0xf0, 0x7e, 0x7f, 9, 3, 0xf7]), reset(Standard::General2));
        let gs = [0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x41, 0xf7];
        assert_eq!(system(&gs), reset(Standard::Gs));
        assert_eq!(system(&[0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7e, 0, 0xf7]), reset(Standard::Xg));
        let mut wrong = gs;
        wrong[9] = 0x40;
        assert_eq!(system(&wrong), None);
    }

    #[test]
    fn gs_and_xg_say_which_channels_are_percussion() {
        let gs = [0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x1a, 0x15, 2, 0x0f, 0xf7];
        assert_eq!(system(&gs), Some((10, System::Percussion(true))));
        assert_eq!(system(&[0xf0, 0x43, 0x10, 0x4c, 8, 9, 7, 0, 0xf7]), Some((9, System::Percussion(false))));
    }

    #[test]
    fn what_is_packed_comes_back() {
        let all = [
            System::Reset(Standard::Xg),
            System::Volume(12_345),
            System::FineTuning(1),
            System::CoarseTuning(66),
            System::Percussion(true),
        ];
        for system in all {
            let (number, a, b) = system.to_packed();
            assert_eq!(System::from_packed(number, a, b), Some(system));
        }
        assert_eq!(System::from_packed(0, 4, 0), None);
        assert_eq!(System::from_packed(5, 0, 0), None);
    }
}
