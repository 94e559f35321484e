//! The impulse response of a hall that was never built: early reflections, then noise that dies away band by band.
//!
//! Made when it is first wanted, the same every time; a response is kept for each rate.

use super::response::Response;
use crate::filter::{Response as Shape, StateVariable};
use crate::noise::Noise;
use crate::units::t60_to_factor;
use std::sync::{Arc, Mutex, PoisonError};

/// Until the first reflection, in seconds.
const PREDELAY_SECONDS: f32 = 0.016;
/// Until the tail is as dense as it gets, in seconds.
const MIXED_SECONDS: f32 = 0.085;
const LENGTH_SECONDS: f32 = 2.6;
/// Bands of the tail: from and to in hertz, seconds to fall by 60 dB, gain. Highs die in the air, lows in the boards.
const BANDS: [(f32, f32, f32, f32); 4] = [
    (60.0, 300.0, 2.3, 0.9),
    (300.0, 1_500.0, 2.1, 1.0),
    (1_500.0, 5_000.0, 1.5, 0.85),
    (5_000.0, 14_000.0, 0.8, 0.55),
];
const REFLECTIONS: usize = 22;
/// Energy of each channel: what makes the hall as loud as the room (the FDN) at the same send.
const ENERGY: f32 = 0.28;

static MADE: Mutex<Vec<(u32, Arc<Response>)>> = Mutex::new(Vec::new());
/// Rates whose responses are kept; a fourth pushes the first out.
const MOST_KEPT: usize = 3;

/// The hall at a rate.
///
/// Realtime-safe: no (allocates, locks).
pub fn response(rate_hz: f32) -> Arc<Response> {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = rate_hz.to_bits();
    if let Some((_, response)) = made.iter().find(|(rate, _)| *rate == key) {
        return Arc::clone(response);
    }
    let (left, right) = (channel(rate_hz, 11), channel(rate_hz, 23));
    let response = Arc::new(Response::new([&left, &right], rate_hz));
    if made.len() == MOST_KEPT {
        made.remove(0);
    }
    made.push((key, Arc::clone(&response)));
    response
}

/// One channel: its own noise, and its own reflections.
fn channel(rate_hz: f32, seed: u32) -> Vec<f32> {
    let frames = (LENGTH_SECONDS * rate_hz) as usize;
    let mut samples = vec![0.0; frames];
    for (band, &(low_hz, high_hz, t60_seconds, gain)) in BANDS.iter().enumerate() {
        if low_hz < 0.4 * rate_hz {
            add_band(&mut samples, rate_hz, seed + band as u32 * 101, (low_hz, high_hz), t60_seconds, gain);
        }
    }
    add_reflections(&mut samples, rate_hz, seed);
    fade_end(&mut samples, (0.2 * rate_hz) as usize);
    let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
    let gain = (ENERGY / energy.max(1e-9)).sqrt();
    for sample in &mut samples {
        *sample *= gain;
    }
    samples
}

fn add_band(
    samples: &mut [f32],
    rate_hz: f32,
    seed: u32,
    (low_hz, high_hz): (f32, f32),
    t60: f32,
    gain: f32,
) {
    let mut noise = Noise::new(seed);
    let mut high = StateVariable::new(Shape::Highpass, low_hz, 0.7, rate_hz);
    let mut low = StateVariable::new(Shape::Lowpass, high_hz, 0.7, rate_hz);
    let (start, rise) = ((PREDELAY_SECONDS * rate_hz) as usize, (MIXED_SECONDS - PREDELAY_SECONDS) * rate_hz);
    let decay = t60_to_factor(t60, rate_hz);
    // Wide bands hold more noise: the same energy a band, and the gain says the rest.
    let mut level = gain / ((high_hz.min(0.45 * rate_hz) - low_hz) / rate_hz).sqrt();
    for (n, sample) in samples[start..].iter_mut().enumerate() {
        let dense = (n as f32 / rise).min(1.0);
        *sample += level * dense * low.process(high.process(noise.sample()));
        level *= decay;
    }
}

fn add_reflections(samples: &mut [f32], rate_hz: f32, seed: u32) {
    let mut dice = Noise::new(seed.wrapping_mul(7_919));
    let mut dull = StateVariable::new(Shape::Lowpass, 7_000.0, 0.6, rate_hz);
    let mut early = vec![0.0; ((MIXED_SECONDS + 0.01) * rate_hz) as usize];
    for index in 0..REFLECTIONS {
        let place = (index as f32 + 0.5 + 0.45 * dice.sample()) / REFLECTIONS as f32;
        let seconds = PREDELAY_SECONDS + (MIXED_SECONDS - PREDELAY_SECONDS) * place;
        let sign = if dice.sample() < 0.0 { -1.0 } else { 1.0 };
        early[(seconds * rate_hz) as usize] += sign * 9.0 * (1.0 - 0.6 * place);
    }
    for (sample, reflection) in samples.iter_mut().zip(early) {
        *sample += dull.process(reflection);
    }
}

fn fade_end(samples: &mut [f32], frames: usize) {
    let count = samples.len();
    for (n, sample) in samples[count.saturating_sub(frames)..].iter_mut().enumerate() {
        let left = 1.0 - (n + 1) as f32 / frames as f32;
        *sample *= left * left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hall_falls_as_it_should_and_its_sides_differ() {
        for rate_hz in [8_000.0f32, 48_000.0] {
            let (left, right) = (channel(rate_hz, 11), channel(rate_hz, 23));
            let energy = |from: f32, to: f32| {
                left[(from * rate_hz) as usize..(to * rate_hz) as usize].iter().map(|x| x * x).sum::<f32>()
            };
            let fall_db = 10.0 * (energy(0.2, 0.3) / energy(1.2, 1.3)).log10();
            assert!((24.0..34.0).contains(&fall_db), "{rate_hz}: {fall_db}");
            let same: f32 = left.iter().zip(&right).map(|(l, r)| l * r).sum();
            assert!(same.abs() < 0.1, "{rate_hz}: {same}");
            assert!(left[..64].iter().all(|sample| *sample == 0.0));
        }
    }

    #[test]
    fn it_is_made_once_a_rate() {
        assert!(Arc::ptr_eq(&response(48_000.0), &response(48_000.0)));
    }
}
