//! How long one block of 128 frames takes with a fixed number of voices.

use criterion::{criterion_group, criterion_main, BatchSize, Criterion};
use sideman_dsp::event::{Event, Kind};
use sideman_dsp::instrument::INSTRUMENTS;
use sideman_dsp::processor::Processor;

const FRAMES: usize = 128;

fn sounding(instrument: u8, voices: u8) -> Processor {
    let mut processor = Processor::offline(48_000, true);
    for part in 0..6 {
        processor.schedule(Event::new(0, Kind::Instrument, part, instrument, 0));
    }
    for voice in 0..voices {
        let pitch = if instrument == 6 { 49 } else { 36 + voice };
        processor.schedule(Event::note_on(0, voice % 6, pitch, 100));
    }
    processor.process(&mut vec![0.0; 2 * 2_048]);
    processor
}

fn blocks(criterion: &mut Criterion) {
    for (id, name) in INSTRUMENTS.iter().enumerate() {
        let mut out = [0.0; 2 * FRAMES];
        criterion.bench_function(&format!("{name}, 24 voices, 128 frames"), |bencher| {
            bencher.iter_batched_ref(
                || sounding(id as u8, 24),
                |processor| processor.process(&mut out),
                BatchSize::LargeInput,
            );
        });
    }
}

criterion_group!(benches, blocks);
criterion_main!(benches);
