//! The drum kit as a table: what each General MIDI percussion number is made of.

use crate::drum_piece::{Metal, NoiseBurst, Piece, Sweep};
use crate::filter::Response::{self, Bandpass, Highpass};

/// A piece that makes no sound.
pub(crate) const BLANK: Piece = Piece {
    gain: 1.0,
    pan: 0.0,
    choke_group: 0,
    sweep: None,
    modes: &[],
    noise: &[],
    metal: None,
    stroke: None,
};

pub(crate) const fn sweep(from_hz: f32, to_hz: f32, fall_seconds: f32, t60_seconds: f32, gain: f32) -> Sweep {
    Sweep { from_hz, to_hz, fall_seconds, t60_seconds, gain }
}

pub(crate) const fn noise(
    response: Response,
    cutoff_hz: f32,
    q: f32,
    t60_seconds: f32,
    gain: f32,
) -> NoiseBurst {
    NoiseBurst {
        response,
        cutoff_hz,
        q,
        attack_seconds: 0.0005,
        t60_seconds,
        gain,
        repeats: 0,
        gap_seconds: 0.0,
    }
}

pub(crate) const fn metal(low_hz: f32, high_hz: f32, count: u32, t60_seconds: f32, gain: f32) -> Metal {
    Metal { low_hz, high_hz, count, t60_seconds, gain }
}

