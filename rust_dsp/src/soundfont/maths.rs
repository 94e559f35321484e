//! Quick conversions between the units of the standard and the engine's, good to a few parts in ten million.

/// Two to the power of `x`, for `x` between −126 and 126; beyond that the nearer end.
///
/// Realtime-safe: yes.
#[inline]
pub fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    // Adding 1.5 · 2²³ leaves no room for a fraction, which is the quickest way to round.
    let whole = (x + 12_582_912.0) - 12_582_912.0;
    let t = (x - whole) * std::f32::consts::LN_2;
    // Taylor terms of eᵗ for |t| ≤ 0.35: the first one left out is 1e-7.
    let mantissa = 1.0
        + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0 + t * (1.0 / 720.0))))));
    mantissa * f32::from_bits(((whole as i32 + 127) << 23) as u32)
}

/// Sine and cosine of `x`, from 0 to a quarter turn.
///
/// Realtime-safe: yes.
#[inline]
pub fn sine_and_cosine(x: f32) -> (f32, f32) {
    let t = x * x;
    // Taylor terms; the first ones left out are 4e-6 and 6e-7 at a quarter turn.
    let sine =
        x * (1.0 + t * (-1.0 / 6.0 + t * (1.0 / 120.0 + t * (-1.0 / 5_040.0 + t * (1.0 / 362_880.0)))));
    let cosine = 1.0
        + t * (-0.5
            + t * (1.0 / 24.0 + t * (-1.0 / 720.0 + t * (1.0 / 40_320.0 + t * (-1.0 / 3_628_800.0)))));
    (sine, cosine)
}

/// An attenuation in centibels as a gain.
///
/// Realtime-safe: yes.
#[inline]
pub fn centibels_to_gain(attenuation: f32) -> f32 {
    // log2(10) / 200.
    exp2(attenuation * -0.016_609_64)
}

/// Timecents as frames; the shortest time the standard knows counts as none.
///
/// Realtime-safe: yes.
#[inline]
pub fn timecents_to_frames(timecents: f32, rate_hz: f32) -> f32 {
    if timecents <= -12_000.0 {
        0.0
    } else {
        exp2(timecents * (1.0 / 1_200.0)) * rate_hz
    }
}

/// Absolute cents, 0 being MIDI key 0, as hertz.
///
/// Realtime-safe: yes.
#[inline]
pub fn cents_to_hz(cents: f32) -> f32 {
    8.175_799 * exp2(cents * (1.0 / 1_200.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_good_to_a_few_parts_in_ten_million() {
        for n in -4_000..4_000 {
            let x = n as f32 * 0.031;
            let exact = f64::from(x).exp2();
            assert!((f64::from(exp2(x)) / exact - 1.0).abs() < 4e-7, "{x}");
        }
    }

    #[test]
    fn sine_and_cosine_are_good_to_a_few_parts_in_a_million() {
        for n in 0..=1_570u16 {
            let x = f32::from(n) * 0.001;
            let (sine, cosine) = sine_and_cosine(x);
            assert!((sine - x.sin()).abs() < 5e-6 && (cosine - x.cos()).abs() < 2e-6, "{x}");
        }
    }

    #[test]
    fn sixty_decibels_are_a_thousandth_and_key_69_is_440_hz() {
        assert!((centibels_to_gain(600.0) - 0.001).abs() < 1e-9);
        assert!((cents_to_hz(6_900.0) - 440.0).abs() < 1e-3);
        assert!((timecents_to_frames(1_200.0, 48_000.0) - 96_000.0).abs() < 0.1);
    }
}
