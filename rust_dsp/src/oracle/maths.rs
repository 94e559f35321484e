//! Logarithms and exponentials that melt into vector code and are the same on every machine.

use super::token::{Row, CHORDS};

/// The natural logarithm of a positive number, to about 1e-4.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let m = f32::from_bits((bits & 0x007F_FFFF) | 0x3F80_0000);
    // ln(m) for 1 <= m < 2, by a least-squares polynomial.
    let p = (((-0.056_57 * m + 0.447_18) * m - 1.469_956) * m + 2.821_203) * m - 1.741_794;
    p + exponent as f32 * std::f32::consts::LN_2
}

/// The exponential of a number of at most 80, to about 1e-4 of itself; 0 far below zero.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let scaled = (x * std::f32::consts::LOG2_E).max(-126.0);
    // The integer below, without a call that would keep this from being vector code.
    let towards_zero = scaled as i32 as f32;
    let whole = if towards_zero > scaled { towards_zero - 1.0 } else { towards_zero };
    let part = scaled - whole;
    let p = 1.0 + part * (0.695_65 + part * (0.226_17 + part * 0.078_18));
    f32::from_bits(((whole as i32 + 127) << 23) as u32) * p
}

/// The highest number of a row, eight side by side.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn highest(row: &Row) -> f32 {
    const SIDE: usize = 8;
    let (whole, rest) = row[..CHORDS].split_at(CHORDS / SIDE * SIDE);
    let mut lanes = [f32::NEG_INFINITY; SIDE];
    for chunk in whole.chunks_exact(SIDE) {
        for (lane, &number) in lanes.iter_mut().zip(chunk) {
            *lane = if number > *lane { number } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |top, &number| if number > top { number } else { top })
}

/// Turns scores into probabilities in place.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn softmax(scores: &mut Row) {
    let top = highest(scores);
    let mut sum = 0.0;
    for score in &mut scores[..CHORDS] {
        *score = exp(*score - top);
        sum += *score;
    }
    let scale = 1.0 / sum;
    for score in &mut scores[..CHORDS] {
        *score *= scale;
    }
    scores[CHORDS..].fill(0.0);
}

/// A squashing function like the hyperbolic tangent.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn squash(x: f32) -> f32 {
    x / (1.0 + x.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_close_to_the_real_ones() {
        for step in 1..20_000 {
            let x = step as f32 * 1e-3;
            assert!((ln(x) - x.ln()).abs() < 1e-3, "{x}");
            assert!((exp(-x) / (-x).exp() - 1.0).abs() < 1e-3, "{x}");
        }
        assert!(exp(-500.0) < 1e-30);
    }
}
