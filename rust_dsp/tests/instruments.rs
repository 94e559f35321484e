//! Laws of every instrument by itself, before any mixer: bounded, free of aliasing, silent in the end.

use proptest::prelude::*;
use sideman_dsp::denormal::FlushToZero;
use sideman_dsp::fourier::Fourier;
use sideman_dsp::instrument::{Expression, Instrument, Note, Sound, INSTRUMENTS, INSTRUMENT_COUNT};
use sideman_dsp::units::pitch_to_hz;
use sideman_dsp::voice::TICK;

const RATE: f32 = 48_000.0;

fn start(instrument: u8, pitch: u8, velocity: u8, rate_hz: f32) -> Option<Sound> {
    sideman_dsp::oscillator::prepare();
    Instrument::from_u8(instrument)?.start(&Note {
        rate_hz,
        pitch,
        frequency_hz: pitch_to_hz(f32::from(pitch), 440.0),
        velocity: f32::from(velocity) / 127.0,
        seed: u32::from(pitch) * 77 + u32::from(velocity),
    })
}

fn play(sound: &mut Sound, ticks: usize, expression: Expression) -> Vec<[f32; 2]> {
    let _flush = FlushToZero::new();
    let mut out = Vec::with_capacity(ticks * TICK);
    let (mut left, mut right) = ([0.0; TICK], [0.0; TICK]);
    for _ in 0..ticks {
        sound.generator().tick(expression);
        sound.generator().render(&mut left, &mut right, 0);
        out.extend(left.iter().zip(&right).map(|(l, r)| [*l, *r]));
    }
    out
}

/// Levels in dBFS of the lines of 65,536 samples: a full-scale sine gives 0.
fn lines(samples: &[[f32; 2]]) -> Vec<f64> {
    const SIZE: usize = 65_536;
    let mut plan = Fourier::new(SIZE);
    let windowed: Vec<f32> = samples[..SIZE]
        .iter()
        .enumerate()
        .map(|(n, [l, r])| {
            // Blackman and Harris's window of four terms: its side lobes lie 92 dB down.
            let t = std::f64::consts::TAU * n as f64 / SIZE as f64;
            let window = 0.35875 - 0.48829 * t.cos() + 0.14128 * (2.0 * t).cos() - 0.01168 * (3.0 * t).cos();
            (0.5 * f64::from(l + r) * window) as f32
        })
        .collect();
    let (mut re, mut im) = (vec![0.0; plan.bins()], vec![0.0; plan.bins()]);
    plan.forward(&windowed, &mut re, &mut im);
    let scale = 2.0 / (0.35875 * SIZE as f64);
    re.iter().zip(&im).map(|(a, b)| 20.0 * (f64::from(a.hypot(*b)) * scale + 1e-12).log10()).collect()
}

#[test]
fn what_is_no_partial_of_the_highest_notes_lies_below_80_dbfs() {
    // Instrument, its highest keys, stiffness, how far its partials may spread in cents.
    let cases: [(u8, &[u8], f64, f64); 9] = [
        (0, &[96, 108], 0.0, 120.0),
        (1, &[84, 96, 108], 0.0, 12.0),
        (2, &[60, 67], 6e-5, 12.0),
        (3, &[84, 96, 108], 0.0, 30.0),
        (4, &[84, 96, 108], 0.0, 40.0),
        (5, &[84, 96, 108], 0.0, 12.0),
        (7, &[76, 88, 96], 0.0, 30.0),
        (8, &[55, 67], 1.2e-4, 12.0),
        (9, &[84, 96, 103], 0.0, 50.0),
    ];
    for (instrument, pitches, stiffness, cents) in cases {
        for &pitch in pitches {
            let mut sound = start(instrument, pitch, 127, RATE).unwrap();
            let samples = play(&mut sound, 2_600, Expression::REST);
            // After the blow: what is struck, plucked or breathed is noise, and meant.
            let levels = lines(&samples[14_400..]);
            // The organ's lowest drawbar lies an octave below the key, its tempered thirds between the harmonics.
            let is_organ = instrument == 5;
            let base = f64::from(pitch_to_hz(f32::from(pitch), 440.0)) * if is_organ { 0.5 } else { 1.0 };
            for (bin, level) in levels.iter().enumerate().skip(30) {
                let hz = bin as f64 * f64::from(RATE) / 65_536.0;
                let nearest = (hz / base).round().max(1.0);
                let partial = base * nearest * (1.0 + stiffness * nearest * nearest * 0.5);
                let is_near = |partial: f64| (hz - partial).abs() < partial * (cents / 1_731.0) + 8.0;
                let is_third = is_organ && is_near(2.0 * base * 5.039_684);
                assert!(
                    is_near(partial) || is_third || *level < -80.0,
                    "{}, pitch {pitch}: {level:.1} dBFS at {hz:.0} Hz",
                    INSTRUMENTS[usize::from(instrument)],
                );
            }
        }
    }
}

#[test]
fn the_same_note_gives_the_same_bits_however_ticks_are_cut() {
    for instrument in 0..INSTRUMENT_COUNT as u8 {
        let mut whole = start(instrument, 42, 100, RATE).unwrap();
        let expected = play(&mut whole, 40, Expression::REST);
        let mut cut = start(instrument, 42, 100, RATE).unwrap();
        let (mut left, mut right) = ([0.0; TICK], [0.0; TICK]);
        for tick in 0..40 {
            let at = 1 + (tick * 7) % (TICK - 1);
            cut.generator().tick(Expression::REST);
            cut.generator().render(&mut left[..at], &mut right[..at], 0);
            cut.generator().render(&mut left[at..], &mut right[at..], at);
            for n in 0..TICK {
                let [l, r] = expected[tick * TICK + n];
                let same = l.to_bits() == left[n].to_bits() && r.to_bits() == right[n].to_bits();
                assert!(same, "{}, tick {tick}, frame {n}", INSTRUMENTS[usize::from(instrument)]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_note_with_any_bend_and_wheel_at_any_rate_is_finite_bounded_and_ends(
        instrument in 0..INSTRUMENT_COUNT as u8,
        pitch in 0u8..128,
        velocity in 1u8..128,
        rate_hz in prop::sample::select(vec![8_000.0f32, 44_100.0, 48_000.0, 96_000.0, 192_000.0]),
        moves in prop::collection::vec((0.85f32..1.2, 0.0f32..1.0, 1usize..60), 1..12),
        release_at in 0usize..12,
    ) {
        let Some(mut sound) = start(instrument, pitch, velocity, rate_hz) else {
            return Ok(());
        };
        let mut peak = 0.0f32;
        for (index, (bend_ratio, modulation, ticks)) in moves.into_iter().enumerate() {
            if index == release_at {
                sound.generator().release();
            }
            for [l, r] in play(&mut sound, ticks, Expression { bend_ratio, modulation }) {
                prop_assert!(l.is_finite() && r.is_finite());
                peak = peak.max(l.abs()).max(r.abs());
            }
        }
        prop_assert!(peak < 2.0, "peak {peak}");
        sound.generator().release();
        if !sound.is_drum() && pitch < 90 {
            let ticks = (2.5 * rate_hz) as usize / TICK;
            let tail = play(&mut sound, ticks, Expression::REST);
            let last = tail[tail.len() - 32 * TICK..].iter().flatten().fold(0.0f32, |a, x| a.max(x.abs()));
            prop_assert!(last < 1e-4, "{last} after 2.5 s");
        }
    }
}
