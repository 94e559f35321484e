//! What the engine can be told: sixteen-byte events, in the packed form Python sends.

use std::fmt;

/// The size of one packed event in bytes.
pub const EVENT_SIZE: usize = 16;

/// The number of parts, fixed.
pub const PART_COUNT: usize = 6;

/// The names of the parts; the index is the part's id.
pub const PARTS: [&str; PART_COUNT] = ["player", "drums", "bass", "keys", "pad", "solo"];

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Ends the note `a` of a part.
    NoteOff = 0,
    /// Starts the note `a` of a part with velocity `b`.
    NoteOn = 1,
    /// Sets the MIDI controller `a` of a part to `b`.
    Control = 2,
    /// Sets the parameter `a` to `value`.
    Parameter = 3,
    /// Silences every part with a short fade.
    Panic = 4,
    /// Gives a part the instrument `a`.
    Instrument = 5,
    /// Bends a part by `value`, −1 to 1, which is two semitones each way.
    PitchBend = 6,
}

impl Kind {
    /// The kind a byte stands for.
    ///
    /// Realtime-safe: yes.
    pub fn from_u8(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::NoteOff,
            1 => Self::NoteOn,
            2 => Self::Control,
            3 => Self::Parameter,
            4 => Self::Panic,
            5 => Self::Instrument,
            6 => Self::PitchBend,
            _ => return None,
        })
    }
}

/// One event: plain data, copied through the ring.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, in microseconds of the sender's clock (offline: from the start of the piece).
    pub at_micros: i64,
    /// What, as a byte; see [`Kind`].
    pub kind: u8,
    /// Which part, 0 to 5.
    pub part: u8,
    /// Pitch, controller, parameter or instrument.
    pub a: u8,
    /// Velocity or controller value.
    pub b: u8,
    /// The value of a parameter or a bend.
    pub value: f32,
}

impl Event {
    /// An event that starts a note.
    ///
    /// Realtime-safe: yes.
    pub fn note_on(at_micros: i64, part: u8, pitch: u8, velocity: u8) -> Self {
        Self::new(at_micros, Kind::NoteOn, part, pitch, velocity)
    }

    /// An event that ends a note.
    ///
    /// Realtime-safe: yes.
    pub fn note_off(at_micros: i64, part: u8, pitch: u8) -> Self {
        Self::new(at_micros, Kind::NoteOff, part, pitch, 0)
    }

    /// An event that moves a controller.
    ///
    /// Realtime-safe: yes.
    pub fn control(at_micros: i64, part: u8, controller: u8, value: u8) -> Self {
        Self::new(at_micros, Kind::Control, part, controller, value)
    }

    /// An event that sets a parameter.
    ///
    /// Realtime-safe: yes.
    pub fn parameter(at_micros: i64, id: u8, value: f32) -> Self {
        Self { value, ..Self::new(at_micros, Kind::Parameter, 0, id, 0) }
    }

    /// An event of any kind, with no float value.
    ///
    /// Realtime-safe: yes.
    pub fn new(at_micros: i64, kind: Kind, part: u8, a: u8, b: u8) -> Self {
        Self { at_micros, kind: kind as u8, part, a, b, value: 0.0 }
    }

    /// Whether losing this event could leave a note sounding forever.
    ///
    /// Realtime-safe: yes.
    pub fn ends_sound(&self) -> bool {
        match Kind::from_u8(self.kind) {
            Some(Kind::NoteOff | Kind::Panic) => true,
            // A note-on without velocity is a note-off.
            Some(Kind::NoteOn) => self.b == 0,
            // A pedal going up, all sound off, all notes off.
            Some(Kind::Control) => {
                matches!(self.a, 120 | 121 | 123) || (matches!(self.a, 64 | 66) && self.b < 64)
            }
            _ => false,
        }
    }

    /// The sixteen bytes `<qBBBBf` of this event.
    ///
    /// Realtime-safe: yes.
    pub fn to_bytes(&self) -> [u8; EVENT_SIZE] {
        let mut bytes = [0; EVENT_SIZE];
        bytes[..8].copy_from_slice(&self.at_micros.to_le_bytes());
        bytes[8..12].copy_from_slice(&[self.kind, self.part, self.a, self.b]);
        bytes[12..].copy_from_slice(&self.value.to_le_bytes());
        bytes
    }

