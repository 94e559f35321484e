//! Which presets a piece may choose, so that only these are loaded.

use super::font::PERCUSSION;
use super::midi::{Message, TimedEvent};

/// Banks and programs that occur in a piece, in any combination.
#[derive(Clone, Debug)]
pub struct Repertoire {
    programs: [bool; 128],
    banks: [bool; 128],
}

impl Repertoire {
    /// That of some events.
    ///
    /// Realtime-safe: yes.
    pub fn of(events: &[TimedEvent]) -> Self {
        let (mut programs, mut banks) = ([false; 128], [false; 128]);
        // Where a channel begins, and what is played for presets that are missing.
        (programs[0], banks[0]) = (true, true);
        for timed in events {
            match timed.event.message {
                Message::Program(program) => programs[usize::from(program & 127)] = true,
                Message::Control(0 | 32, bank) => banks[usize::from(bank & 127)] = true,
                _ => {}
            }
        }
        Self { programs, banks }
    }

    /// Whether this preset may be chosen.
    ///
    /// Realtime-safe: yes.
    pub fn has(&self, bank: u16, program: u16) -> bool {
        let is_bank = bank == PERCUSSION || self.banks.get(usize::from(bank)).is_some_and(|&is| is);
        is_bank && self.programs.get(usize::from(program)).is_some_and(|&is| is)
    }
}

#[cfg(test)]
mod tests {
    use super::super::midi::MidiEvent;
    use super::*;

    #[test]
    fn what_is_missing_falls_back_to_what_is_always_there() {
        let message = |status, a, b| MidiEvent::from_bytes(0, status, a, b);
        let events: Vec<TimedEvent> = [message(0xb0, 0, 8), message(0xc0, 33, 0)]
            .into_iter()
            .flatten()
            .map(|event| TimedEvent { at_micros: 0, event })
            .collect();
        let repertoire = Repertoire::of(&events);
        for (bank, program) in [(8, 33), (8, 0), (0, 33), (0, 0), (128, 33), (128, 0)] {
            assert!(repertoire.has(bank, program));
        }
        assert!(!repertoire.has(0, 34) && !repertoire.has(9, 33) && !repertoire.has(400, 0));
    }
}
