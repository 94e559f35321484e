//! General MIDI's programs on the instruments there are: one table, for files and for everyone who asks.

use crate::instrument::Instrument::{
    self, BrushKit, DrumKit, ElectricPiano, FingerBass, GrandPiano, Lead, NylonGuitar, Organ, Pad, Strings,
    UprightBass,
};

/// Ranges of programs, counted from 0: the last of each, and what plays it.
const MELODIC: [(u8, Instrument); 23] = [
    (3, GrandPiano),     // pianos
    (15, ElectricPiano), // electric pianos, clavinet, mallets
    (23, Organ),         // organs, accordions, harmonica
    (28, NylonGuitar),   // guitars, but …
    (30, Lead),          // … for those that are overdriven
    (31, NylonGuitar),   // harmonics
    (32, UprightBass),
    (39, FingerBass),     // electric and synthesiser basses
    (44, Strings),        // violin to tremolo strings
    (46, NylonGuitar),    // pizzicato, harp
    (47, UprightBass),    // timpani
    (49, Strings),        // ensembles
    (54, Pad),            // synthesised strings, choirs
    (55, Strings),        // orchestra hit
    (87, Lead),           // brass, reeds, pipes, leads
    (103, Pad),           // pads and atmospheres
    (107, NylonGuitar),   // sitar, banjo, shamisen, koto
    (108, ElectricPiano), // kalimba
    (109, Organ),         // bagpipe
    (110, Strings),       // fiddle
    (111, Lead),          // shanai
    (118, ElectricPiano), // tuned percussion
    (127, Pad),           // noises
];

/// The brush kit's program on the drum channel.
const BRUSHES: u8 = 40;

/// What plays a program, 0 to 127, of any channel but the drums'.
///
/// Realtime-safe: yes.
pub fn of_program(program: u8) -> Instrument {
    MELODIC.iter().find(|(last, _)| program <= *last).map_or(Pad, |(_, instrument)| *instrument)
}

/// What plays a program, 0 to 127, of the drum channel.
///
/// Realtime-safe: yes.
pub fn of_drum_program(program: u8) -> Instrument {
    if program == BRUSHES {
        BrushKit
    } else {
        DrumKit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_has_an_instrument_and_every_instrument_a_program() {
        let mut found: Vec<u8> = (0..128).map(|program| of_program(program) as u8).collect();
        found.extend((0..128).map(|program| of_drum_program(program) as u8));
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, (0..crate::instrument::INSTRUMENT_COUNT as u8).collect::<Vec<_>>());
    }

    #[test]
    fn well_known_programs_sound_as_they_are_called() {
        for (program, instrument) in [
            (0, GrandPiano),
            (4, ElectricPiano),
            (16, Organ),
            (24, NylonGuitar),
            (32, UprightBass),
            (48, Strings),
        ] {
            assert_eq!(of_program(program), instrument);
        }
    }
}
