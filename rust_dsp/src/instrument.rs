//! The instruments by name, and the one enum that holds a sounding note of any of them.

use crate::bass::FingerBass;
use crate::drum_kit::{Drum, Kit};
use crate::electric_piano::ElectricPiano;
use crate::grand_piano::GrandPiano;
use crate::lead::Lead;
use crate::nylon_guitar::NylonGuitar;
use crate::organ::Organ;
use crate::pad::Pad;
use crate::strings::Strings;
use crate::upright_bass::UprightBass;

/// The number of instruments.
pub const INSTRUMENT_COUNT: usize = 11;

/// The names of the instruments; the index is the instrument's id.
pub const INSTRUMENTS: [&str; INSTRUMENT_COUNT] = [
    "grand_piano",
    "electric_piano",
    "finger_bass",
    "pad",
    "lead",
    "organ",
    "drum_kit",
    "nylon_guitar",
    "upright_bass",
    "strings",
    "brush_kit",
];

/// An instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Instrument {
    /// A modelled concert grand.
    GrandPiano = 0,
    /// A tine piano.
    ElectricPiano = 1,
    /// A fingered electric bass.
    FingerBass = 2,
    /// Slow detuned saws.
    Pad = 3,
    /// A monophonic-style synthesiser lead, played polyphonically.
    Lead = 4,
    /// A drawbar organ.
    Organ = 5,
    /// Drums, by General MIDI percussion numbers.
    DrumKit = 6,
    /// A guitar with nylon strings, plucked with the fingers.
    NylonGuitar = 7,
    /// An upright bass, plucked.
    UprightBass = 8,
    /// A string section.
    Strings = 9,
    /// Drums played with brushes.
    BrushKit = 10,
}

impl Instrument {
    /// What each part plays until it is told otherwise.
    pub const DEFAULTS: [Self; crate::event::PART_COUNT] =
        [Self::GrandPiano, Self::DrumKit, Self::FingerBass, Self::ElectricPiano, Self::Pad, Self::Lead];

    /// The instrument with this id.
    ///
    /// Realtime-safe: yes.
    pub fn from_u8(id: u8) -> Option<Self> {
        Some(match id {
            0 => Self::GrandPiano,
            1 => Self::ElectricPiano,
            2 => Self::FingerBass,
            3 => Self::Pad,
            4 => Self::Lead,
            5 => Self::Organ,
            6 => Self::DrumKit,
            7 => Self::NylonGuitar,
            8 => Self::UprightBass,
            9 => Self::Strings,
            10 => Self::BrushKit,
            _ => return None,
        })
    }

    /// Starts a note, or `None` where the instrument has no such key.
    ///
    /// Realtime-safe: yes.
    pub fn start(self, note: &Note) -> Option<Sound> {
        Some(match self {
            Self::GrandPiano => Sound::GrandPiano(GrandPiano::new(note)),
            Self::ElectricPiano => Sound::ElectricPiano(ElectricPiano::new(note)),
            Self::FingerBass => Sound::FingerBass(FingerBass::new(note)),
            Self::Pad => Sound::Pad(Pad::new(note)),
            Self::Lead => Sound::Lead(Lead::new(note)),
            Self::Organ => Sound::Organ(Organ::new(note)),
            Self::DrumKit => Sound::Drum(Drum::new(note, Kit::Sticks)?),
            Self::NylonGuitar => Sound::NylonGuitar(NylonGuitar::new(note)),
            Self::UprightBass => Sound::UprightBass(UprightBass::new(note)),
            Self::Strings => Sound::Strings(Strings::new(note)),
            Self::BrushKit => Sound::Drum(Drum::new(note, Kit::Brushes)?),
        })
    }
}

/// What a note starts with.
#[derive(Clone, Copy, Debug)]
pub struct Note {
    /// Sample rate in hertz.
    pub rate_hz: f32,
    /// MIDI pitch, 0 to 127.
    pub pitch: u8,
    /// The pitch in hertz, before any bend.
    pub frequency_hz: f32,
    /// How hard, above 0 and up to 1.
    pub velocity: f32,
    /// A number that differs from note to note, the same in every run.
    pub seed: u32,
}

/// What may move while a note sounds.
#[derive(Clone, Copy, Debug)]
pub struct Expression {
    /// Frequency ratio of the pitch bend.
    pub bend_ratio: f32,
    /// The modulation wheel, 0 to 1.
    pub modulation: f32,
}

impl Expression {
    /// Nothing moved.
    pub const REST: Self = Self { bend_ratio: 1.0, modulation: 0.0 };
}

/// What every sounding note can do. `tick` is called once every [`crate::voice::TICK`] frames, before the first.
pub trait Generator {
    /// Updates what changes slowly.
    fn tick(&mut self, expression: Expression);
    /// Fills `left` and `right`; `frame` is how far into the tick the first sample lies.
    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize);
    /// The key went up.
    fn release(&mut self);
    /// Whether it has certainly come to rest.
    fn is_done(&self) -> bool {
        false
    }
    /// Whether it dies away although the key is held.
    fn decays(&self) -> bool {
        true
    }
}

/// A sounding note of any instrument.
// Voices live in a fixed pool and are written in place, so the largest variant sets the slot's size.
#[allow(clippy::large_enum_variant)]
pub enum Sound {
    /// See [`GrandPiano`].
    GrandPiano(GrandPiano),
    /// See [`ElectricPiano`].
    ElectricPiano(ElectricPiano),
    /// See [`FingerBass`].
    FingerBass(FingerBass),
    /// See [`Pad`].
    Pad(Pad),
    /// See [`Lead`].
    Lead(Lead),
    /// See [`Organ`].
    Organ(Organ),
    /// See [`Drum`].
    Drum(Drum),
    /// See [`NylonGuitar`].
    NylonGuitar(NylonGuitar),
    /// See [`UprightBass`].
    UprightBass(UprightBass),
    /// See [`Strings`].
    Strings(Strings),
}

impl Sound {
    /// The note behind the variant.
    ///
    /// Realtime-safe: yes.
    pub fn generator(&mut self) -> &mut dyn Generator {
        match self {
            Self::GrandPiano(sound) => sound,
            Self::ElectricPiano(sound) => sound,
            Self::FingerBass(sound) => sound,
            Self::Pad(sound) => sound,
            Self::Lead(sound) => sound,
            Self::Organ(sound) => sound,
            Self::Drum(sound) => sound,
            Self::NylonGuitar(sound) => sound,
            Self::UprightBass(sound) => sound,
            Self::Strings(sound) => sound,
        }
    }

    /// Whether a new drum stroke cuts this one off.
    ///
    /// Realtime-safe: yes.
    pub fn is_choked_by(&self, pitch: u8) -> bool {
        match self {
            Self::Drum(drum) => drum.is_choked_by(pitch),
            _ => false,
        }
    }

    /// Whether this is a drum, which ignores key releases.
    ///
    /// Realtime-safe: yes.
    pub fn is_drum(&self) -> bool {
        matches!(self, Self::Drum(_))
    }
}
