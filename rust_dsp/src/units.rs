//! Conversions between the units the engine speaks: decibels, hertz, pitches, cents and turns.

use std::f32::consts::PI;

/// One full turn of a phase accumulator, as a float.
const TURN: f32 = 4_294_967_296.0;

/// A level in decibels as a linear gain; −60 dB or less is silence, so faders close fully.
///
/// Realtime-safe: yes.
pub fn db_to_gain(level_db: f32) -> f32 {
    if level_db <= -60.0 {
        0.0
    } else {
        10f32.powf(level_db * 0.05)
    }
}

/// A linear gain in decibels, never below −200 dB.
///
/// Realtime-safe: yes.
pub fn gain_to_db(gain: f32) -> f32 {
    20.0 * gain.max(1e-10).log10()
}

/// A MIDI pitch (fractions allowed) in hertz, equal temperament.
///
/// Realtime-safe: yes.
pub fn pitch_to_hz(pitch: f32, tuning_hz: f32) -> f32 {
    tuning_hz * ((pitch - 69.0) / 12.0).exp2()
}

/// The frequency ratio of an interval in semitones.
///
/// Realtime-safe: yes.
pub fn semitones_to_ratio(semitones: f32) -> f32 {
    (semitones / 12.0).exp2()
}

/// The per-sample factor of an exponential decay that falls 60 dB in `t60_seconds`.
///
/// Realtime-safe: yes.
pub fn t60_to_factor(t60_seconds: f32, rate_hz: f32) -> f32 {
    // ln(1000) = 6.9078: 60 dB in nepers.
    (-6.907_755 / (t60_seconds.max(1e-4) * rate_hz)).exp()
}

/// A frequency as the step of a 32-bit phase accumulator, clamped below Nyquist.
///
/// Realtime-safe: yes.
pub fn hz_to_step(frequency_hz: f32, rate_hz: f32) -> u32 {
    let turns = f64::from(frequency_hz.max(0.0)) / f64::from(rate_hz);
    (turns.min(0.499) * 4_294_967_296.0) as u32
}

/// The sine of a 32-bit phase (one wrap is one turn), accurate to about 1e-7.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn sine(phase: u32) -> f32 {
    // sin(2πp) = cos(2π(p − ¼)); folding the cosine about zero needs no branch, so loops vectorise.
    let x = phase.wrapping_sub(1 << 30) as i32 as f32 * (1.0 / TURN);
    let y = 0.25 - x.abs();
    let t = y * y;
    // Taylor terms of sin(2πy); the first one left out is 6e-8 at y = ¼.
    y * (6.283_185_5
        + t * (-41.341_7 + t * (81.605_25 + t * (-76.705_86 + t * (42.058_693 - t * 15.094_643)))))
}

/// Left and right gains of a constant-power pan, unity at the centre; `pan` −1 is left, 1 is right.
///
/// Realtime-safe: yes.
pub fn pan_to_gains(pan: f32) -> (f32, f32) {
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * 0.25 * PI;
    let unity = std::f32::consts::SQRT_2;
    (angle.cos() * unity, angle.sin() * unity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_accurate_over_the_whole_turn() {
        for k in 0..10_000u32 {
            let phase = k.wrapping_mul(429_497);
            let exact = (f64::from(phase) / 4_294_967_296.0 * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(phase)) - exact).abs() < 6e-7, "phase {phase}");
        }
    }

    #[test]
    fn concert_a_is_440_hz_and_an_octave_doubles() {
        assert!((pitch_to_hz(69.0, 440.0) - 440.0).abs() < 1e-3);
        assert!((pitch_to_hz(81.0, 440.0) - 880.0).abs() < 1e-3);
    }

    #[test]
    fn the_centre_of_the_pan_is_unity() {
        let (left, right) = pan_to_gains(0.0);
        assert!((left - 1.0).abs() < 1e-6 && (right - 1.0).abs() < 1e-6);
    }

    #[test]
    fn decibels_and_gains_are_inverse() {
        assert!((gain_to_db(db_to_gain(-12.0)) + 12.0).abs() < 1e-4);
        assert_eq!(db_to_gain(-60.0), 0.0);
    }
}
