//! The brush kit as a table: what differs from the kit that is played with sticks.
//!
//! The snare's keys follow General MIDI 2 (38 tap, 39 slap, 40 swirl) and, from 25 on, what keyboards with brush
//! kits have there: tap, swirl, slap, and a swirl that ends in a tap.

use crate::drum_piece::{BrushStroke, NoiseBurst, Piece, Sweep};
use crate::drum_table::{metal, noise, sweep, BLANK};
use crate::filter::Response::{Bandpass, Highpass};

/// A coated head, low and soft under the wires.
const HEAD: Option<Sweep> = Some(sweep(222.0, 178.0, 0.02, 0.11, 0.26));

const fn stroke(seconds: f32, from_hz: f32, to_hz: f32, gain: f32, circles: f32) -> BrushStroke {
    BrushStroke { seconds, from_hz, to_hz, q: 0.8, gain, circles }
}

static TAP: Piece = Piece {
    gain: 0.74,
    pan: -0.05,
    sweep: HEAD,
    modes: &[(317.0, 0.08, 0.07), (455.0, 0.05, 0.05)],
    noise: &[
        NoiseBurst { attack_seconds: 0.0018, ..noise(Bandpass, 3_300.0, 0.5, 0.085, 0.85) },
        NoiseBurst { attack_seconds: 0.003, ..noise(Highpass, 5_200.0, 0.7, 0.15, 0.22) },
    ],
    ..BLANK
};
static SLAP: Piece = Piece {
    gain: 0.95,
    pan: -0.05,
    sweep: Some(sweep(255.0, 186.0, 0.018, 0.13, 0.42)),
    modes: &[(331.0, 0.14, 0.09), (469.0, 0.08, 0.07)],
    noise: &[
        NoiseBurst { attack_seconds: 0.001, ..noise(Bandpass, 2_700.0, 0.45, 0.07, 1.15) },
        NoiseBurst { attack_seconds: 0.002, ..noise(Highpass, 4_600.0, 0.7, 0.17, 0.4) },
    ],
    ..BLANK
};
static SWISH: Piece =
    Piece { gain: 0.8, pan: -0.12, stroke: Some(stroke(0.34, 2_300.0, 5_200.0, 0.8, 0.0)), ..BLANK };
static SWIRL: Piece =
    Piece { gain: 0.8, pan: 0.02, stroke: Some(stroke(0.95, 2_600.0, 4_300.0, 0.62, 2.0)), ..BLANK };
static SWIRL_AND_TAP: Piece = Piece {
    gain: 0.78,
    pan: -0.05,
    sweep: HEAD,
    noise: &[NoiseBurst { attack_seconds: 0.0018, ..noise(Bandpass, 3_300.0, 0.5, 0.08, 0.8) }],
    stroke: Some(stroke(0.5, 4_600.0, 2_400.0, 0.5, 0.0)),
    ..BLANK
};
static KICK: Piece = Piece {
    gain: 1.2,
    sweep: Some(sweep(112.0, 47.0, 0.05, 0.5, 0.95)),
    modes: &[(71.0, 0.14, 0.3)],
    noise: &[NoiseBurst { attack_seconds: 0.002, ..noise(Bandpass, 760.0, 0.6, 0.03, 0.22) }],
    ..BLANK
};
static CLOSED_HAT: Piece = Piece {
    gain: 0.6,
    pan: -0.3,
    choke_group: 1,
    noise: &[NoiseBurst { attack_seconds: 0.002, ..noise(Highpass, 6_800.0, 0.7, 0.07, 0.8) }],
    metal: Some(metal(4_300.0, 14_500.0, 32, 0.11, 0.55)),
    ..BLANK
};
static OPEN_HAT: Piece = Piece {
    gain: 0.4,
    pan: -0.3,
    choke_group: 1,
    noise: &[NoiseBurst { attack_seconds: 0.004, ..noise(Highpass, 6_200.0, 0.7, 0.5, 0.5) }],
    metal: Some(metal(3_900.0, 14_500.0, 48, 0.85, 0.6)),
    ..BLANK
};
static RIDE: Piece = Piece {
    gain: 0.44,
    pan: 0.32,
    noise: &[NoiseBurst { attack_seconds: 0.004, ..noise(Highpass, 5_600.0, 0.6, 0.22, 0.5) }],
    metal: Some(metal(560.0, 12_500.0, 80, 2.0, 0.46)),
    ..BLANK
};
static CRASH: Piece = Piece {
    gain: 0.55,
    pan: -0.35,
    noise: &[NoiseBurst { attack_seconds: 0.008, ..noise(Highpass, 4_000.0, 0.6, 0.9, 0.5) }],
    metal: Some(metal(390.0, 12_500.0, 96, 2.2, 0.6)),
    ..BLANK
};

/// The piece on a percussion key; where brushes make no difference, that of the other kit.
///
/// Realtime-safe: yes.
pub fn piece(pitch: u8) -> Option<&'static Piece> {
    Some(match pitch {
        25 | 38 => &TAP,
        26 | 40 => &SWIRL,
        27 | 39 => &SLAP,
        28 => &SWIRL_AND_TAP,
        29 => &SWISH,
        35 | 36 => &KICK,
        42 => &CLOSED_HAT,
        46 => &OPEN_HAT,
        49 | 57 => &CRASH,
        51 | 59 => &RIDE,
        _ => return crate::drum_table::piece(pitch),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brushes_have_all_that_sticks_have_and_their_own_strokes() {
        for pitch in 0..128 {
            assert!(crate::drum_table::piece(pitch).is_none() || piece(pitch).is_some(), "{pitch}");
        }
        assert!((25..=29).all(|pitch| piece(pitch).is_some()));
        assert!(piece(26).is_some_and(|piece| piece.stroke.is_some()));
    }

    #[test]
    fn the_hats_still_choke_each_other() {
        for pitch in [42, 44, 46] {
            assert_eq!(piece(pitch).map(|piece| piece.choke_group), Some(1));
        }
    }
}