static KICK: Piece = Piece {
    gain: 1.25,
    sweep: Some(sweep(190.0, 49.0, 0.035, 0.42, 1.0)),
    modes: &[(92.0, 0.25, 0.12), (2_650.0, 0.03, 0.02)],
    noise: &[noise(Bandpass, 3_300.0, 0.7, 0.018, 0.30), noise(Bandpass, 240.0, 0.8, 0.06, 0.4)],
    ..BLANK
};
static KICK_SOFT: Piece = Piece {
    gain: 1.15,
    sweep: Some(sweep(140.0, 45.0, 0.045, 0.55, 1.0)),
    noise: &[noise(Bandpass, 1_600.0, 0.7, 0.02, 0.2)],
    ..BLANK
};
static SIDE_STICK: Piece = Piece {
    gain: 0.8,
    pan: -0.08,
    modes: &[(438.0, 0.35, 0.05), (1_685.0, 0.55, 0.055), (2_480.0, 0.3, 0.04), (3_940.0, 0.15, 0.03)],
    noise: &[noise(Bandpass, 2_600.0, 0.9, 0.022, 0.7)],
    ..BLANK
};
static SNARE: Piece = Piece {
    gain: 0.95,
    pan: -0.05,
    sweep: Some(sweep(265.0, 187.0, 0.02, 0.17, 0.55)),
    modes: &[(331.0, 0.28, 0.13), (469.0, 0.12, 0.09), (633.0, 0.08, 0.07)],
    noise: &[noise(Highpass, 2_100.0, 0.7, 0.26, 0.64), noise(Bandpass, 5_200.0, 0.6, 0.07, 0.62)],
    ..BLANK
};
static SNARE_TIGHT: Piece = Piece {
    gain: 0.92,
    pan: -0.05,
    sweep: Some(sweep(330.0, 228.0, 0.015, 0.12, 0.5)),
    modes: &[(402.0, 0.3, 0.11), (705.0, 0.14, 0.08)],
    noise: &[noise(Highpass, 2_700.0, 0.7, 0.19, 0.66), noise(Bandpass, 6_000.0, 0.6, 0.06, 0.6)],
    ..BLANK
};
static CLAP: Piece = Piece {
    gain: 0.9,
    pan: 0.1,
    noise: &[
        NoiseBurst { repeats: 3, gap_seconds: 0.0105, ..noise(Bandpass, 1_350.0, 1.3, 0.17, 1.5) },
        noise(Highpass, 3_500.0, 0.7, 0.06, 0.18),
    ],
    ..BLANK
};
static CLOSED_HAT: Piece = Piece {
    gain: 0.52,
    pan: -0.3,
    choke_group: 1,
    noise: &[noise(Highpass, 8_200.0, 0.8, 0.055, 0.9), noise(Bandpass, 4_300.0, 1.2, 0.02, 0.25)],
    metal: Some(metal(4_700.0, 16_500.0, 32, 0.10, 0.9)),
    ..BLANK
};
static PEDAL_HAT: Piece = Piece {
    gain: 0.38,
    pan: -0.3,
    choke_group: 1,
    noise: &[noise(Highpass, 6_000.0, 0.7, 0.04, 0.5), noise(Bandpass, 900.0, 0.9, 0.03, 0.25)],
    metal: Some(metal(3_800.0, 14_500.0, 32, 0.07, 0.8)),
    ..BLANK
};
static OPEN_HAT: Piece = Piece {
    gain: 0.46,
    pan: -0.3,
    choke_group: 1,
    noise: &[noise(Highpass, 7_400.0, 0.7, 0.55, 0.45)],
    metal: Some(metal(4_200.0, 16_500.0, 48, 0.95, 0.85)),
    ..BLANK
};
static CRASH: Piece = Piece {
    gain: 0.62,
    pan: -0.35,
    noise: &[noise(Highpass, 4_200.0, 0.6, 1.1, 0.5)],
    metal: Some(metal(410.0, 14_500.0, 96, 2.6, 0.75)),
    ..BLANK
};
static CRASH_TWO: Piece = Piece {
    pan: 0.4,
    metal: Some(metal(520.0, 15_500.0, 96, 2.2, 0.75)),
    noise: &[noise(Highpass, 4_800.0, 0.6, 0.9, 0.5)],
    gain: 0.62,
    ..BLANK
};
static SPLASH: Piece = Piece {
    gain: 0.5,
    pan: 0.1,
    noise: &[noise(Highpass, 5_600.0, 0.6, 0.35, 0.5)],
    metal: Some(metal(780.0, 15_500.0, 64, 0.7, 0.7)),
    ..BLANK
};
static CHINA: Piece = Piece {
    gain: 0.55,
    pan: 0.35,
    noise: &[noise(Bandpass, 3_400.0, 0.5, 0.8, 0.8)],
    metal: Some(metal(350.0, 11_000.0, 80, 1.5, 0.8)),
    ..BLANK
};
static RIDE: Piece = Piece {
    gain: 0.5,
    pan: 0.32,
    modes: &[(2_930.0, 0.22, 0.55), (4_410.0, 0.18, 0.45), (5_870.0, 0.12, 0.35)],
    noise: &[noise(Highpass, 6_800.0, 0.7, 0.05, 0.7)],
    metal: Some(metal(850.0, 14_500.0, 80, 2.3, 0.32)),
    ..BLANK
};
static RIDE_BELL: Piece = Piece {
    gain: 0.42,
    pan: 0.32,
    modes: &[(812.0, 0.3, 1.3), (1_490.0, 0.34, 1.1), (2_310.0, 0.28, 0.9), (3_460.0, 0.2, 0.7)],
    noise: &[noise(Highpass, 6_000.0, 0.7, 0.03, 0.4)],
    metal: Some(metal(1_100.0, 12_000.0, 64, 1.4, 0.22)),
    ..BLANK
};
static TAMBOURINE: Piece = Piece {
    gain: 0.45,
    pan: 0.25,
    noise: &[noise(Highpass, 7_600.0, 0.8, 0.16, 0.75)],
    metal: Some(metal(4_800.0, 15_500.0, 32, 0.25, 0.6)),
    ..BLANK
};
static SHAKER: Piece = Piece {
    gain: 0.5,
    pan: -0.25,
    noise: &[NoiseBurst { attack_seconds: 0.018, ..noise(Bandpass, 7_000.0, 0.9, 0.075, 1.0) }],
    ..BLANK
};
static COWBELL: Piece = Piece {
    gain: 0.62,
    pan: 0.15,
    modes: &[
        (562.0, 0.4, 0.28),
        (845.0, 0.5, 0.32),
        (1_690.0, 0.18, 0.16),
        (2_250.0, 0.12, 0.12),
        (3_380.0, 0.1, 0.08),
    ],
    noise: &[noise(Bandpass, 3_000.0, 0.8, 0.012, 0.4)],
    ..BLANK
};
static CLAVES: Piece =
    Piece { gain: 0.6, pan: 0.2, modes: &[(2_480.0, 0.7, 0.09), (6_240.0, 0.14, 0.03)], ..BLANK };
static WOOD_BLOCK: Piece = Piece {
    gain: 0.7,
    pan: 0.2,
    modes: &[(905.0, 0.6, 0.07), (1_620.0, 0.25, 0.05), (2_540.0, 0.12, 0.03)],
    noise: &[noise(Bandpass, 1_800.0, 0.9, 0.012, 0.4)],
    ..BLANK
};
static TRIANGLE: Piece = Piece {
    gain: 0.3,
    pan: 0.3,
    modes: &[
        (1_640.0, 0.12, 2.0),
        (4_160.0, 0.35, 2.6),
        (5_480.0, 0.3, 2.2),
        (8_120.0, 0.22, 1.6),
        (10_400.0, 0.16, 1.1),
    ],
    ..BLANK
};

