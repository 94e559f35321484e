//! Laws of callbacks: whatever sizes a device asks for, the same samples come; and the music survives a move.

use proptest::prelude::*;
use sideman_dsp::callback::{Callback, HostClock};
use sideman_dsp::event::{Event, Kind};
use sideman_dsp::fade::FADE_SECONDS;
use sideman_dsp::meters::Meters;
use sideman_dsp::processor::Processor;
use sideman_dsp::ring::{event_ring, EventSender};
use std::sync::Arc;

const RATE: u32 = 48_000;
const LARGEST: usize = 4_096;

/// A bar of the band that begins at a second.
fn phrase() -> Vec<Event> {
    let mut events = vec![Event::control(1_000_000, 0, 64, 127), Event::control(1_200_000, 0, 64, 0)];
    for step in 0..24i64 {
        let (part, pitch) = ((step % 6) as u8, 36 + (step * 7 % 40) as u8);
        let at = 1_000_000 + step * 13_337;
        events.push(Event::note_on(at, part, pitch, 60 + step as u8));
        events.push(Event::note_off(at + 60_001, part, pitch));
    }
    events
}

struct Rig {
    callback: Callback,
    sender: EventSender,
    meters: Arc<Meters>,
    frames_done: u64,
}

impl Rig {
    fn new(block: usize) -> Self {
        let (sender, receiver) = event_ring();
        let meters = Arc::new(Meters::default());
        let processor = Processor::live(RATE, true, block, receiver, Arc::clone(&meters));
        let callback = Callback::new(processor, HostClock::new(0), RATE);
        Self { callback, sender, meters, frames_done: 0 }
    }

    /// A callback at its moment; the device's clock is the sender's.
    fn pull(&mut self, frames: usize) -> Vec<f32> {
        let rate = f64::from(self.callback.rate());
        let now = 900_000.0 + self.frames_done as f64 * 1e6 / rate;
        let mut out = vec![0.0; 2 * frames];
        self.callback.run_at(now, &mut out, false, || 1_000);
        self.frames_done += frames as u64;
        out
    }

    fn play(&mut self, frames: usize, mut sizes: impl FnMut() -> usize) -> Vec<f32> {
        let mut out = Vec::new();
        while out.len() < 2 * frames {
            let size = sizes().min(frames - out.len() / 2);
            out.extend(self.pull(size));
        }
        out
    }
}

fn first_difference(a: &[f32], b: &[f32]) -> Option<usize> {
    assert_eq!(a.len(), b.len());
    (0..a.len()).find(|&n| a[n].to_bits() != b[n].to_bits())
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_device_that_asks_for_any_size_from_1_to_4096_gets_the_same_samples(
        sizes in prop::collection::vec(prop_oneof![1usize..=16, 1usize..=600, 1usize..=LARGEST], 1..60),
    ) {
        let frames = 32_000;
        let (mut even, mut ragged) = (Rig::new(LARGEST), Rig::new(LARGEST));
        for event in phrase() {
            even.sender.send(event);
            ragged.sender.send(event);
        }
        let whole = even.play(frames, || 256);
        prop_assert!(peak(&whole) > 0.05);
        let mut next = sizes.iter().cycle();
        let split = ragged.play(frames, || *next.next().unwrap_or(&1));
        prop_assert_eq!(first_difference(&whole, &split), None);
    }

    #[test]
    fn events_are_never_late_once_a_device_has_shown_its_largest_block(
        sizes in prop::collection::vec(1usize..=LARGEST, 20..60),
    ) {
        let mut rig = Rig::new(64);
        rig.pull(LARGEST);
        for (n, size) in sizes.into_iter().enumerate() {
            // Sent during the callback before: the worst moment is just after the ring was emptied.
            let now = 900_000 + (rig.frames_done * 1_000_000 / u64::from(RATE)) as i64;
            rig.pull(size);
            rig.sender.send(Event::note_on(now + 1, 3, 40 + (n % 40) as u8, 90));
        }
        rig.pull(LARGEST);
        prop_assert_eq!(rig.meters.late.get(), 0);
    }
}

#[test]
fn an_xrun_moves_the_clock_to_where_the_device_went_on() {
    let mut rig = Rig::new(256);
    rig.play(48_000, || 256);
    assert_eq!(rig.meters.relocks.get(), 1);
    rig.meters.backend_xruns.add(1);
    rig.play(48_000, || 256);
    assert_eq!(rig.meters.relocks.get(), 2);
}

/// An organ chord that is held, over a quarter of a second.
fn held_chord() -> Rig {
    let mut rig = Rig::new(256);
    rig.sender.send(Event::new(0, Kind::Instrument, 3, 5, 0));
    rig.sender.send(Event::parameter(0, 3, 0.0));
    for pitch in [48, 55, 64] {
        rig.sender.send(Event::note_on(0, 3, pitch, 100));
    }
    rig.play(12_000, || 256);
    rig
}

#[test]
fn at_the_same_rate_everything_sounds_on_and_only_a_fade_is_heard() {
    let (mut stays, mut moves) = (held_chord(), held_chord());
    moves.callback.move_to(RATE, 256);
    let (a, b) = (stays.play(4_800, || 256), moves.play(4_800, || 256));
    let fade = (FADE_SECONDS * RATE as f32) as usize + 1;
    assert!(b[0].abs() <= a[0].abs() / 400.0 && peak(&b[..2 * fade]) > 0.01);
    assert_eq!(first_difference(&a[2 * fade..], &b[2 * fade..]), None);
    assert_eq!(moves.meters.voices.get(), 3);
}

/// How much of a frequency there is.
fn strength(samples: &[f32], hz: f64, rate: u32) -> f64 {
    let step = std::f64::consts::TAU * hz / f64::from(rate);
    let (mut re, mut im) = (0.0, 0.0);
    for (n, frame) in samples.chunks(2).enumerate() {
        re += f64::from(frame[0]) * (step * n as f64).cos();
        im += f64::from(frame[0]) * (step * n as f64).sin();
    }
    re.hypot(im)
}

#[test]
fn at_another_rate_held_keys_sound_on_in_tune_and_what_waits_is_played() {
    let mut rig = Rig::new(256);
    rig.sender.send(Event::new(0, Kind::Instrument, 3, 5, 0));
    rig.sender.send(Event::note_on(0, 3, 69, 100));
    rig.play(24_000, || 256);
    // A note that waits in the queue while the device changes.
    rig.sender.send(Event::note_on(900_000 + 4_600_000, 2, 40, 100));
    rig.pull(256);
    for rate in [44_100, 96_000, 8_000, 192_000, 48_000] {
        let before = rig.callback.rate();
        rig.callback.move_to(rate, 128);
        rig.frames_done = rig.frames_done * u64::from(rate) / u64::from(before);
        let sound = rig.play(rate as usize / 2, || 128);
        let wrong = 440.0 * f64::from(rate + 3_000) / f64::from(rate);
        assert!(strength(&sound, 440.0, rate) > 10.0 * strength(&sound, wrong, rate), "{rate}");
        assert_eq!(rig.meters.voices.get(), 1, "{rate}");
    }
    rig.play(2 * RATE as usize, || 256);
    assert_eq!(rig.meters.voices.get(), 2);
    assert_eq!(rig.meters.late.get(), 0);
}
