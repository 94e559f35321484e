//! Laws of the SoundFont player, on banks written in memory.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use bank::{compressed_sine, sine, Bank};
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::kernel::Kernel;
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use std::sync::Arc;

fn player(bank: &Bank, polyphony: usize, kernel: Kernel) -> SoundFontSynth {
    let font = Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
    SoundFontSynth::new(font, &SynthOptions { polyphony, kernel, ..SynthOptions::default() })
}

fn send(synth: &mut SoundFontSynth, offset: usize, status: u8, a: u8, b: u8) {
    synth.midi(MidiEvent::from_bytes(status & 15, status, a, b).unwrap(), offset);
}

/// The four buses of so many frames.
fn buses(synth: &mut SoundFontSynth, frames: usize) -> [Vec<f32>; 4] {
    let mut out: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; frames]);
    let [left, right, reverb, chorus] = &mut out;
    synth.render(left, right, reverb, chorus);
    out
}

fn left(synth: &mut SoundFontSynth, frames: usize) -> Vec<f32> {
    let [left, ..] = buses(synth, frames);
    left
}

fn level_db(samples: &[f32]) -> f64 {
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    10.0 * (energy / samples.len() as f64 + 1e-30).log10()
}

/// What of a frequency is in the samples, as an amplitude.
fn strength(samples: &[f32], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, &sample) in samples.iter().enumerate() {
        let angle = std::f64::consts::TAU * hz * n as f64 / 48_000.0;
        re += f64::from(sample) * angle.cos();
        im += f64::from(sample) * angle.sin();
    }
    2.0 * re.hypot(im) / samples.len() as f64
}

/// The frequency of a steady tone, from how far its phase moves in half a second.
fn frequency(samples: &[f32], near_hz: f64) -> f64 {
    let phase = |part: &[f32]| {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, &sample) in part.iter().enumerate() {
            let window = 1.0 - (std::f64::consts::TAU * n as f64 / part.len() as f64).cos();
            let angle = std::f64::consts::TAU * near_hz * n as f64 / 48_000.0;
            re += f64::from(sample) * window * angle.cos();
            im -= f64::from(sample) * window * angle.sin();
        }
        im.atan2(re)
    };
    let (hop, length) = (2_400, 9_600);
    let expected = std::f64::consts::TAU * near_hz * hop as f64 / 48_000.0;
    let moved = phase(&samples[hop..hop + length]) - phase(&samples[..length]) - expected;
    let wrapped = moved - std::f64::consts::TAU * (moved / std::f64::consts::TAU).round();
    near_hz + wrapped * 48_000.0 / (std::f64::consts::TAU * hop as f64)
}

#[test]
fn a_loop_is_exact() {
    for key in [60, 72, 84] {
        let mut synth = player(&sine(), 8, Kernel::best());
        send(&mut synth, 0, 0x90, key, 127);
        let sound = left(&mut synth, 20_000);
        let cycle = 100 >> ((key - 60) / 12);
        for n in 1_000..19_000 {
            assert!((sound[n] - sound[n + cycle]).abs() < 2e-7, "key {key}, frame {n}");
        }
    }
}

#[test]
fn a_compressed_sample_sounds_and_loops_at_its_pitch() {
    let mut synth = player(&compressed_sine(), 8, Kernel::best());
    send(&mut synth, 0, 0x90, 60, 127);
    let sound = left(&mut synth, 48_000);
    let off = 1_200.0 * (frequency(&sound[24_000..], 480.0) / 480.0).log2();
    assert!(off.abs() < 0.5 && level_db(&sound[24_000..]) > -50.0, "{off} cents");
}

#[test]
fn every_key_is_in_tune_within_a_cent() {
    for (key, wheel, cents) in
        [(60, 8_192, 0.0), (69, 8_192, 900.0), (41, 8_192, -1_900.0), (60, 16_383, 200.0)]
    {
        let mut synth = player(&sine(), 8, Kernel::best());
        send(&mut synth, 0, 0xe0, (wheel & 127) as u8, (wheel >> 7) as u8);
        send(&mut synth, 0, 0x90, key, 127);
        let sound = left(&mut synth, 24_000);
        let wanted = 480.0 * f64::exp2(cents / 1_200.0);
        let off = 1_200.0 * (frequency(&sound[4_800..], wanted) / wanted).log2();
        assert!(off.abs() < 0.1, "key {key}: {off} cents");
    }
}

