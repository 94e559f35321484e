//! Laws of loading: of a bank only what is wanted is loaded, and that sounds as if all were there.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use proptest::prelude::*;
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::library::{Library, LibraryError};
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use std::path::PathBuf;
use std::sync::Arc;

const LENGTH: u32 = 3_000;

/// Half a second of a preset, over its loop and after its key.
fn play(font: SoundFont, program: u8) -> Vec<f32> {
    let mut synth = SoundFontSynth::new(Arc::new(font), &SynthOptions::default());
    for (at, status, a, b) in [(0, 0xc0, program, 0), (0, 0x90, 66, 100), (20_000, 0x80, 66, 0)] {
        synth.midi(MidiEvent::from_bytes(0, status, a, b).unwrap(), at);
    }
    let mut buses: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; 24_000]);
    let [left, right, reverb, chorus] = &mut buses;
    synth.render(left, right, reverb, chorus);
    buses[0].clone()
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("sideman-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    path
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_wanted_sounds_as_if_all_were_loaded_and_nothing_else_is_there(
        wanted in prop::collection::btree_set(0u16..12, 1..5),
        length in 20u32..4_000,
        low_bytes in any::<bool>(),
    ) {
        let bytes = bank::many(12, length, low_bytes);
        let some = || SoundFont::parse_some(&bytes, |header| wanted.contains(&header.program)).unwrap();
        // Seams and margins come on top, a few thousand samples a preset.
        prop_assert!(some().samples().len() < wanted.len() * (length as usize + 3_000) + 1_000);
        for program in 0..12u16 {
            let is_there = some().find(0, program).is_some();
            prop_assert_eq!(is_there, wanted.contains(&program));
            if is_there {
                let whole = play(SoundFont::parse(&bytes).unwrap(), program as u8);
                prop_assert!(whole.iter().any(|&sample| sample != 0.0));
                prop_assert!(whole == play(some(), program as u8));
            }
        }
    }
}

#[test]
fn a_library_knows_its_presets_and_loads_them_from_the_file() {
    let path = file("many.sf2", &bank::many(9, LENGTH, false));
    let library = Library::open(&path).unwrap();
    assert_eq!((library.name.as_str(), library.presets.len()), ("many", 9));
    assert!(library.has(0, 8) && !library.has(0, 9) && !library.has(128, 0));
    let font = library.load(|bank, program| (bank, program) == (0, 4)).unwrap();
    assert_eq!(font.presets().len(), 1);
    // A file that went is an error, and so is one that broke meanwhile.
    std::fs::write(&path, b"RIFF").unwrap();
    assert!(matches!(library.load(|_, _| true), Err(LibraryError::Broken(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(library.load(|_, _| true), Err(LibraryError::Unreadable(_))));
    let empty = file("empty.sf2", b"");
    assert!(matches!(Library::open(&empty), Err(LibraryError::Broken(_))));
    std::fs::remove_file(&empty).unwrap();
}

#[test]
fn of_compressed_samples_only_those_that_are_wanted_are_decoded() {
    let bytes = bank::compressed_sine().bytes();
    let all = SoundFont::parse(&bytes).unwrap().samples().len();
    // The other preset is empty.
    let none = SoundFont::parse_some(&bytes, |header| header.bank == 128).unwrap().samples().len();
    assert!(none < 1_000 && all > 10_000, "{none} {all}");
}