macro_rules! tuned_drums {
    ($($name:ident: $hz:expr, $pan:expr, $fall:expr, $ring:expr, $skin_hz:expr, $skin:expr;)*) => {$(
        static $name: Piece = Piece {
            gain: 0.95,
            pan: $pan,
            sweep: Some(sweep($hz * 1.45, $hz, $fall, $ring, 0.85)),
            modes: &[($hz * 1.59, 0.16, $ring * 0.5), ($hz * 2.14, 0.09, $ring * 0.35)],
            noise: &[noise(Bandpass, $skin_hz, 0.8, 0.03, $skin)],
            ..BLANK
        };
    )*};
}

tuned_drums! {
    TOM_LOW_FLOOR: 73.0, 0.45, 0.06, 0.75, 900.0, 0.35;
    TOM_HIGH_FLOOR: 86.0, 0.35, 0.06, 0.70, 1_000.0, 0.35;
    TOM_LOW: 102.0, 0.2, 0.055, 0.62, 1_100.0, 0.35;
    TOM_LOW_MID: 122.0, 0.05, 0.05, 0.55, 1_200.0, 0.35;
    TOM_HIGH_MID: 146.0, -0.1, 0.05, 0.50, 1_300.0, 0.35;
    TOM_HIGH: 174.0, -0.22, 0.045, 0.45, 1_400.0, 0.35;
    BONGO_HIGH: 420.0, 0.3, 0.015, 0.16, 2_200.0, 0.45;
    BONGO_LOW: 300.0, 0.3, 0.02, 0.2, 1_900.0, 0.4;
    CONGA_MUTE: 262.0, -0.3, 0.01, 0.09, 2_400.0, 0.8;
    CONGA_OPEN: 255.0, -0.3, 0.02, 0.32, 1_500.0, 0.35;
    CONGA_LOW: 178.0, -0.2, 0.025, 0.4, 1_200.0, 0.35;
    TIMBALE_HIGH: 390.0, 0.25, 0.015, 0.3, 3_200.0, 0.45;
    TIMBALE_LOW: 280.0, 0.25, 0.02, 0.36, 2_800.0, 0.45;
}

/// The piece on a General MIDI percussion key.
///
/// Realtime-safe: yes.
pub fn piece(pitch: u8) -> Option<&'static Piece> {
    Some(match pitch {
        35 => &KICK_SOFT,
        36 => &KICK,
        37 => &SIDE_STICK,
        38 => &SNARE,
        39 => &CLAP,
        40 => &SNARE_TIGHT,
        41 => &TOM_LOW_FLOOR,
        42 => &CLOSED_HAT,
        43 => &TOM_HIGH_FLOOR,
        44 => &PEDAL_HAT,
        45 => &TOM_LOW,
        46 => &OPEN_HAT,
        47 => &TOM_LOW_MID,
        48 => &TOM_HIGH_MID,
        49 => &CRASH,
        50 => &TOM_HIGH,
        51 | 59 => &RIDE,
        52 => &CHINA,
        53 => &RIDE_BELL,
        54 => &TAMBOURINE,
        55 => &SPLASH,
        56 => &COWBELL,
        57 => &CRASH_TWO,
        60 => &BONGO_HIGH,
        61 => &BONGO_LOW,
        62 => &CONGA_MUTE,
        63 => &CONGA_OPEN,
        64 => &CONGA_LOW,
        65 => &TIMBALE_HIGH,
        66 => &TIMBALE_LOW,
        69 | 70 | 82 => &SHAKER,
        75 => &CLAVES,
        76 | 77 => &WOOD_BLOCK,
        80 | 81 => &TRIANGLE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kit_has_the_pieces_a_drummer_needs() {
        for pitch in (35..=51).chain([53, 54, 56, 57, 59, 70, 82]) {
            assert!(piece(pitch).is_some(), "{pitch}");
        }
        assert!(piece(0).is_none() && piece(127).is_none());
    }

    #[test]
    fn the_three_hats_share_a_choke_group_and_nothing_else_does() {
        for pitch in 0..128 {
            let group = piece(pitch).map_or(0, |piece| piece.choke_group);
            assert_eq!(group != 0, matches!(pitch, 42 | 44 | 46));
        }
    }
}