#[test]
fn the_wheel_reaches_as_far_as_its_parameter_says_and_tuning_parameters_tune() {
    let tuned = |messages: &[(u8, u8)], wanted_cents: f64| {
        let mut synth = player(&sine(), 8, Kernel::best());
        for &(controller, value) in messages {
            send(&mut synth, 0, 0xb0, controller, value);
        }
        send(&mut synth, 0, 0xe0, 127, 127);
        send(&mut synth, 0, 0x90, 60, 127);
        let wanted = 480.0 * f64::exp2(wanted_cents / 1_200.0);
        let off = 1_200.0 * (frequency(&left(&mut synth, 24_000)[4_800..], wanted) / wanted).log2();
        assert!(off.abs() < 0.2, "{messages:?}: {off} cents");
    };
    tuned(&[(101, 0), (100, 0), (6, 12)], 1_200.0);
    tuned(&[(101, 0), (100, 1), (6, 96), (38, 0)], 250.0);
    tuned(&[(101, 0), (100, 2), (6, 67)], 500.0);
}

#[test]
fn the_volume_envelope_reaches_its_levels_at_its_times() {
    // Delay 0.25 s, attack 0.5 s, hold 0.25 s, decay 2 s (96 dB), sustain −24 dB, release 1 s.
    let stages = [(33, -2_400), (34, -1_200), (35, -2_400), (36, 1_200), (37, 240), (38, 0)];
    let bank = stages.iter().fold(sine(), |bank, &(id, amount)| bank.with(id, amount));
    let mut synth = player(&bank, 8, Kernel::best());
    send(&mut synth, 0, 0x90, 60, 127);
    send(&mut synth, 96_000, 0x80, 60, 0);
    let sound = left(&mut synth, 144_000);
    let at = |seconds: f64| level_db(&sound[(seconds * 48_000.0) as usize - 100..][..200]);
    let full = at(0.9);
    assert!(at(0.2) < -200.0);
    assert!((at(0.5) - full + 6.02).abs() < 0.1);
    assert!((at(1.25) - full + 12.0).abs() < 0.2);
    assert!((at(1.9) - full + 24.0).abs() < 0.05);
    assert!((at(2.25) - full + 48.0).abs() < 0.2);
    assert!(at(2.9) < -200.0 && synth.voices() == 0);
}

/// How loud the left, right, reverb and chorus buses are after some messages and a note, in decibels.
fn levels(messages: &[(u8, u8, u8)], velocity: u8) -> [f64; 4] {
    let mut synth = player(&sine(), 8, Kernel::best());
    for &(status, a, b) in messages {
        send(&mut synth, 0, status, a, b);
    }
    send(&mut synth, 0, 0x90, 60, velocity);
    buses(&mut synth, 10_000).map(|bus| level_db(&bus[5_000..]))
}

#[test]
fn the_default_modulators_are_the_standard_s() {
    let db = |ratio: f64| 40.0 * ratio.log10();
    let full = [(0xb0, 7, 127)];
    let [reference, ..] = levels(&full, 127);
    for value in [1u8, 20, 64, 100, 126] {
        let wanted = db(f64::from(value) / 127.0).max(-96.0);
        for messages in
            [vec![(0xb0, 7, 127)], vec![(0xb0, 7, value)], vec![(0xb0, 7, 127), (0xb0, 11, value)]]
        {
            let velocity = if messages == full { value } else { 127 };
            let [seen, ..] = levels(&messages, velocity);
            assert!((seen - reference - wanted).abs() < 0.05, "{messages:?} {velocity}: {seen}");
        }
    }
    let [left, right, ..] = levels(&[(0xb0, 7, 127), (0xb0, 10, 127)], 127);
    assert!(left < -100.0 && (right - reference - 3.01).abs() < 0.02);
    let [_, _, reverb, chorus] = levels(&[(0xb0, 7, 127), (0xb0, 91, 127), (0xb0, 93, 64)], 127);
    let send = |share: f64| 3.01 + 20.0 * share.log10();
    assert!((reverb - reference - send(0.2)).abs() < 0.02);
    assert!((chorus - reference - send(0.2 * 64.0 / 127.0)).abs() < 0.02);
}

#[test]
fn an_instrument_replaces_a_default_modulator_and_a_preset_adds_to_it() {
    let level = |instrument: Vec<[u16; 5]>, preset: Vec<[u16; 5]>| {
        let bank = Bank { instrument_modulators: instrument, preset_modulators: preset, ..sine() };
        let mut synth = player(&bank, 8, Kernel::best());
        send(&mut synth, 0, 0x90, 60, 40);
        level_db(&left(&mut synth, 10_000)[5_000..])
    };
    let velocity = |amount: u16| [0x0502, 48, amount, 0, 0];
    let none = level(vec![velocity(0)], vec![]);
    let whole = level(vec![], vec![]);
    let curve = 40.0 * (40.0f64 / 127.0).log10();
    assert!((whole - none - curve).abs() < 0.05);
    assert!((level(vec![velocity(480)], vec![]) - none - 0.5 * curve).abs() < 0.05);
    assert!((level(vec![velocity(480)], vec![velocity(480)]) - whole).abs() < 0.05);
}

