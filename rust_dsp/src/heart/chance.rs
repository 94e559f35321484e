//! Seeded chance without a state: the same question always gets the same answer.
//!
//! The mixer is splitmix64's finaliser (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// How many of a number's bits make a float between 0 and 1.
const FINE: u32 = 53;

/// One key of what a draw is for, as a number: a text counts by its first eight bytes, and its length.
///
/// Realtime-safe: yes.
pub fn number_of_text(text: &str) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    u64::from_le_bytes(first) ^ text.chars().count() as u64
}

/// Where draws for nothing in particular begin.
///
/// Realtime-safe: yes.
pub fn seeded(seed: u64) -> u64 {
    mix(seed)
}

/// What draws are for, one key further.
///
/// Realtime-safe: yes.
#[inline]
pub fn keyed(state: u64, key: u64) -> u64 {
    mix(state ^ key)
}

/// A number in [0, 1).
///
/// Realtime-safe: yes.
#[inline]
pub fn uniform(state: u64) -> f64 {
    (state >> (64 - FINE)) as f64 / (1_u64 << FINE) as f64
}

/// About normal, mean 0, standard deviation 1, within ±3.5: the sum of four uniforms.
///
/// Realtime-safe: yes.
pub fn bell(state: u64) -> f64 {
    let total: u64 = (0..4).map(|which| mix(state ^ which) >> (64 - FINE)).sum();
    (total as f64 / (1_u64 << FINE) as f64 - 2.0) * 3.0_f64.sqrt()
}

#[inline]
fn mix(value: u64) -> u64 {
    let mut value = value.wrapping_add(GAMMA);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_spread_evenly_and_bells_have_their_mean_and_width() {
        let states: Vec<u64> = (0..20_000).map(|key| keyed(seeded(7), key)).collect();
        let mean = states.iter().map(|&state| uniform(state)).sum::<f64>() / states.len() as f64;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let square = states.iter().map(|&state| bell(state).powi(2)).sum::<f64>() / states.len() as f64;
        assert!((square - 1.0).abs() < 0.03, "{square}");
    }
}
