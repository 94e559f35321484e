//! What the graphics processor renders is what the CPU renders. Needs a Vulkan driver (Mesa's lavapipe will do) or
//! Metal; without one there is nothing to test, unless `TESTS_NEED_GPU` is set.
#![cfg(feature = "gpu")]
// The helpers here are no tests to clippy, but serve them only.
// The figures are worth seeing: cargo test -- --nocapture.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod bank;
mod graphics;

use bank::sine;
use graphics::gpu;
use sideman_dsp::gpu::offline::render_midi;
use sideman_dsp::gpu::probe::Probe;
use sideman_dsp::gpu::sampler::Sampler;
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::midi::{MidiEvent, TimedEvent};
use sideman_dsp::soundfont::offline::{render_midi as render_on_cpu, MidiRenderOptions};
use sideman_dsp::soundfont::plan::Plan;
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use std::sync::Arc;

fn signal_to_noise_db(wanted: &[f32], got: &[f32]) -> f64 {
    assert_eq!(wanted.len(), got.len());
    let energy = |x: f32| f64::from(x).powi(2);
    let signal: f64 = wanted.iter().map(|&x| energy(x)).sum();
    let noise: f64 = wanted.iter().zip(got).map(|(&a, &b)| energy(a - b)).sum();
    10.0 * (signal / (noise + 1e-30)).log10()
}

/// Some bars: chords that overlap, pedal, wheel, pan.
fn piece() -> Vec<TimedEvent> {
    let mut events = Vec::new();
    let mut send = |at_micros: i64, status: u8, a: u8, b: u8| {
        events.push(TimedEvent { at_micros, event: MidiEvent::from_bytes(0, status, a, b).unwrap() });
    };
    for beat in 0..16i64 {
        let at = beat * 250_000;
        for (n, key) in [36u8, 52, 60, 67, 76].into_iter().enumerate() {
            let key = key + (beat % 5) as u8;
            send(at + 7_310 * n as i64, 0x90, key, 40 + (beat * 5) as u8);
            send(at + 410_000 + 3_000 * n as i64, 0x80, key, 0);
        }
        send(at + 90_000, 0xb0, 10, (beat * 8) as u8);
        send(at + 130_000, 0xb0, 64, if beat % 4 == 1 { 127 } else { 0 });
        send(at + 170_000, 0xe0, 0, 64 + (beat % 3) as u8);
    }
    events
}

fn banks() -> Vec<(&'static str, bank::Bank)> {
    let whole = |low: u8| (0..446).map(|n| (n as u8).wrapping_mul(37) & low).collect::<Vec<u8>>();
    vec![
        ("open", sine().with(16, 300)),
        ("filtered", sine().with(8, 8_000).with(9, 60).with(11, 2_400).with(10, 600).with(38, 0)),
        ("24 bits", bank::Bank { low_bytes: Some(whole(255)), ..sine() }),
    ]
}

#[test]
fn a_piece_comes_out_as_the_cpu_has_it() {
    let Some(gpu) = gpu() else { return };
    for (name, bank) in banks() {
        let font = Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
        for effects in [false, true] {
            let options = MidiRenderOptions {
                synth: SynthOptions { polyphony: 16, ..SynthOptions::default() },
                effects,
                tail_seconds: 2.0,
                until_micros: None,
            };
            let wanted = render_on_cpu(Arc::clone(&font), &piece(), &options);
            let got = render_midi(&gpu, Arc::clone(&font), &piece(), &options).unwrap();
            assert!(wanted.voice_frames > 100_000);
            assert_eq!((wanted.voice_frames, wanted.stolen), (got.voice_frames, got.stolen), "{name}");
            let snr = signal_to_noise_db(&wanted.samples, &got.samples);
            println!("{name}, effects {effects}: {snr:.1} dB on {}", gpu.name);
            assert!(snr > 100.0, "{name}, effects {effects}: {snr} dB");
        }
    }
}

#[test]
fn the_same_piece_gives_the_same_bytes() {
    let Some(gpu) = gpu() else { return };
    let font = Arc::new(SoundFont::parse(&sine().with(8, 8_000).bytes()).unwrap());
    let options = MidiRenderOptions {
        synth: SynthOptions::default(),
        effects: true,
        tail_seconds: 1.0,
        until_micros: None,
    };
    let render = || render_midi(&gpu, Arc::clone(&font), &piece(), &options).unwrap().samples;
    assert_eq!(render(), render());
}

#[test]
fn a_bank_in_pieces_sounds_as_a_whole_one() {
    let Some(gpu) = gpu() else { return };
    let font = Arc::new(SoundFont::parse(&sine().bytes()).unwrap());
    let render = |most_bytes: u64| {
        let mut synth = SoundFontSynth::new(Arc::clone(&font), &SynthOptions::default());
        synth.midi(MidiEvent::from_bytes(0, 0x90, 64, 100).unwrap(), 10);
        let mut plan = Plan::new();
        plan.begin();
        synth.plan(6_400, &mut plan);
        plan.finish();
        let mut sampler = Sampler::new(&gpu, font.samples(), most_bytes)?;
        gpu.collect(sampler.submit(&plan)?, <[f32]>::to_vec)
    };
    let whole = render(u64::MAX).unwrap();
    assert!(whole.iter().any(|sample| sample.abs() > 0.01));
    assert_eq!(whole, render(1_024).unwrap());
    assert!(render(256).unwrap_err().to_string().contains("the bank takes"));
}

#[test]
fn a_probe_gives_times_and_never_prefers_a_program_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let probe = Probe::measure(&gpu).unwrap();
    println!("{probe:?}");
    assert!(probe.round_trip_micros > 0.0 && probe.gpu_nanos > 0.0 && probe.cpu_nanos > 0.0);
    assert!(!(probe.is_software && probe.is_faster()));
}
