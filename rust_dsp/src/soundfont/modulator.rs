//! Modulators: how controllers, velocity and key move the generators while a note sounds.

use super::generator as gen;
use super::links;

/// One modulator, as a file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Modulator {
    /// What moves it: index, and how it is mapped.
    pub source: u16,
    /// The generator it moves, or with [`links::BIT`] another modulator.
    pub destination: u16,
    /// How far, in the generator's unit.
    pub amount: i16,
    /// What scales the amount; nought is nothing.
    pub amount_source: u16,
    /// 0 linear, 2 absolute value.
    pub transform: u16,
}

/// What a modulator can listen to.
pub trait Controls {
    /// The MIDI controller with this number, 0 to 127.
    fn control(&self, controller: u8) -> f32;
    /// The general controller with this index, 0 to 127 (the pitch wheel too, with a fraction).
    fn general(&self, index: u8) -> f32;
}

/// General controllers: velocity of the note.
pub const VELOCITY: u8 = 2;
/// Key of the note.
pub const KEY: u8 = 3;
/// Pressure on the key of the note.
pub const KEY_PRESSURE: u8 = 10;
/// Pressure on the channel.
pub const CHANNEL_PRESSURE: u8 = 13;
/// The pitch wheel.
pub const WHEEL: u8 = 14;
/// How far the pitch wheel reaches, in semitones.
pub const WHEEL_RANGE: u8 = 16;
/// The output of another modulator.
pub const LINK: u8 = 127;

/// The modulators every instrument has, in the order of section 8.4 of the standard.
///
/// The second, velocity to filter cutoff, is listed with nothing as its amount: it says one thing in 2.01 and another
/// in 2.04, and players that banks are voiced for leave it out. A bank that states it is obeyed.
pub const DEFAULTS: [Modulator; 10] = [
    make(0x0502, gen::ATTENUATION, 960, 0),
    make(0x0102, gen::FILTER_CUTOFF, 0, 0),
    make(0x000d, gen::VIB_LFO_TO_PITCH, 50, 0),
    make(0x0081, gen::VIB_LFO_TO_PITCH, 50, 0),
    make(0x0587, gen::ATTENUATION, 960, 0),
    make(0x028a, gen::PAN, 500, 0),
    make(0x058b, gen::ATTENUATION, 960, 0),
    make(0x00db, gen::REVERB_SEND, 200, 0),
    make(0x00dd, gen::CHORUS_SEND, 200, 0),
    make(0x020e, gen::PITCH, 12_700, 0x0010),
];

const fn make(source: u16, destination: usize, amount: i16, amount_source: u16) -> Modulator {
    Modulator { source, destination: destination as u16, amount, amount_source, transform: 0 }
}

impl Modulator {
    /// Whether two modulators are the same but for their amounts.
    ///
    /// Realtime-safe: yes.
    pub fn is_same(&self, other: &Self) -> bool {
        self.source == other.source
            && self.target() == other.target()
            && self.amount_source == other.amount_source
            && self.transform == other.transform
    }

    /// The generator it moves; the wheel's pitch has no number in a file, where it is written as fine tuning.
    ///
    /// Realtime-safe: yes.
    pub fn target(&self) -> usize {
        match usize::from(self.destination) {
            gen::FINE_TUNE => gen::PITCH,
            target => target,
        }
    }

    /// Whether it means something to this player: a generator that exists or a link, sources that exist.
    ///
    /// Realtime-safe: yes.
    pub fn is_usable(&self) -> bool {
        let is_value = self.target() < gen::COUNT && gen::is_value(self.target());
        (is_value || self.link().is_some())
            && matches!(self.transform, 0 | 2)
            && (is_known(self.source) || self.listens())
            && is_known(self.amount_source)
            && self.source != 0
    }

    /// The modulator it moves, if it does not move a generator: its number in the zone, or in a list how far on it is.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn link(&self) -> Option<usize> {
        (self.destination & links::BIT != 0).then_some(usize::from(self.destination & !links::BIT))
    }

    /// Whether other modulators move it.
    ///
    /// Realtime-safe: yes.
    pub fn listens(&self) -> bool {
        self.source & 0xff == u16::from(LINK)
    }

    /// Whether the pitch wheel, pressure or a MIDI controller moves it, so that it changes while a note sounds.
    ///
    /// Realtime-safe: yes.
    pub fn is_live(&self) -> bool {
        let moves = |source: u16| source & 0x80 != 0 || (source & 0x7f) as u8 > KEY;
        moves(self.source) || moves(self.amount_source)
    }

    /// How far it moves its generator now.
    ///
    /// Realtime-safe: yes.
    pub fn value(&self, controls: &impl Controls) -> f32 {
        if self.amount == 0 {
            return 0.0;
        }
        let scale = if self.amount_source == 0 { 1.0 } else { mapped(self.amount_source, controls) };
        let value = f32::from(self.amount) * scale * mapped(self.source, controls);
        if self.transform == 2 {
            value.abs()
        } else {
            value
        }
    }
}

fn is_known(source: u16) -> bool {
    let index = (source & 0x7f) as u8;
    let is_curve = source >> 10 <= 3;
    let is_controller = source & 0x80 != 0;
    is_curve
        && if is_controller {
            // Bank select, data entry and the channel messages are not controllers to modulate with.
            !matches!(index, 0 | 6 | 32 | 38 | 98..=101 | 120..=127)
        } else {
            matches!(index, 0 | VELOCITY | KEY | KEY_PRESSURE | CHANNEL_PRESSURE | WHEEL | WHEEL_RANGE)
        }
}

/// A source between 0 and 1, or −1 and 1, as its curve, polarity and direction have it.
fn mapped(source: u16, controls: &impl Controls) -> f32 {
    let index = (source & 0x7f) as u8;
    let value = if source & 0x80 != 0 { controls.control(index) } else { controls.general(index) };
    let is_bipolar = source & 0x200 != 0;
    // 64 is the middle of a bipolar source, and 127 its end.
    let (low, span) = if is_bipolar && value > 64.0 { (1.0, 126.0) } else { (0.0, 127.0) };
    let x = if is_bipolar && value <= 64.0 { value / 128.0 } else { (value - low) / span };
    let x = if source & 0x100 != 0 { 1.0 - x } else { x };
    let curve = source >> 10;
    if is_bipolar {
        let y = 2.0 * x - 1.0;
        if curve == 3 {
            y.signum()
        } else {
            y.signum() * curved(curve, y.abs())
        }
    } else {
        curved(curve, x)
    }
}

/// Section 9.5.3: linear, concave, convex, switch.
fn curved(curve: u16, x: f32) -> f32 {
    match curve {
        1 => concave(x),
        2 => convex(x),
        3 => f32::from(x >= 0.5),
        _ => x,
    }
}

/// Rises slowly and then fast: 96 dB over the whole way, as an attenuation.
///
/// Realtime-safe: yes.
pub fn concave(x: f32) -> f32 {
    1.0 - convex(1.0 - x)
}

/// Rises fast and then slowly.
///
/// Realtime-safe: yes.
pub fn convex(x: f32) -> f32 {
    // 400 cB a decade, of 960 cB.
    if x <= 0.0 {
        0.0
    } else {
        (1.0 + x.log10() * (400.0 / 960.0)).clamp(0.0, 1.0)
    }
}
