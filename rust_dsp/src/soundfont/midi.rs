//! MIDI messages, for the player.

use super::system::{self, System};

/// Bytes of one packed event: microseconds as a 64-bit integer, channel, status, two data bytes; little-endian.
pub const PACKED_SIZE: usize = 12;

/// A message. Channels count from 0; keys, values and velocities are 0 to 127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MidiEvent {
    /// The channel.
    pub channel: u8,
    /// What happens.
    pub message: Message,
}

/// What happens on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A key goes up.
    NoteOff(u8),
    /// A key goes down, this hard; 0 is up.
    NoteOn(u8, u8),
    /// Pressure on a key.
    KeyPressure(u8, u8),
    /// A controller moves.
    Control(u8, u8),
    /// A program is chosen.
    Program(u8),
    /// Pressure on the channel.
    Pressure(u8),
    /// The pitch wheel moves, 0 to 16,383.
    Wheel(u16),
    /// What a system-exclusive message says; it concerns all channels, unless it names one.
    System(System),
}

impl MidiEvent {
    /// A message from its status and data bytes, or from a system message's as [`System::to_packed`] has them; `None`
    /// where it is none.
    ///
    /// Realtime-safe: yes.
    pub fn from_bytes(channel: u8, status: u8, a: u8, b: u8) -> Option<Self> {
        let (a, b) = (a & 127, b & 127);
        let message = match status >> 4 {
            8 => Message::NoteOff(a),
            9 => Message::NoteOn(a, b),
            10 => Message::KeyPressure(a, b),
            11 => Message::Control(a, b),
            12 => Message::Program(a),
            13 => Message::Pressure(a),
            14 => Message::Wheel(u16::from(a) | u16::from(b) << 7),
            15 => Message::System(System::from_packed(status - system::STATUS, a, b)?),
            _ => return None,
        };
        Some(Self { channel, message })
    }

    /// Whether it can end a sound.
    ///
    /// Realtime-safe: yes.
    pub fn ends_sound(&self) -> bool {
        matches!(
            self.message,
            Message::NoteOff(_)
                | Message::NoteOn(_, 0)
                | Message::Control(64 | 66 | 120..=127, _)
                | Message::System(System::Reset(_))
        )
    }
}

/// A message at a time.
#[derive(Clone, Copy, Debug)]
pub struct TimedEvent {
    /// Microseconds from the start.
    pub at_micros: i64,
    /// The message.
    pub event: MidiEvent,
}

/// Packed events; the text of the error names the event that is none.
///
/// Realtime-safe: no (allocates).
///
/// # Errors
/// The length is no multiple of [`PACKED_SIZE`], or a status byte is no message.
pub fn parse_packed(bytes: &[u8]) -> Result<Vec<TimedEvent>, String> {
    if bytes.len() % PACKED_SIZE != 0 {
        return Err(format!("events are {} bytes, not a multiple of {PACKED_SIZE}", bytes.len()));
    }
    let mut events = Vec::with_capacity(bytes.len() / PACKED_SIZE);
    for (index, packed) in bytes.chunks_exact(PACKED_SIZE).enumerate() {
        let mut micros = [0; 8];
        micros.copy_from_slice(&packed[..8]);
        let Some(event) = MidiEvent::from_bytes(packed[8], packed[9], packed[10], packed[11]) else {
            return Err(format!(
                "event {index}: status {} is no message (128 to 239, or a system message's)",
                packed[9]
            ));
        };
        events.push(TimedEvent { at_micros: i64::from_le_bytes(micros), event });
    }
    Ok(events)
}