#[test]
fn a_note_begins_at_its_frame_and_the_size_of_the_callback_changes_nothing() {
    let play = |sizes: &[usize]| {
        let mut synth = player(&sine().with(8, 9_000).with(6, 50), 8, Kernel::best());
        let mut out = Vec::new();
        let events = [(777usize, 0x90, 64), (1_500, 0x90, 67), (2_001, 0x80, 64), (2_600, 0xb0, 1)];
        let mut turn = sizes.iter().cycle();
        while out.len() < 6_000 {
            let frames = *turn.next().unwrap();
            for &(at, status, a) in
                events.iter().filter(|event| (out.len()..out.len() + frames).contains(&event.0))
            {
                send(&mut synth, at - out.len(), status, a, 100);
            }
            out.extend(left(&mut synth, frames));
        }
        out
    };
    let whole = play(&[6_000]);
    assert!(whole[..777].iter().all(|&sample| sample == 0.0) && whole[777..800].iter().any(|&s| s != 0.0));
    for sizes in [&[1usize, 63, 64, 65][..], &[128], &[17, 900, 3]] {
        for (n, (a, b)) in whole.iter().zip(play(sizes)).enumerate() {
            assert!((a - b).abs() < 1e-5, "{sizes:?} frame {n}");
        }
    }
}

#[test]
fn every_kernel_equals_the_plain_one() {
    let play = |kernel| {
        let mut synth = player(
            &sine().with(8, 8_000).with(9, 120).with(10, 1_200).with(36, 2_000).with(37, 300),
            64,
            kernel,
        );
        for n in 0..50u8 {
            send(&mut synth, usize::from(n) * 211, 0x90 | (n % 8), 30 + n, 60 + n);
        }
        left(&mut synth, 24_000)
    };
    let (plain, quick) = (play(Kernel::Scalar), play(Kernel::best()));
    let error: Vec<f32> = plain.iter().zip(&quick).map(|(a, b)| a - b).collect();
    assert!(level_db(&plain) - level_db(&error) > 100.0, "{}", level_db(&plain) - level_db(&error));
}

#[test]
fn a_new_note_is_never_dropped_however_many_are_held() {
    let mut synth = player(&sine(), 4, Kernel::best());
    for n in 0..60u8 {
        let key = 40 + (n % 12 * 7) % 48;
        send(&mut synth, 0, 0x90 | (n % 3), key, 90);
        let sound = left(&mut synth, 4_800);
        let hz = 480.0 * f64::exp2((f64::from(key) - 60.0) / 12.0);
        assert!(strength(&sound[480..], hz) > 0.02, "note {n}");
        assert!(synth.voices() <= 4 + 1);
    }
    assert!(synth.stolen() > 40);
    // Very many at once: there is no room for them all, and it is no disaster.
    for key in 0..128 {
        send(&mut synth, 0, 0x90, key, 127);
    }
    assert!(left(&mut synth, 4_800).iter().all(|sample| sample.is_finite()));
}

#[test]
fn pedals_hold_and_an_exclusive_class_cuts() {
    let bank = sine();
    let mut synth = player(&bank, 16, Kernel::best());
    let sounding = |synth: &mut SoundFontSynth| {
        left(synth, 9_600);
        synth.voices()
    };
    send(&mut synth, 0, 0xb0, 64, 127);
    send(&mut synth, 0, 0x90, 60, 90);
    send(&mut synth, 10, 0x80, 60, 0);
    assert_eq!(sounding(&mut synth), 1);
    send(&mut synth, 0, 0xb0, 64, 0);
    assert_eq!(sounding(&mut synth), 0);
    send(&mut synth, 0, 0x90, 60, 90);
    send(&mut synth, 1, 0xb0, 66, 127);
    send(&mut synth, 2, 0x90, 62, 90);
    send(&mut synth, 3, 0x80, 60, 0);
    send(&mut synth, 3, 0x80, 62, 0);
    assert_eq!(sounding(&mut synth), 1);
    send(&mut synth, 0, 0xb0, 121, 0);
    assert_eq!(sounding(&mut synth), 0);

    let mut synth = player(&sine().with(57, 3), 16, Kernel::best());
    send(&mut synth, 0, 0x90, 60, 90);
    send(&mut synth, 100, 0x90, 62, 90);
    left(&mut synth, 19_200);
    assert_eq!(synth.voices(), 1);
}

#[test]
fn twenty_four_bits_are_finer_than_sixteen() {
    let quiet = |low_bytes: Option<Vec<u8>>| {
        let bank = Bank { samples: vec![0; 446], low_bytes, ..sine() };
        let mut synth = player(&bank, 8, Kernel::best());
        send(&mut synth, 0, 0x90, 60, 127);
        level_db(&left(&mut synth, 4_800))
    };
    assert!(quiet(None) < -200.0);
    assert!((-150.0..-90.0).contains(&quiet(Some(vec![200; 446]))));
}
