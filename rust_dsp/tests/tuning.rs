//! Every tuned instrument is in tune, has no offset, answers to velocity with tone, and does not click.

use sideman_dsp::event::{Event, Kind};
use sideman_dsp::render::{render, RenderOptions};
use std::f64::consts::TAU;

const RATE: u32 = 48_000;
const TUNED: std::ops::RangeInclusive<u8> = 0..=5;

fn dry(events: &[Event], tail_seconds: f32) -> Vec<f64> {
    let options = RenderOptions { effects: false, tail_seconds, ..RenderOptions::default() };
    let mut all: Vec<Event> = (0..6u8)
        .map(|part| {
            // Tremolo off: its sidebands are no mistuning, but they spread the peak.
            Event::parameter(0, part * 5 + 4, 0.0)
        })
        .collect();
    all.extend_from_slice(events);
    let out = render(&all, &options);
    out.chunks_exact(2).map(|frame| f64::from(frame[0] + frame[1]) * 0.5).collect()
}

fn note(instrument: u8, pitch: u8, velocity: u8, hold_micros: i64) -> Vec<Event> {
    vec![
        Event::new(0, Kind::Instrument, 0, instrument, 0),
        Event::note_on(0, 0, pitch, velocity),
        Event::note_off(hold_micros, 0, pitch),
    ]
}

/// Magnitude of one frequency in Hann-windowed samples.
fn magnitude(samples: &[f64], frequency_hz: f64) -> f64 {
    let step = TAU * frequency_hz / f64::from(RATE);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * n as f64 / samples.len() as f64).cos();
        re += window * sample * (step * n as f64).cos();
        im += window * sample * (step * n as f64).sin();
    }
    re.hypot(im)
}

/// How many cents the strongest line near `expected_hz` is off.
fn cents_off(samples: &[f64], expected_hz: f64) -> f64 {
    let at = |cents: f64| magnitude(samples, expected_hz * (cents / 1_200.0).exp2());
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..30 {
        let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if at(a) < at(b) {
            low = a;
        } else {
            high = b;
        }
    }
    0.5 * (low + high)
}

#[test]
fn every_tuned_instrument_is_within_a_cent() {
    for instrument in TUNED {
        for pitch in [40u8, 57, 69, 76] {
            let samples = dry(&note(instrument, pitch, 90, 6_000_000), 0.0);
            let expected_hz = 440.0 * ((f64::from(pitch) - 69.0) / 12.0).exp2();
            // Before the lead's vibrato; the pad longer and at its fourth harmonic, where its saws stand apart.
            let (from, to, harmonic) = match instrument {
                3 => (48_000, 280_000, 4.0),
                4 => (1_000, 16_500, 1.0),
                _ => (4_000, 70_000, 1.0),
            };
            let off = cents_off(&samples[from..to], harmonic * expected_hz);
            assert!(off.abs() < 1.0, "instrument {instrument}, pitch {pitch}: {off:.2} cents");
        }
    }
}

#[test]
fn a_full_bend_is_two_semitones() {
    for instrument in [0u8, 1, 2, 5] {
        let mut events = note(instrument, 57, 90, 1_500_000);
        events.push(Event { value: 1.0, ..Event::new(0, Kind::PitchBend, 0, 0, 0) });
        let samples = dry(&events, 0.0);
        let off = cents_off(&samples[6_000..70_000], 220.0 * (2.0f64 / 12.0).exp2());
        assert!(off.abs() < 1.5, "instrument {instrument}: {off:.2} cents");
    }
}

#[test]
fn no_instrument_has_an_offset() {
    for instrument in 0..=6u8 {
        let samples = dry(&note(instrument, 45, 110, 1_000_000), 1.0);
        let mean = samples.iter().sum::<f64>() / samples.len() as f64;
        assert!(mean.abs() < 3e-4, "instrument {instrument}: {mean}");
    }
}

/// Share of the energy above `split_hz`, by first differences.
fn brightness(samples: &[f64]) -> f64 {
    let slope: f64 = samples.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum();
    (slope / energy).sqrt()
}

#[test]
fn velocity_changes_tone_and_level() {
    for instrument in TUNED {
        let soft = dry(&note(instrument, 55, 30, 800_000), 0.0);
        let hard = dry(&note(instrument, 55, 120, 800_000), 0.0);
        let (soft, hard) = (&soft[..24_000], &hard[..24_000]);
        let ratio = brightness(hard) / brightness(soft);
        assert!(ratio > 1.1, "instrument {instrument}: brightness ratio {ratio:.2}");
        let energy = |x: &[f64]| x.iter().map(|sample| sample * sample).sum::<f64>();
        assert!(energy(hard) > 1.2 * energy(soft), "instrument {instrument}");
    }
}

/// The largest second difference: what a click is made of.
fn roughness(samples: &[f64]) -> f64 {
    samples.windows(3).map(|x| (x[2] - 2.0 * x[1] + x[0]).abs()).fold(0.0, f64::max)
}

#[test]
fn a_release_is_no_rougher_than_the_note_itself() {
    for instrument in TUNED {
        let samples = dry(&note(instrument, 60, 100, 500_000), 1.0);
        let held = roughness(&samples[12_000..23_900]);
        let released = roughness(&samples[23_900..]);
        assert!(released < 1.5 * held + 2e-4, "instrument {instrument}: {released} after {held}");
    }
}

#[test]
fn stealing_and_choking_do_not_click() {
    // 140 soft organ keys one after the other: 44 must be stolen.
    let mut events = vec![Event::parameter(0, 30, -18.0)];
    for part in 0..6u8 {
        events.push(Event::new(0, Kind::Instrument, part, 3, 0));
    }
    for n in 0..140i64 {
        events.push(Event::note_on(n * 6_000, (n % 6) as u8, 40 + (n % 24) as u8, 60));
    }
    let samples = dry(&events, 0.2);
    let before = roughness(&samples[48 * 400..48 * 560]);
    let during = roughness(&samples[48 * 600..48 * 830]);
    assert!(during < 1.6 * before, "{during} after {before}");
}
