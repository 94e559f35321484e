//! Laws of the SoundFont player with its effects, on a bank written in memory.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::player::Player;
use sideman_dsp::soundfont::synth::SynthOptions;
use std::sync::Arc;

/// Three seconds of a quiet scale over three octaves, each note a tenth of a second.
fn scale(effects: bool) -> Vec<f32> {
    let font = Arc::new(SoundFont::parse(&bank::sine().bytes()).unwrap());
    let mut player = Player::new(font, &SynthOptions::default(), effects);
    let mut out = Vec::new();
    for key in 45..75u8 {
        player.midi(MidiEvent::from_bytes(0, 0x90, key, 60).unwrap(), 0);
        player.midi(MidiEvent::from_bytes(0, 0x80, key, 0).unwrap(), 4_000);
        let start = out.len();
        out.resize(start + 2 * 4_800, 0.0);
        player.process(&mut out[start..]);
    }
    out
}

fn energy(samples: impl Iterator<Item = f32>) -> f32 {
    samples.map(|sample| sample * sample).sum()
}

#[test]
fn general_midi_s_default_room_is_heard_and_stays_in_the_background() {
    let (dry, wet) = (scale(false), scale(true));
    let room = energy(wet.iter().zip(&dry).map(|(w, d)| w - d));
    let below_db = 10.0 * (energy(dry.into_iter()) / room).log10();
    assert!((18.0..28.0).contains(&below_db), "{below_db}");
}
