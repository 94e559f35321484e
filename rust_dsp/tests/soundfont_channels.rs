//! Laws of the SoundFont player's channels: parameters, portamento, one note at a time, resets and percussion.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use bank::{sine, Bank};
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::midi::{Message, MidiEvent};
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use sideman_dsp::soundfont::system;
use std::sync::Arc;

const RATE: usize = 48_000;

fn player(bank: &Bank) -> SoundFontSynth {
    let font = Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
    SoundFontSynth::new(font, &SynthOptions::default())
}

fn send(synth: &mut SoundFontSynth, status: u8, a: u8, b: u8) {
    synth.midi(MidiEvent::from_bytes(status & 15, status, a, b).unwrap(), 0);
}

fn controls(synth: &mut SoundFontSynth, all: &[(u8, u8)]) {
    for &(controller, value) in all {
        send(synth, 0xb0, controller, value);
    }
}

fn exclusive(synth: &mut SoundFontSynth, bytes: &[u8]) {
    synth.midi(system::parse(bytes).unwrap(), 0);
}

/// The left bus and the reverb's of so many frames.
fn listen(synth: &mut SoundFontSynth, frames: usize) -> [Vec<f32>; 2] {
    let mut out: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; frames]);
    let [left, right, reverb, chorus] = &mut out;
    synth.render(left, right, reverb, chorus);
    let [left, _, reverb, _] = out;
    [left, reverb]
}

fn energy(samples: &[f32]) -> f64 {
    samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64
}

/// The pitch of a sine in cents above the bank's 480 Hz, from its rising zeros.
fn cents(samples: &[f32]) -> f64 {
    let zero = |n: usize| n as f64 + f64::from(samples[n]) / f64::from(samples[n] - samples[n + 1]);
    let rising = |&n: &usize| samples[n] < 0.0 && samples[n + 1] >= 0.0;
    let zeros: Vec<f64> = (0..samples.len() - 1).filter(rising).map(zero).collect();
    let hz = RATE as f64 * (zeros.len() - 1) as f64 / (zeros[zeros.len() - 1] - zeros[0]);
    1_200.0 * (hz / 480.0).log2()
}

#[test]
fn parameters_that_are_not_registered_move_generators() {
    let note = |messages: &[(u8, u8)]| {
        let mut synth = player(&sine());
        controls(&mut synth, messages);
        send(&mut synth, 0x90, 60, 100);
        listen(&mut synth, RATE / 2)
    };
    let [plain, _] = note(&[]);
    // Fine tuning is generator 52: 50 steps up are 50 cents. Data entry of 8,242 is 64 and 50.
    let [tuned, _] = note(&[(99, 120), (98, 52), (38, 50), (6, 64)]);
    assert!((cents(&tuned[4_800..]) - 50.0).abs() < 0.2);
    // Attenuation is generator 48, in centibels.
    let [quiet, _] = note(&[(99, 120), (98, 48), (6, 65), (38, 72)]);
    let fall_db = 10.0 * (energy(&plain) / energy(&quiet)).log10();
    assert!((fall_db - 20.0).abs() < 0.1, "{fall_db}");
    // The hundreds add up: 100 and 52 make 152, which is nothing.
    let [same, _] = note(&[(99, 120), (98, 100), (98, 52), (38, 50), (6, 64)]);
    assert_eq!(same, plain);
    // Another coarse number selects nothing of ours.
    assert_eq!(note(&[(99, 1), (98, 52), (38, 50), (6, 64)])[0], plain);
}

#[test]
fn a_parameter_moves_notes_that_sound_and_a_start_those_that_begin() {
    let mut synth = player(&sine());
    send(&mut synth, 0x90, 60, 100);
    listen(&mut synth, RATE / 10);
    controls(&mut synth, &[(99, 120), (98, 51), (6, 64), (38, 12)]);
    assert!((cents(&listen(&mut synth, RATE / 2)[0][4_800..]) - 1_200.0).abs() < 0.5);

    // Twenty-five samples later is a quarter of a cycle: the sine begins at its top.
    let mut synth = player(&sine());
    controls(&mut synth, &[(99, 120), (98, 0), (6, 64), (38, 25)]);
    send(&mut synth, 0x90, 60, 100);
    let [late, _] = listen(&mut synth, 2_000);
    let mut synth = player(&sine());
    send(&mut synth, 0x90, 60, 100);
    let [plain, _] = listen(&mut synth, 2_000);
    for n in 500..1_900 {
        assert!((late[n] - plain[n + 25]).abs() < 1e-6);
    }
}