    /// The event in sixteen bytes, unchecked: the processor ignores what makes no sense.
    ///
    /// Realtime-safe: yes.
    pub fn from_bytes(bytes: &[u8; EVENT_SIZE]) -> Self {
        let [t0, t1, t2, t3, t4, t5, t6, t7, kind, part, a, b, v0, v1, v2, v3] = *bytes;
        Self {
            at_micros: i64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            kind,
            part,
            a,
            b,
            value: f32::from_le_bytes([v0, v1, v2, v3]),
        }
    }
}

/// Why packed events were refused; says what was seen and what is allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct EventError(String);

impl fmt::Display for EventError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for EventError {}

/// Reads packed events and checks every field.
///
/// Realtime-safe: no (allocates).
///
/// # Errors
/// When the size is no multiple of [`EVENT_SIZE`] or a field is out of range.
pub fn parse_events(
    bytes: &[u8],
    parameter_count: usize,
    instrument_count: usize,
) -> Result<Vec<Event>, EventError> {
    let chunks = bytes.chunks_exact(EVENT_SIZE);
    if !chunks.remainder().is_empty() {
        return Err(EventError(format!(
            "events are {} bytes, which is not a multiple of {EVENT_SIZE}",
            bytes.len()
        )));
    }
    let mut events = Vec::with_capacity(bytes.len() / EVENT_SIZE);
    for (index, chunk) in chunks.enumerate() {
        let mut packed = [0; EVENT_SIZE];
        packed.copy_from_slice(chunk);
        let event = Event::from_bytes(&packed);
        check(&event, parameter_count, instrument_count)
            .map_err(|what| EventError(format!("event {index}: {what}")))?;
        events.push(event);
    }
    Ok(events)
}

fn check(event: &Event, parameter_count: usize, instrument_count: usize) -> Result<(), String> {
    let Some(kind) = Kind::from_u8(event.kind) else {
        return Err(format!("kind {} is unknown; kinds are 0 to 6", event.kind));
    };
    if !matches!(kind, Kind::Parameter | Kind::Panic) {
        within("part", event.part, PART_COUNT - 1)?;
    }
    match kind {
        Kind::NoteOff => within("pitch", event.a, 127),
        Kind::NoteOn => {
            within("pitch", event.a, 127)?;
            if event.b == 0 {
                return Err("velocity 0 is not allowed; velocities are 1 to 127".into());
            }
            within("velocity", event.b, 127)
        }
        Kind::Control => {
            within("controller", event.a, 127)?;
            within("controller value", event.b, 127)
        }
        Kind::Parameter => {
            within("parameter", event.a, parameter_count - 1)?;
            finite(event.value)
        }
        Kind::Panic => Ok(()),
        Kind::Instrument => within("instrument", event.a, instrument_count - 1),
        Kind::PitchBend => {
            finite(event.value)?;
            if event.value.abs() > 1.0 {
                return Err(format!("bend {} is outside -1 to 1", event.value));
            }
            Ok(())
        }
    }
}

fn within(what: &str, value: u8, highest: usize) -> Result<(), String> {
    if usize::from(value) > highest {
        return Err(format!("{what} {value} is outside 0 to {highest}"));
    }
    Ok(())
}

fn finite(value: f32) -> Result<(), String> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(format!("value {value} is not a finite number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_and_unpacking_give_the_same_event() {
        let event = Event { value: -0.25, ..Event::note_on(-5, 3, 60, 100) };
        assert_eq!(Event::from_bytes(&event.to_bytes()), event);
    }

    #[test]
    fn a_refusal_says_what_was_seen_and_what_is_allowed() {
        let error = parse_events(&[0; 15], 10, 7).unwrap_err().to_string();
        assert!(error.contains("15") && error.contains("16"));
        let bad = Event::note_on(0, 6, 60, 100).to_bytes();
        let error = parse_events(&bad, 10, 7).unwrap_err().to_string();
        assert!(error.contains("part 6 is outside 0 to 5"), "{error}");
        let bad = Event::parameter(0, 1, f32::NAN).to_bytes();
        assert!(parse_events(&bad, 10, 7).is_err());
    }

    #[test]
    fn pedals_going_up_count_as_endings() {
        assert!(Event::control(0, 0, 64, 0).ends_sound());
        assert!(!Event::control(0, 0, 64, 127).ends_sound());
        assert!(Event::note_off(0, 0, 60).ends_sound());
    }
}
