//! Chords as 85 tokens: a root times seven families, and silence. One byte each.

/// Families a root: major, minor, dominant, major seventh, minor seventh, diminished, suspended or augmented.
pub const FAMILIES: usize = 7;
/// Tokens there are.
pub const CHORDS: usize = 85;
/// The token of "no chord".
pub const SILENCE: u8 = 84;
/// Tokens, rounded up so that a row fills whole vector registers; what is beyond `CHORDS` is empty.
pub const WIDTH: usize = 88;
/// What stands in the memory between two songs. No chord is like it.
pub const GAP: u8 = 255;

/// One number for each token.
pub type Row = [f32; WIDTH];

/// The root, 0 to 11; 0 for silence.
///
/// Realtime-safe: yes.
#[inline]
pub fn root(token: u8) -> u8 {
    if token >= SILENCE {
        0
    } else {
        token / FAMILIES as u8
    }
}

/// The family, 0 to 6; 7 for silence.
///
/// Realtime-safe: yes.
#[inline]
pub fn family(token: u8) -> u8 {
    if token >= SILENCE {
        FAMILIES as u8
    } else {
        token % FAMILIES as u8
    }
}

/// What a noisy ear still tells apart: 0 major-like, 1 minor-like, 2 diminished, 3 silence.
///
/// Realtime-safe: yes.
#[inline]
pub fn shade(token: u8) -> u8 {
    const SHADES: [u8; 8] = [0, 1, 0, 0, 1, 2, 0, 3];
    SHADES[family(token) as usize]
}

/// The same chord, `semitones` (0 to 11) higher. Silence stays silence.
///
/// Realtime-safe: yes.
#[inline]
pub fn transposed(token: u8, semitones: u8) -> u8 {
    if token >= SILENCE {
        return token;
    }
    let raised = token + semitones * FAMILIES as u8;
    if raised >= SILENCE {
        raised - SILENCE
    } else {
        raised
    }
}

/// A chord as it looks from a root: that root counts as C.
///
/// Realtime-safe: yes.
#[inline]
pub fn seen_from(token: u8, root: u8) -> u8 {
    transposed(token, (12 - root) % 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_there_and_back_changes_nothing() {
        for token in 0..CHORDS as u8 {
            for semitones in 0..12 {
                let there = transposed(token, semitones);
                assert!(there <= SILENCE);
                assert_eq!(family(there), family(token));
                assert_eq!(transposed(there, (12 - semitones) % 12), token);
            }
            assert!(seen_from(token, root(token)) < FAMILIES as u8 || token == SILENCE);
        }
    }
}