#[test]
fn portamento_begins_at_the_key_before_and_ends_at_its_own() {
    let glide = |messages: &[(u8, u8)]| {
        let mut synth = player(&sine());
        controls(&mut synth, messages);
        send(&mut synth, 0x90, 48, 100);
        listen(&mut synth, RATE / 10);
        send(&mut synth, 0x80, 48, 0);
        listen(&mut synth, RATE / 2);
        send(&mut synth, 0x90, 60, 100);
        listen(&mut synth, RATE)[0].clone()
    };
    // Controller 5 at 32: half a second for three octaves, a sixth for one.
    let slow = glide(&[(5, 32), (65, 127)]);
    let middle = cents(&slow[3_000..5_000]);
    assert!((-800.0..-400.0).contains(&middle), "{middle}");
    assert!(cents(&slow[9_000..]).abs() < 1.0);
    assert!(cents(&glide(&[(5, 32)])[1_000..5_000]).abs() < 1.0);

    // A key that a controller names, for one note only and without the switch.
    let mut synth = player(&sine());
    controls(&mut synth, &[(5, 32), (84, 72)]);
    send(&mut synth, 0x90, 60, 100);
    let from_above = listen(&mut synth, RATE)[0].clone();
    assert!(cents(&from_above[1_000..5_000]) > 400.0 && cents(&from_above[9_000..]).abs() < 1.0);
    send(&mut synth, 0x80, 60, 0);
    listen(&mut synth, RATE);
    send(&mut synth, 0x90, 60, 100);
    assert!(cents(&listen(&mut synth, RATE / 2)[0][1_000..5_000]).abs() < 1.0);
}

#[test]
fn one_note_at_a_time_and_the_key_that_is_still_down_comes_back() {
    let mut synth = player(&sine());
    send(&mut synth, 0xb0, 126, 1);
    for key in [60, 67, 72] {
        send(&mut synth, 0x90, key, 100);
        assert!(
            (cents(&listen(&mut synth, RATE / 2)[0][9_600..]) - 100.0 * (f64::from(key) - 60.0)).abs() < 1.0
        );
        assert_eq!(synth.voices(), 1);
    }
    send(&mut synth, 0x80, 67, 0);
    send(&mut synth, 0x80, 72, 0);
    assert!(cents(&listen(&mut synth, RATE / 2)[0][9_600..]).abs() < 1.0);
    send(&mut synth, 0x80, 60, 0);
    listen(&mut synth, RATE);
    assert_eq!(synth.voices(), 0);
    // And many again.
    send(&mut synth, 0xb0, 127, 0);
    for key in [60, 67, 72] {
        send(&mut synth, 0x90, key, 100);
    }
    listen(&mut synth, RATE);
    assert_eq!(synth.voices(), 3);
}

#[test]
fn legato_goes_on_with_the_same_note_and_does_not_strike_again() {
    // An attack of half a second: whoever strikes again begins quietly.
    let bank = sine().with(34, -1_200);
    let second = |pedal: u8| {
        let mut synth = player(&bank);
        send(&mut synth, 0xb0, 126, 1);
        send(&mut synth, 0xb0, 68, pedal);
        send(&mut synth, 0x90, 60, 100);
        listen(&mut synth, RATE);
        send(&mut synth, 0x90, 64, 100);
        let sound = listen(&mut synth, RATE / 2)[0].clone();
        assert_eq!(synth.voices(), 1);
        sound
    };
    let (slurred, struck) = (second(127), second(0));
    assert!((cents(&slurred[1_000..]) - 400.0).abs() < 1.0);
    assert!(energy(&slurred[1_000..4_000]) > 50.0 * energy(&struck[1_000..4_000]));
}

