//! How long one block takes: of each instrument, and of each effect.

use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use sideman_dsp::denormal::FlushToZero;
use sideman_dsp::effects::chorus::Chorus;
use sideman_dsp::effects::convolver::Convolver;
use sideman_dsp::effects::delay::Delay;
use sideman_dsp::effects::equaliser::Equaliser;
use sideman_dsp::effects::hall;
use sideman_dsp::event::{Event, Kind};
use sideman_dsp::instrument::{Expression, Instrument, Note, Sound, INSTRUMENTS};
use sideman_dsp::processor::Processor;
use sideman_dsp::reverb::Reverb;
use sideman_dsp::units::pitch_to_hz;
use sideman_dsp::values::ParameterValues;
use sideman_dsp::voice::TICK;

const FRAMES: usize = 128;
const RATE: f32 = 48_000.0;

fn note(instrument: usize) -> Note {
    let pitch = match INSTRUMENTS[instrument] {
        "drum_kit" => 38,
        "brush_kit" => 26,
        "finger_bass" | "upright_bass" => 36,
        _ => 60,
    };
    let frequency_hz = pitch_to_hz(f32::from(pitch), 440.0);
    Note { rate_hz: RATE, pitch, frequency_hz, velocity: 0.8, seed: 1 }
}

fn start(instrument: usize) -> Option<Sound> {
    Instrument::from_u8(instrument as u8)?.start(&note(instrument))
}

/// One voice, a tenth of a second after its start, when all of it still sounds: time a sample.
fn voices(criterion: &mut Criterion) {
    sideman_dsp::oscillator::prepare();
    let _flush = FlushToZero::new();
    let mut group = criterion.benchmark_group("voice");
    group.throughput(Throughput::Elements(TICK as u64));
    let (mut left, mut right) = ([0.0; TICK], [0.0; TICK]);
    for (id, name) in INSTRUMENTS.iter().enumerate() {
        let mut sound = start(id);
        let mut ticks = 0;
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                // Struck again every 150 ms, so that it never dies away.
                if ticks % 225 == 0 {
                    sound = start(id);
                }
                ticks += 1;
                if let Some(sound) = &mut sound {
                    sound.generator().tick(Expression::REST);
                    sound.generator().render(&mut left, &mut right, 0);
                }
                left[0]
            });
        });
    }
    group.finish();
}

/// What it costs to begin a note.
fn starts(criterion: &mut Criterion) {
    sideman_dsp::oscillator::prepare();
    let mut group = criterion.benchmark_group("start");
    for (id, name) in INSTRUMENTS.iter().enumerate() {
        group.bench_function(*name, |bencher| bencher.iter(|| start(id).is_some()));
    }
    group.finish();
}

/// Blocks of 64 frames of noise through each effect.
fn effects(criterion: &mut Criterion) {
    const GRID: usize = sideman_dsp::smoother::GRID;
    let _flush = FlushToZero::new();
    let values = ParameterValues::default();
    let wave: [f32; GRID] = std::array::from_fn(|n| ((n * 37 % 64) as f32 / 32.0 - 1.0) * 0.3);
    let mut group = criterion.benchmark_group("effect");
    group.throughput(Throughput::Elements(GRID as u64));
    let mut room = Reverb::new(RATE);
    group.bench_function("room", |bencher| {
        bencher.iter(|| {
            room.tick(1.7, 5_200.0);
            wave.iter().map(|x| room.process(*x, -*x).0).sum::<f32>()
        });
    });
    let mut hall = Convolver::new(hall::response(RATE), false);
    group.bench_function("hall, tail inline", |bencher| {
        bencher.iter(|| {
            let (mut left, mut right) = (wave, wave);
            hall.process(&mut left, &mut right);
            left[0]
        });
    });
    let mut chorus = Chorus::new(RATE);
    group.bench_function("chorus", |bencher| {
        bencher.iter(|| {
            chorus.tick(0.7, 0.5);
            (0..GRID).map(|n| chorus.process(wave[n], wave[n], n).0).sum::<f32>()
        });
    });
    let mut delay = Delay::new(RATE);
    group.bench_function("delay", |bencher| {
        bencher.iter(|| {
            delay.tick(&values);
            (0..GRID).map(|n| delay.process(wave[n], wave[n], n).0).sum::<f32>()
        });
    });
    let mut equaliser = Equaliser::new(RATE, 0.02);
    group.bench_function("equaliser, three bands", |bencher| {
        bencher.iter(|| {
            equaliser.tick([3.0, -2.0, 4.0], 900.0);
            let (mut left, mut right) = (wave, wave);
            equaliser.process(&mut left, &mut right);
            left[0]
        });
    });
    group.finish();
}

fn sounding(instrument: u8, voices: u8) -> Processor {
    let mut processor = Processor::offline(48_000, true);
    for part in 0..6 {
        processor.schedule(Event::new(0, Kind::Instrument, part, instrument, 0));
    }
    for voice in 0..voices {
        let pitch = if matches!(instrument, 6 | 10) { 49 } else { 36 + voice };
        processor.schedule(Event::note_on(0, voice % 6, pitch, 100));
    }
    processor.process(&mut vec![0.0; 2 * 2_048]);
    processor
}

/// The whole processor.
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

criterion_group!(benches, voices, starts, effects, blocks);
criterion_main!(benches);
