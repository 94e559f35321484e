//! Any bytes at all are a SoundFont or an error that says where; never a crash, a hang or a heap of memory.

// As in the laws.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bank;

use bank::{compressed_sine, sine, Bank};
use proptest::prelude::*;
use sideman_dsp::soundfont::error::SoundFontError;
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use sideman_dsp::soundfont::system;
use std::sync::Arc;

/// Reads the bytes; a bank that comes of them is played.
fn read_and_play(bytes: &[u8]) -> Option<SoundFontError> {
    let font = match SoundFont::parse(bytes) {
        Ok(font) => Arc::new(font),
        Err(error) => return Some(error),
    };
    assert!(font.samples().len() < 200_000);
    let mut synth = SoundFontSynth::new(font, &SynthOptions { polyphony: 16, ..SynthOptions::default() });
    for (n, key) in [0u8, 36, 60, 61, 127].into_iter().enumerate() {
        synth.midi(MidiEvent::from_bytes(n as u8, 0x90, key, 100).unwrap(), n * 10);
        synth.midi(MidiEvent::from_bytes(n as u8, 0x80, key, 0).unwrap(), 600);
    }
    let mut buses: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; 1_000]);
    let [left, right, reverb, chorus] = &mut buses;
    synth.render(left, right, reverb, chorus);
    assert!(buses.iter().flatten().all(|sample| sample.is_finite()));
    None
}

#[test]
fn every_beginning_of_a_bank_is_an_error_with_a_place() {
    let bytes = sine().bytes();
    assert_eq!(read_and_play(&bytes), None);
    for length in 0..bytes.len() - 1 {
        let error = read_and_play(&bytes[..length]).expect("too short to be whole");
        assert!(error.offset <= length && !error.chunk.is_empty());
    }
}

#[test]
fn errors_name_the_chunk_the_place_and_what_is_allowed() {
    let mut bank = sine();
    bank.end = 9_999;
    let error = SoundFont::parse(&bank.bytes()).unwrap_err().to_string();
    assert!(error.starts_with("shdr at byte") && error.contains("9999") && error.contains("446"), "{error}");
    let error = SoundFont::parse(b"RIFF\x04\x00\x00\x00WAVE").unwrap_err().to_string();
    assert!(error.contains("WAVE") && error.contains("sfbk"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_break_the_player(
        changes in prop::collection::vec((0usize..2_000, any::<u8>()), 1..12),
    ) {
        let mut bytes = sine().bytes();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        read_and_play(&bytes);
    }

    #[test]
    fn changed_tables_never_break_the_player(
        changes in prop::collection::vec((0usize..600, any::<u16>()), 1..8),
    ) {
        let mut bytes = sine().bytes();
        let length = bytes.len();
        for (back, value) in changes {
            // The tables lie at the end.
            let at = length - 2 - 2 * (back % 300);
            bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        read_and_play(&bytes);
    }

    #[test]
    fn any_generators_give_finite_sound(
        zone in prop::collection::vec((0u16..62, any::<i16>()), 0..12),
        preset in prop::collection::vec((0u16..62, any::<i16>()), 0..6),
        modulators in prop::collection::vec(any::<[u16; 5]>(), 1..6),
        links in prop::collection::vec((0u16..6, any::<bool>()), 0..6),
    ) {
        let keep = |all: Vec<(u16, i16)>| all.into_iter().filter(|(id, _)| !matches!(id, 41 | 53)).collect();
        let mut bank = sine();
        bank.instrument = keep(zone);
        bank.preset = keep(preset);
        bank.instrument_modulators = modulators;
        for (row, (target, listens)) in bank.instrument_modulators.iter_mut().zip(links) {
            row[0] = if listens { 127 } else { row[0] };
            row[1] = if target < 5 { 0x8000 | target } else { 48 };
        }
        read_and_play(&bank.bytes());
    }
}

/// A message of any kind; controllers are mostly those that select parameters or change how notes begin.
fn message() -> impl Strategy<Value = (u8, u8, u8)> {
    let select =
        prop::sample::select(vec![0u8, 1, 5, 6, 32, 38, 64, 65, 66, 68, 84, 98, 99, 120, 121, 126, 127]);
    let value = prop_oneof![any::<u8>(), Just(120u8), Just(127u8), Just(64u8)];
    prop_oneof![
        3 => (0x90u8..=0x92, any::<u8>(), any::<u8>()),
        4 => (0xb0u8..=0xb2, select, value),
        2 => (0x80u8..=0xf4, any::<u8>(), any::<u8>()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_messages_give_finite_sound_and_no_note_outlasts_its_end(
        messages in prop::collection::vec(message(), 1..150),
    ) {
        let font = Arc::new(SoundFont::parse(&sine().bytes()).unwrap());
        let options = SynthOptions { polyphony: 16, channels: 3, ..SynthOptions::default() };
        let mut synth = SoundFontSynth::new(font, &options);
        let mut buses: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; 300]);
        let mut render = |synth: &mut SoundFontSynth| {
            let [left, right, reverb, chorus] = &mut buses;
            synth.render(left, right, reverb, chorus);
            buses.iter().flatten().all(|sample| sample.is_finite())
        };
        for (n, (status, a, b)) in messages.into_iter().enumerate() {
            if let Some(event) = MidiEvent::from_bytes(status & 3, status, a, b) {
                synth.midi(event, n % 300);
            }
            prop_assert!(n % 7 != 0 || render(&mut synth));
        }
        prop_assert!(render(&mut synth));
        synth.midi(MidiEvent::from_bytes(0, 0xf0, 0, 0).unwrap(), 0);
        for _ in 0..3 {
            prop_assert!(render(&mut synth));
        }
        prop_assert_eq!(synth.voices(), 0);
    }

    #[test]
    fn any_bytes_are_a_system_message_or_nothing(mut bytes in prop::collection::vec(any::<u8>(), 0..16)) {
        if let Some(event) = system::parse(&bytes) {
            prop_assert!(event.channel < 16);
        }
        bytes.insert(0, 0xf0);
        bytes.push(0xf7);
        let _ = system::parse(&bytes);
    }
}

#[test]
fn compressed_samples_are_decoded_and_those_that_lie_are_named() {
    assert_eq!(read_and_play(&compressed_sine().bytes()), None);
    for (end, said) in [(3, "no Ogg Vorbis"), (99_999, "smpl holds 0 to 4897")] {
        let error = SoundFont::parse(&Bank { end, ..compressed_sine() }.bytes()).unwrap_err();
        assert_eq!(error.chunk, "shdr");
        assert!(error.to_string().contains(said), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_compressed_bank_with_any_bytes_changed_is_played_or_an_error(
        changes in prop::collection::vec((0.0f64..1.0, any::<u8>()), 1..12)
    ) {
        let mut bytes = compressed_sine().bytes();
        for (place, byte) in changes {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        if let Some(error) = read_and_play(&bytes) {
            prop_assert!(error.offset <= bytes.len() && !error.chunk.is_empty());
        }
    }
}