#[test]
fn every_reset_ends_what_sounds_and_puts_channels_back() {
    let messages: [&[u8]; 3] = [
        &[0xf0, 0x7e, 0x7f, 9, 1, 0xf7],
        &[0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7f, 0, 0x41, 0xf7],
        &[0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7e, 0, 0xf7],
    ];
    for message in messages {
        let mut synth = player(&sine());
        controls(&mut synth, &[(7, 20), (101, 0), (100, 2), (6, 70), (99, 120), (98, 52), (6, 70), (126, 1)]);
        send(&mut synth, 0x90, 60, 100);
        listen(&mut synth, RATE / 10);
        exclusive(&mut synth, message);
        listen(&mut synth, RATE / 10);
        assert_eq!(synth.voices(), 0);
        send(&mut synth, 0x90, 60, 100);
        let mut fresh = player(&sine());
        send(&mut fresh, 0x90, 60, 100);
        let (heard, wanted) = (listen(&mut synth, RATE / 4), listen(&mut fresh, RATE / 4));
        assert!(heard[0].iter().zip(&wanted[0]).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

#[test]
fn banks_and_messages_make_any_channel_percussion_and_back() {
    // The bank's percussion is a preset without a sound.
    let is_heard = |synth: &mut SoundFontSynth, channel: u8| {
        send(synth, 0x90 | channel, 60, 100);
        let heard = energy(&listen(synth, 4_800)[0]) > 0.0;
        synth.play(MidiEvent { channel, message: Message::Control(120, 0) });
        listen(synth, 4_800);
        heard
    };
    let choose = |synth: &mut SoundFontSynth, channel: u8, bank: u8| {
        send(synth, 0xb0 | channel, 0, bank);
        send(synth, 0xc0 | channel, 0, 0);
    };
    let mut synth = player(&sine());
    assert!(is_heard(&mut synth, 3) && !is_heard(&mut synth, 9));
    for bank in [120, 127] {
        choose(&mut synth, 3, bank);
        assert!(!is_heard(&mut synth, 3));
        choose(&mut synth, 3, 0);
        assert!(is_heard(&mut synth, 3));
    }
    // GS: part 2, which is channel 2, is percussion; XG: channel 10 plays a melody.
    exclusive(&mut synth, &[0xf0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x12, 0x15, 1, 0x18, 0xf7]);
    assert!(!is_heard(&mut synth, 1));
    exclusive(&mut synth, &[0xf0, 0x43, 0x10, 0x4c, 0, 0, 0x7e, 0, 0xf7]);
    assert!(is_heard(&mut synth, 1) && !is_heard(&mut synth, 9));
    choose(&mut synth, 9, 0);
    assert!(is_heard(&mut synth, 9));
}

#[test]
fn master_volume_and_tuning_move_all_channels() {
    let mut synth = player(&sine());
    send(&mut synth, 0x95, 60, 100);
    let [before, _] = listen(&mut synth, RATE / 2);
    exclusive(&mut synth, &[0xf0, 0x7f, 0x7f, 4, 1, 0, 64, 0xf7]);
    let [half, _] = listen(&mut synth, RATE / 2);
    let fall_db = 10.0 * (energy(&before[9_600..]) / energy(&half[9_600..])).log10();
    assert!((fall_db - 12.0).abs() < 0.3, "{fall_db}");
    exclusive(&mut synth, &[0xf0, 0x7f, 0x7f, 4, 3, 0, 96, 0xf7]);
    exclusive(&mut synth, &[0xf0, 0x7f, 0x7f, 4, 4, 0, 62, 0xf7]);
    assert!((cents(&listen(&mut synth, RATE / 2)[0][4_800..]) + 150.0).abs() < 0.5);
}

#[test]
fn a_modulator_that_listens_to_others_maps_their_sum_as_a_controller() {
    let level_db = |modulators: Vec<[u16; 5]>, wheel: u8| {
        let mut synth = player(&Bank { instrument_modulators: modulators, ..sine() });
        controls(&mut synth, &[(1, wheel), (2, 32)]);
        send(&mut synth, 0x90, 60, 127);
        10.0 * energy(&listen(&mut synth, 10_000)[0][5_000..]).log10()
    };
    let listener = [127, 48, 254, 0, 0];
    let through = |controller: u16, amount: u16| [0x80 | controller, 0x8000, amount, 0, 0];
    let full = level_db(vec![], 0);
    let fall = |modulators, wheel| full - level_db(modulators, wheel);
    assert!(fall(vec![listener], 100).abs() < 0.01, "nobody moves it");
    assert!(fall(vec![listener, through(1, 127)], 0).abs() < 0.01);
    assert!((fall(vec![listener, through(1, 127)], 100) - 20.0).abs() < 0.05);
    assert!((fall(vec![listener, through(1, 127), through(2, 127)], 60) - 18.4).abs() < 0.05);
    assert!(
        (fall(vec![listener, through(1, 1_000)], 100) - 25.4).abs() < 0.05,
        "no more than a controller has"
    );
    // Over two links, halved on the first.
    let chain = vec![listener, [127, 0x8000, 127, 0, 0], [0x81, 0x8001, 64, 0, 0]];
    assert!((fall(chain, 127) - 12.8).abs() < 0.05);
}
