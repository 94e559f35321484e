//! Every tuned instrument is in tune, has no offset, answers to velocity with tone, and does not click.

use sideman_dsp::event::{Event, Kind};
use sideman_dsp::instrument::INSTRUMENT_COUNT;
use sideman_dsp::param::{global_id, part_id, GlobalParameter, PartParameter};
use sideman_dsp::render::{render, RenderOptions};
use std::f64::consts::TAU;

const RATE: u32 = 48_000;
/// Every instrument that has a pitch, by its id.
const TUNED: [u8; 9] = [0, 1, 2, 3, 4, 5, 7, 8, 9];

fn dry(events: &[Event], tail_seconds: f32) -> Vec<f64> {
    let options = RenderOptions { effects: false, tail_seconds, ..RenderOptions::default() };
    let mut all: Vec<Event> = (0..6u8)
        .map(|part| {
            // Tremolo off: its sidebands are no mistuning, but they spread the peak.
            Event::parameter(0, part_id(usize::from(part), PartParameter::Tremolo) as u8, 0.0)
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

/// Mean of the energy within 60 cents around `expected_hz`, in cents: where a section stands as a whole.
fn cents_off_together(samples: &[f64], expected_hz: f64) -> f64 {
    let (mut sum, mut weighted) = (0.0, 0.0);
    for step in -120..=120 {
        let cents = f64::from(step) * 0.5;
        let energy = magnitude(samples, expected_hz * (cents / 1_200.0).exp2()).powi(2);
        sum += energy;
        weighted += cents * energy;
    }
    weighted / sum
}

#[test]
fn every_tuned_instrument_is_within_a_cent_over_its_range() {
    let ranges: [(u8, &[u8]); 9] = [
        (0, &[21, 40, 57, 76, 96, 108]),
        (1, &[28, 40, 57, 76, 100]),
        (2, &[28, 40, 52, 67]),
        (3, &[40, 57, 76]),
        (4, &[40, 57, 76, 100]),
        (5, &[36, 57, 76, 96]),
        (7, &[40, 47, 55, 64, 71, 76, 83, 88]),
        (8, &[28, 35, 43, 55, 67]),
        (9, &[43, 60, 79]),
    ];
    for (instrument, pitches) in ranges {
        for &pitch in pitches {
            let samples = dry(&note(instrument, pitch, 90, 6_000_000), 0.0);
            let expected_hz = 440.0 * ((f64::from(pitch) - 69.0) / 12.0).exp2();
            let off = match instrument {
                // At the fourth harmonic, where the pad's saws stand apart.
                3 => cents_off(&samples[48_000..280_000], 4.0 * expected_hz),
                // Before the lead's vibrato.
                4 => cents_off(&samples[1_000..16_500], expected_hz),
                9 => cents_off_together(&samples[24_000..280_000], 4.0 * expected_hz),
                _ => cents_off(&samples[4_800..70_000], expected_hz),
            };
            assert!(off.abs() < 1.0, "instrument {instrument}, pitch {pitch}: {off:.2} cents");
        }
    }
}

#[test]
fn a_full_bend_is_two_semitones() {
    for instrument in [0u8, 1, 2, 5, 7, 8] {
        let mut events = note(instrument, 57, 90, 1_500_000);
        events.push(Event { value: 1.0, ..Event::new(0, Kind::PitchBend, 0, 0, 0) });
        let samples = dry(&events, 0.0);
        let off = cents_off(&samples[6_000..70_000], 220.0 * (2.0f64 / 12.0).exp2());
        assert!(off.abs() < 1.5, "instrument {instrument}: {off:.2} cents");
    }
}

#[test]
fn no_instrument_has_an_offset() {
    for instrument in 0..INSTRUMENT_COUNT as u8 {
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
        for pitch in [40, 55, 67] {
            let soft = dry(&note(instrument, pitch, 30, 800_000), 0.0);
            let hard = dry(&note(instrument, pitch, 120, 800_000), 0.0);
            let (soft, hard) = (&soft[..24_000], &hard[..24_000]);
            let ratio = brightness(hard) / brightness(soft);
            assert!(ratio > 1.05, "instrument {instrument}, pitch {pitch}: brightness ratio {ratio:.2}");
            let energy = |x: &[f64]| x.iter().map(|sample| sample * sample).sum::<f64>();
            assert!(energy(hard) > 1.2 * energy(soft), "instrument {instrument}");
        }
    }
}

#[test]
fn a_harder_stroke_of_every_drum_is_louder_and_none_is_duller() {
    for kit in [6u8, 10] {
        for pitch in 25..=82u8 {
            let energy = |x: &[f64]| x.iter().map(|sample| sample * sample).sum::<f64>();
            let soft = dry(&note(kit, pitch, 25, 100_000), 0.5);
            let hard = dry(&note(kit, pitch, 120, 100_000), 0.5);
            if energy(&soft) == 0.0 {
                continue;
            }
            assert!(energy(&hard) > 4.0 * energy(&soft), "kit {kit}, key {pitch}");
            assert!(brightness(&hard) > 0.93 * brightness(&soft), "kit {kit}, key {pitch}");
        }
    }
}

#[test]
fn what_stands_in_for_another_is_as_loud() {
    let level = |instrument: u8, pitch: u8| {
        let samples = dry(&note(instrument, pitch, 90, 1_000_000), 0.0);
        10.0 * (samples[..24_000].iter().map(|x| x * x).sum::<f64>() / 24_000.0).log10()
    };
    for (new, old, pitch) in [(7, 1, 60), (8, 2, 36), (9, 3, 60), (10, 6, 36), (10, 6, 51), (10, 6, 42)] {
        let apart = level(new, pitch) - level(old, pitch);
        assert!(apart.abs() < 3.0, "{new} instead of {old}, pitch {pitch}: {apart:.1} dB");
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
    let mut events = vec![Event::parameter(0, global_id(GlobalParameter::Level) as u8, -18.0)];
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
