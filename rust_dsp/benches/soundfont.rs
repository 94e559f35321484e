//! How long one block of 64 frames takes the SoundFont player, and what a note-on costs, on a bank made in memory.

#[path = "../tests/bank/mod.rs"]
mod bank;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::kernel::Kernel;
use sideman_dsp::soundfont::midi::{Message, MidiEvent};
use sideman_dsp::soundfont::player::Player;
use sideman_dsp::soundfont::synth::SynthOptions;
use std::sync::Arc;

const FRAMES: usize = 64;

fn font(is_filtered: bool) -> Arc<SoundFont> {
    // A filter, or none; a slow vibrato and a swaying cutoff keep everything moving.
    let bank = bank::sine().with(6, 30);
    let bank = if is_filtered { bank.with(8, 9_000).with(9, 100).with(10, 200) } else { bank };
    // A benchmark has nobody to report to but whoever runs it.
    #[allow(clippy::unwrap_used)]
    Arc::new(SoundFont::parse(&bank.bytes()).unwrap())
}

fn sounding(font: &Arc<SoundFont>, voices: usize, effects: bool, kernel: Kernel) -> Player {
    let options = SynthOptions { polyphony: voices, kernel, ..SynthOptions::default() };
    let mut player = Player::new(Arc::clone(font), &options, effects);
    for n in 0..voices {
        let (channel, key) = ((n % 9) as u8, 30 + (n / 9) as u8);
        player.midi(MidiEvent { channel, message: Message::NoteOn(key, 100) }, 0);
    }
    player.process(&mut vec![0.0; 2 * 4_096]);
    player
}

fn blocks(criterion: &mut Criterion) {
    for voices in [8, 32, 256, 512] {
        for (name, is_filtered, effects) in [("open, dry", false, false), ("filtered, effects", true, true)] {
            let font = font(is_filtered);
            let mut out = [0.0; 2 * FRAMES];
            criterion.bench_function(&format!("{voices} voices, {name}, {FRAMES} frames"), |bencher| {
                bencher.iter_batched_ref(
                    || sounding(&font, voices, effects, Kernel::best()),
                    |player| player.process(&mut out),
                    BatchSize::LargeInput,
                );
            });
        }
    }
}

fn note_ons(criterion: &mut Criterion) {
    let font = font(true);
    criterion.bench_function("8 note-ons at 256 voices, and a block", |bencher| {
        bencher.iter_batched_ref(
            || sounding(&font, 256, false, Kernel::best()),
            |player| {
                for key in 60..68 {
                    player.midi(MidiEvent { channel: 0, message: Message::NoteOn(key, 90) }, 0);
                }
                player.process(&mut [0.0; 2 * FRAMES]);
            },
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, blocks, note_ons);
criterion_main!(benches);
