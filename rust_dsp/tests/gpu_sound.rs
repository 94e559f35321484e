//! What the graphics processor convolves and what it makes of decaying sines, beside sums in double precision.
#![cfg(feature = "gpu")]
// The helpers here are no tests to clippy, but serve them only.
// The figures are worth seeing: cargo test -- --nocapture.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod graphics;

use graphics::gpu;
use sideman_dsp::gpu::convolution::Convolver;
use sideman_dsp::gpu::modal::{render, Partial, Ring};
use sideman_dsp::modal::{ModalBank, Mode};
use sideman_dsp::noise::Noise;
use std::f64::consts::TAU;

fn signal_to_noise_db(wanted: &[f64], got: &[f32]) -> f64 {
    assert_eq!(wanted.len(), got.len());
    let signal: f64 = wanted.iter().map(|x| x * x).sum();
    let noise: f64 = wanted.iter().zip(got).map(|(&a, &b)| (a - f64::from(b)).powi(2)).sum();
    10.0 * (signal / (noise + 1e-30)).log10()
}

/// Noise that falls by 60 dB over its length.
fn tail(seed: u32, frames: usize) -> Vec<f32> {
    let mut noise = Noise::new(seed);
    (0..frames).map(|n| noise.sample() * 10f32.powf(-3.0 * n as f32 / frames as f32)).collect()
}

/// Some frames of a convolution, each summed up in double precision.
fn convolved(input: &[f32], impulse: &[f32], frames: &[usize]) -> Vec<f64> {
    let at = |frame: usize| {
        let first = (frame + 1).saturating_sub(impulse.len());
        let last = frame.min(input.len() - 1);
        (first..=last).map(|n| f64::from(input[n]) * f64::from(impulse[frame - n])).sum()
    };
    frames.iter().map(|&frame| at(frame)).collect()
}

#[test]
fn a_long_convolution_is_the_sum_it_stands_for() {
    let Some(gpu) = gpu() else { return };
    // Shorter than a block, some blocks, and more blocks than go at once.
    for (frames, length) in [(1_000, 300), (30_000, 20_000), (2_200_000, 9_000)] {
        let mut noise = Noise::new(7);
        let input: Vec<f32> = (0..frames).map(|_| noise.sample()).collect();
        let (left, right) = (tail(1, length), tail(2, length));
        let out = Convolver::new(&gpu, [&left, &right]).unwrap().convolve(&input).unwrap();
        let total = frames + length - 1;
        let some: Vec<usize> = (0..total).step_by((total / 1_500).max(1)).chain([total - 1]).collect();
        for (side, impulse) in [left, right].iter().enumerate() {
            assert_eq!(out[side].len(), total);
            let got: Vec<f32> = some.iter().map(|&frame| out[side][frame]).collect();
            let snr = signal_to_noise_db(&convolved(&input, impulse, &some), &got);
            println!("{frames} frames, impulse of {length}: {snr:.1} dB");
            assert!(snr > 100.0, "{frames} {length}: {snr} dB");
        }
    }
}

#[test]
fn nothing_convolved_is_nothing() {
    let Some(gpu) = gpu() else { return };
    let convolver = Convolver::new(&gpu, [&[1.0], &[0.5]]).unwrap();
    assert_eq!(convolver.convolve(&[]).unwrap(), [Vec::<f32>::new(), vec![]]);
    let far = vec![0.0; 5_000_000];
    assert!(Convolver::new(&gpu, [&far, &far]).is_err_and(|error| error.to_string().contains("no room")));
}

/// Partials of a low piano string: turns a frame, gain, frames to fall 60 dB.
fn string() -> Vec<(f64, f32, f64)> {
    let partial = |n: u32| {
        let n = f64::from(n);
        let turns = 82.41 / 48_000.0 * n * (1.0 + 0.0002 * n * n).sqrt();
        (turns, (1.0 / n) as f32, 48_000.0 * 14.0 / (1.0 + 0.05 * n))
    };
    (1..=80).map(partial).collect()
}

/// The same in double precision from `first` of `total` frames on.
fn exact(partials: &[(f64, f32, f64)], frames: usize) -> Vec<f64> {
    let at = |frame: usize| {
        let t = frame as f64;
        let one = |&(turns, gain, t60): &(f64, f32, f64)| {
            f64::from(gain) * 10f64.powf(-3.0 * t / t60) * (TAU * (turns * t).fract()).sin()
        };
        partials.iter().map(one).sum()
    };
    (0..frames).map(at).collect()
}

#[test]
fn decaying_sines_are_exact_however_long_they_sound() {
    let Some(gpu) = gpu() else { return };
    let string = string();
    let partials: Vec<Partial> =
        string.iter().map(|&(turns, gain, t60)| Partial::new(turns, 0.0, gain, t60)).collect();
    let (first, frames) = (1_003u32, 240_000u32);
    let count = partials.len() as u32;
    let ring = Ring {
        first_frame: first,
        frames,
        first_partial: 0,
        partials: count,
        gains: [1.0, 0.5],
        spare: [0; 2],
    };
    let out = render(&gpu, &[ring], &partials, 250_000).unwrap();
    let left: Vec<f32> = out.chunks_exact(2).map(|frame| frame[0]).collect();
    assert!(out.chunks_exact(2).all(|frame| frame[1] == 0.5 * frame[0]));
    let end = (first + frames) as usize;
    assert!(left[..first as usize].iter().chain(&left[end..]).all(|&sample| sample == 0.0));
    let wanted = exact(&string, frames as usize);
    for second in 0..5 {
        let part = 48_000 * second..48_000 * (second + 1);
        let shifted = &left[first as usize..end];
        let snr = signal_to_noise_db(&wanted[part.clone()], &shifted[part]);
        println!("second {second}: {snr:.1} dB");
        assert!(snr > 100.0, "second {second}: {snr} dB");
    }
}

#[test]
fn the_bank_of_modes_drifts_from_the_closed_form_as_turning_in_floats_must() {
    let string = string();
    let mut bank = ModalBank::new(48_000.0);
    for &(turns, gain, t60) in &string {
        let t60_seconds = (t60 / 48_000.0) as f32;
        assert!(bank.add(Mode { frequency_hz: (turns * 48_000.0) as f32, gain, t60_seconds }));
    }
    let mut turned = vec![0.0; 240_000];
    turned.chunks_mut(32).for_each(|chunk| bank.render_add(chunk));
    // The bank turns before it is heard: its first frame is the second of the closed form.
    let wanted = exact(&string, 240_001);
    let snr = |from: usize, to: usize| signal_to_noise_db(&wanted[from + 1..=to], &turned[from..to]);
    let (first, fifth) = (snr(0, 480), snr(192_000, 240_000));
    println!("first 10 ms {first:.1} dB, fifth second {fifth:.1} dB");
    assert!(first > 60.0 && fifth < first && fifth > 10.0, "{first} {fifth}");
}
