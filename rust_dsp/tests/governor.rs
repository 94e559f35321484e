//! Laws of the load governor, under loads that are made up: a machine on which voices cost what the test says.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use proptest::prelude::*;
use sideman_dsp::callback::{Callback, HostClock};
use sideman_dsp::event::Event;
use sideman_dsp::governor::{Governor, Thrift};
use sideman_dsp::meters::Meters;
use sideman_dsp::processor::Processor;
use sideman_dsp::ring::{event_ring, EventSender};
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::parts::SoundChoice;
use std::sync::Arc;

const RATE: u32 = 48_000;
const FRAMES: usize = 128;
const BLOCK_MICROS: f64 = FRAMES as f64 * 1e6 / RATE as f64;

/// A callback on a machine where each voice takes so much of a block's time.
struct Rig {
    callback: Callback,
    sender: EventSender,
    meters: Arc<Meters>,
    blocks: u64,
    share_a_voice: f64,
}

impl Rig {
    fn new(share_a_voice: f64, has_soundfont: bool) -> Self {
        let (sender, receiver) = event_ring();
        let meters = Arc::new(Meters::default());
        let mut processor = Processor::live(RATE, true, FRAMES, receiver, Arc::clone(&meters));
        if has_soundfont {
            let font = Arc::new(SoundFont::parse(&bank::sine().with(38, 1_200).bytes()).unwrap());
            processor.use_soundfont(&SoundChoice { font, presets: [Some((0, 0)); 6] });
        }
        let callback = Callback::new(processor, HostClock::new(0), RATE);
        Self { callback, sender, meters, blocks: 0, share_a_voice }
    }

    fn now(&self) -> f64 {
        self.blocks as f64 * BLOCK_MICROS
    }

    /// The share of its block's time that the next block takes, and what it sounds like.
    fn block(&mut self) -> (f64, Vec<f32>) {
        let mut out = vec![0.0; 2 * FRAMES];
        let meters = Arc::clone(&self.meters);
        let cost = || 0.1 + self.share_a_voice * meters.voices.get() as f64;
        let now = self.now();
        self.callback.run_at(now, &mut out, false, || (cost() * BLOCK_MICROS * 1e3) as u64);
        self.blocks += 1;
        (cost(), out)
    }

    fn send(&mut self, event: Event) {
        self.sender.send(Event { at_micros: self.now() as i64, ..event });
    }

    /// A note that is let go a fifth of a second later, in each of so many blocks; the highest load of the last half.
    fn crowd(&mut self, blocks: u64) -> f64 {
        let mut worst = 0.0f64;
        for n in 0..blocks {
            let key = |n: u64| 30 + (n * 7 % 60) as u8;
            let part = |n: u64| [0, 3, 4, 5][(n % 4) as usize];
            self.send(Event::note_on(0, part(n), key(n), 90));
            if n >= 75 {
                self.send(Event::note_off(0, part(n - 75), key(n - 75)));
            }
            let (load, _) = self.block();
            worst = if n > blocks / 2 { worst.max(load) } else { worst };
        }
        worst
    }

    fn thrift(&self) -> u64 {
        self.meters.thrift.get()
    }
}

#[test]
fn more_voices_than_the_machine_can_render_are_thinned_out_until_blocks_are_in_time() {
    for has_soundfont in [false, true] {
        let mut free = Rig::new(0.0, has_soundfont);
        free.crowd(600);
        let voices = free.meters.voices.get();
        // All of them would take a block and three quarters.
        let mut rig = Rig::new(1.65 / voices as f64, has_soundfont);
        let worst = rig.crowd(600);
        assert!(worst < 1.0, "{worst} with {voices} voices");
        assert!((1..=4).contains(&rig.thrift()) && rig.meters.thrifty.get() > 100);
        assert_eq!((free.thrift(), free.meters.thrifty.get()), (0, 0));
        assert_eq!(rig.meters.dropped.get(), 0);
        // When it is calm again everything comes back, a step a second.
        for part in [0, 3, 4, 5] {
            rig.send(Event::control(0, part, 120, 0));
        }
        for _ in 0..(5.0e6 / BLOCK_MICROS) as usize {
            rig.block();
        }
        assert_eq!(rig.thrift(), 0);
    }
}

#[test]
fn a_new_note_sounds_however_much_is_saved() {
    for has_soundfont in [false, true] {
        let sound = |has_note: bool| {
            // Nothing that could be saved would be enough.
            let mut rig = Rig::new(0.5, has_soundfont);
            rig.crowd(300);
            assert_eq!(rig.thrift(), 4);
            if has_note {
                rig.send(Event::note_on(0, 3, 101, 127));
            }
            (0..20).flat_map(|_| rig.block().1).collect::<Vec<f32>>()
        };
        let (with, without) = (sound(true), sound(false));
        let energy: f32 = with.iter().zip(&without).map(|(a, b)| (a - b) * (a - b)).sum();
        assert!(energy / with.len() as f32 > 1e-5, "{energy}");
    }
}

proptest! {
    #[test]
    fn steps_are_taken_one_by_one_and_only_for_a_load_that_asks_for_it(
        loads in prop::collection::vec(0.0f64..3.0, 1..60), frames in 16usize..2_048,
    ) {
        let mut governor = Governor::NEW;
        let mut before = Thrift::NONE;
        let block = frames as f64 / f64::from(RATE);
        for load in loads {
            // Each load lasts for a tenth of a second.
            for _ in 0..(0.1 / block).ceil() as usize {
                let now = governor.observe((load * block * 1e9) as u64, frames, RATE);
                prop_assert!(now.step().abs_diff(before.step()) <= 1);
                prop_assert!(now <= before || governor.load() > 0.7);
                prop_assert!(now >= before || governor.load() < 0.45);
                before = now;
            }
        }
        for _ in 0..(6.0 / block) as usize {
            governor.observe((0.3 * block * 1e9) as u64, frames, RATE);
        }
        prop_assert_eq!(governor.observe(0, frames, RATE), Thrift::NONE);
        prop_assert_eq!(governor.observe(1, 0, RATE), Thrift::NONE);
    }

    #[test]
    fn a_load_between_the_thresholds_changes_nothing(load in 0.46f64..0.69, step in 0u8..4) {
        let mut governor = Governor::NEW;
        while governor.observe(6_000_000, 128, RATE).step() < step {}
        let mut last = governor.observe((load * BLOCK_MICROS * 1e3) as u64, 128, RATE);
        // Until the smoothed load has come down, it may still rise.
        for n in 0..4_000 {
            let now = governor.observe((load * BLOCK_MICROS * 1e3) as u64, 128, RATE);
            prop_assert!(n < 200 || now == last);
            last = now;
        }
    }
}

#[test]
fn one_block_that_was_held_up_costs_a_step_at_most() {
    let mut governor = Governor::NEW;
    let mut most = Thrift::NONE;
    for n in 0..2_000 {
        let nanos = if n == 100 { 30_000_000 } else { 300_000 };
        most = most.max(governor.observe(nanos, 128, RATE));
    }
    assert!(most.step() <= 1);
}
