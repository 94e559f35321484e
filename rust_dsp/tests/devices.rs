//! Laws of the supervisor: the music outlives every device. A fake machine, and a clock that only the test moves.

// The fake machine is no test to clippy, but serves tests only.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sideman_dsp::backend::{Attempt, Backend, Running};
use sideman_dsp::callback::{Callback, HostClock};
use sideman_dsp::event::{Event, Kind};
use sideman_dsp::meters::Meters;
use sideman_dsp::processor::Processor;
use sideman_dsp::request::Opened;
use sideman_dsp::ring::{event_ring, EventSender};
use sideman_dsp::seat::{Loss, Seat};
use sideman_dsp::standing::{Board, Place};
use sideman_dsp::supervisor::Supervisor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often the supervisor looks.
const LOOK: Duration = Duration::from_millis(50);
const NULL: &str = "null";

/// A device of the fake machine.
#[derive(Clone)]
struct Card {
    id: &'static str,
    rate: u32,
    frames: usize,
    is_there: bool,
    /// Whether it asks for sound once it is open.
    asks: bool,
    /// Whether it opens with any block, but plays only with its own.
    is_fussy: bool,
}

fn card(id: &'static str, rate: u32, frames: usize) -> Card {
    Card { id, rate, frames, is_there: true, asks: true, is_fussy: false }
}

/// An open device.
struct Line {
    id: &'static str,
    rate: u32,
    frames: usize,
    seat: Arc<Seat>,
    open: std::sync::Weak<()>,
    due: Duration,
    /// How often it will still ask: what fills the buffers, where it does not play.
    pulls_left: usize,
    heard: Vec<f32>,
}

#[derive(Default)]
struct Machine {
    cards: Vec<Card>,
    lines: Vec<Line>,
    opens: usize,
    now: Duration,
}

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Machine>>);

impl Fake {
    fn with<T>(&self, act: impl FnOnce(&mut Machine) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn add(&self, id: &'static str, rate: u32, frames: usize, seat: &Arc<Seat>, is_usable: bool) -> Running {
        let open = Arc::new(());
        self.with(|machine| {
            let line = Line {
                id,
                rate,
                frames,
                seat: Arc::clone(seat),
                open: Arc::downgrade(&open),
                due: machine.now,
                pulls_left: if is_usable { usize::MAX } else { 2 },
                heard: Vec::new(),
            };
            machine.lines.push(line);
        });
        Box::new(open)
    }
}

impl Backend for Fake {
    /// The default device: the first that is there.
    fn open(&mut self, seat: &Arc<Seat>, attempt: Attempt) -> Result<(Running, Opened), String> {
        let found = self.with(|machine| {
            machine.opens += 1;
            machine.cards.iter().find(|card| card.is_there).cloned()
        });
        let Card { id, rate, frames, is_fussy, .. } = found.ok_or("there is no device")?;
        let is_usable = !is_fussy || attempt.is_lenient;
        let opened = Opened { host: "fake".into(), name: id.into(), rate, frames, id: id.into() };
        Ok((self.add(id, rate, frames, seat, is_usable), opened))
    }

    fn open_null(&mut self, seat: &Arc<Seat>, rate: u32, frames: usize) -> Result<Running, String> {
        Ok(self.add(NULL, rate, frames, seat, true))
    }

    fn preferred(&mut self) -> Option<String> {
        self.with(|machine| machine.cards.iter().find(|card| card.is_there).map(|card| card.id.into()))
    }
}

/// The machine, its supervisor, and somebody who plays.
struct Stage {
    fake: Fake,
    supervisor: Supervisor<Fake>,
    board: Board,
    sender: EventSender,
    meters: Arc<Meters>,
}

impl Stage {
    fn new(cards: Vec<Card>) -> Self {
        let (fake, board) = (Fake::default(), Board::default());
        fake.with(|machine| machine.cards = cards);
        let (mut sender, receiver) = event_ring();
        let meters = Arc::new(Meters::default());
        let published = Arc::clone(&meters);
        let make = move |rate, frames| {
            let processor = Processor::live(rate, false, frames, receiver, published);
            Callback::new(processor, HostClock::new(0), rate)
        };
        let supervisor = Supervisor::start(fake.clone(), board.clone(), (48_000, 128), true, make).unwrap();
        // An organ chord that is held for ever.
        sender.send(Event::new(0, Kind::Instrument, 3, 5, 0));
        for pitch in [48, 55, 64] {
            sender.send(Event::note_on(0, 3, pitch, 100));
        }
        Self { fake, supervisor, board, sender, meters }
    }

    /// Lets time pass: every open device pulls when it is due, and the supervisor looks.
    fn pass(&mut self, time: Duration) {
        let end = self.fake.with(|machine| machine.now) + time;
        loop {
            let now = self.fake.with(|machine| machine.now) + LOOK;
            if now > end {
                return;
            }
            self.fake.with(|machine| machine.pull_until(now));
            self.supervisor.look(now);
        }
    }

    fn pass_millis(&mut self, millis: u64) {
        self.pass(Duration::from_millis(millis));
    }

    /// A device goes: those who play there are told, or not, and it asks for nothing more.
    fn unplug(&self, id: &str, loss: Option<Loss>) {
        self.fake.with(|machine| {
            for card in machine.cards.iter_mut().filter(|card| card.id == id) {
                card.is_there = false;
            }
            for line in machine.lines.iter_mut().filter(|line| line.id == id) {
                line.due = Duration::MAX;
                if let Some(loss) = loss {
                    line.seat.set_lost(loss);
                }
            }
        });
    }

    fn plug(&self, id: &str) {
        self.fake.with(|machine| {
            machine.cards.iter_mut().filter(|card| card.id == id).for_each(|card| card.is_there = true);
        });
    }

    fn open_lines(&self) -> Vec<&'static str> {
        self.fake.with(|machine| {
            machine.lines.iter().filter(|line| line.open.strong_count() > 0).map(|line| line.id).collect()
        })
    }

    /// What the last line of a device heard, left channel.
    fn heard(&self, id: &str) -> Vec<f32> {
        self.fake.with(|machine| {
            let line = machine.lines.iter().rev().find(|line| line.id == id);
            line.map_or_else(Vec::new, |line| line.heard.chunks(2).map(|frame| frame[0]).collect())
        })
    }

    fn is_on(&self, id: &str) -> bool {
        let standing = self.board.read();
        standing.place == Place::Device && standing.opened.id == id && standing.trouble.is_empty()
    }
}

impl Machine {
    fn pull_until(&mut self, now: Duration) {
        self.now = now;
        let cards = &self.cards;
        self.lines.retain(|line| line.open.strong_count() > 0 || !line.heard.is_empty());
        for line in self.lines.iter_mut().filter(|line| line.open.strong_count() > 0) {
            if cards.iter().any(|card| card.id == line.id && !card.asks) {
                continue;
            }
            while line.due <= now && line.pulls_left > 0 {
                line.pulls_left -= 1;
                let mut out = vec![0.0; 2 * line.frames];
                line.seat.pull(&mut out);
                line.heard.extend(out);
                line.due += Duration::from_secs_f64(line.frames as f64 / f64::from(line.rate));
            }
        }
    }
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Frames of silence at the start.
fn silence(samples: &[f32]) -> usize {
    samples.iter().take_while(|sample| **sample == 0.0).count()
}

#[test]
fn the_music_goes_on_without_the_device_and_is_back_within_two_seconds_of_its_return() {
    for (loss, away) in [(Some(Loss::Gone), 300), (Some(Loss::Gone), 30_000), (None, 5_000), (None, 700)] {
        let mut stage = Stage::new(vec![card("usb", 48_000, 128)]);
        stage.pass_millis(8_000);
        assert!(stage.is_on("usb") && peak(&stage.heard("usb")) > 0.01);
        stage.unplug("usb", loss);
        stage.pass_millis(away);
        if away > 600 {
            let standing = stage.board.read();
            assert_eq!((standing.place, standing.losses), (Place::Waiting, 1));
            assert!(standing.trouble.contains("the audio device"), "{}", standing.trouble);
            assert_eq!(stage.open_lines(), [NULL]);
        }
        let frames = stage.meters.frames.get();
        stage.plug("usb");
        stage.pass_millis(2_000);
        assert!(stage.is_on("usb"), "{loss:?} for {away} ms");
        assert!(peak(&stage.heard("usb")) > 0.01);
        assert_eq!(stage.open_lines(), ["usb"]);
        assert!(stage.meters.frames.get() - frames > 48_000, "the music stood still");
        assert_eq!(stage.meters.voices.get(), 3);
    }
}

#[test]
fn what_comes_back_fades_in_over_ten_milliseconds() {
    let mut stage = Stage::new(vec![card("usb", 48_000, 128)]);
    stage.pass_millis(6_000);
    let before = peak(&stage.heard("usb")[96_000..]);
    stage.unplug("usb", Some(Loss::Gone));
    stage.pass_millis(1_000);
    stage.plug("usb");
    stage.pass_millis(3_000);
    let heard = stage.heard("usb");
    let start = silence(&heard);
    // The ramp bounds every sample: n frames in, n/480 of the level before.
    for (n, sample) in heard[start..start + 480].iter().enumerate() {
        assert!(sample.abs() <= 1.2 * before * (n + 2) as f32 / 480.0, "frame {n}: {sample}");
    }
    assert!(peak(&heard[start + 480..]) > 0.5 * before);
}

#[test]
fn another_default_device_takes_over_after_a_fade_and_the_music_keeps_its_voices() {
    let headset = Card { is_there: false, ..card("headset", 48_000, 256) };
    let mut stage = Stage::new(vec![headset, card("speakers", 48_000, 128)]);
    stage.pass_millis(4_000);
    assert!(stage.is_on("speakers"));
    stage.plug("headset");
    stage.pass_millis(1_500);
    assert!(stage.is_on("headset"));
    assert_eq!(stage.open_lines(), ["headset"]);
    let left = stage.heard("speakers");
    assert_eq!(peak(&left[left.len() - 64..]), 0.0);
    let jumps = left.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(jumps < 0.1, "{jumps}");
    assert_eq!((stage.board.read().losses, stage.meters.voices.get()), (0, 3));
}

#[test]
fn a_device_at_another_rate_makes_the_engine_run_at_that_rate() {
    let mut stage = Stage::new(vec![card("studio", 48_000, 128), card("cinema", 44_100, 1_024)]);
    stage.pass_millis(6_000);
    stage.unplug("studio", Some(Loss::Gone));
    stage.pass_millis(500);
    assert!(stage.is_on("cinema"));
    stage.pass_millis(2_000);
    let opened = stage.board.read().opened;
    assert_eq!((opened.rate, opened.frames), (44_100, 1_024));
    // The third of the chord is found at its own frequency in what the device heard.
    let heard = stage.heard("cinema");
    let strength = |hz: f64| {
        let step = std::f64::consts::TAU * hz / 44_100.0;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in heard[44_100..88_200].iter().enumerate() {
            re += f64::from(*sample) * (step * n as f64).cos();
            im += f64::from(*sample) * (step * n as f64).sin();
        }
        re.hypot(im)
    };
    assert!(strength(329.628) > 20.0 * strength(329.628 * 44_100.0 / 48_000.0));
    assert_eq!(stage.meters.voices.get(), 3);
}

#[test]
fn a_device_that_opens_but_never_asks_for_sound_does_not_hold_the_music_up() {
    let mut stage = Stage::new(vec![card("deaf", 48_000, 128)]);
    stage.unplug("deaf", Some(Loss::Gone));
    stage.fake.with(|machine| machine.cards[0].asks = false);
    stage.plug("deaf");
    let frames = stage.meters.frames.get();
    stage.pass_millis(10_000);
    let standing = stage.board.read();
    assert_eq!(standing.place, Place::Waiting);
    assert!(standing.trouble.contains("does not ask for sound"), "{}", standing.trouble);
    assert!(stage.meters.frames.get() - frames > 9 * 48_000);
    stage.fake.with(|machine| machine.cards[0].asks = true);
    stage.pass_millis(4_000);
    assert!(stage.is_on("deaf"));
}

#[test]
fn a_device_that_plays_with_no_block_but_its_own_is_opened_with_its_own_within_two_seconds() {
    let mut stage = Stage::new(vec![card("fussy", 48_000, 128)]);
    stage.pass_millis(6_000);
    stage.unplug("fussy", Some(Loss::Gone));
    stage.pass_millis(500);
    stage.fake.with(|machine| machine.cards[0].is_fussy = true);
    stage.plug("fussy");
    let frames = stage.meters.frames.get();
    stage.pass_millis(2_000);
    assert!(stage.is_on("fussy"));
    assert_eq!(stage.board.read().losses, 1);
    assert!(stage.meters.frames.get() - frames > 48_000, "the music stood still");
    // At the start nobody could know: it is found out there, too.
    let mut stage = Stage::new(vec![Card { is_fussy: true, ..card("fussy", 48_000, 128) }]);
    stage.pass_millis(3_000);
    assert!(stage.is_on("fussy"));
}

#[test]
fn a_machine_without_devices_is_asked_no_more_than_twice_a_second() {
    let mut stage = Stage::new(vec![card("usb", 48_000, 128)]);
    stage.unplug("usb", Some(Loss::Gone));
    stage.pass_millis(60_000);
    let opens = stage.fake.with(|machine| machine.opens);
    assert!((60..=85).contains(&opens), "{opens}");
}

#[test]
fn a_patient_start_without_a_device_plays_on_and_is_heard_when_one_comes() {
    let mut stage = Stage::new(vec![Card { is_there: false, ..card("usb", 96_000, 64) }]);
    assert_eq!(stage.board.read().trouble, "there is no device");
    stage.pass_millis(3_000);
    assert_eq!(stage.meters.voices.get(), 3);
    stage.plug("usb");
    stage.pass_millis(2_000);
    assert!(stage.is_on("usb") && peak(&stage.heard("usb")) > 0.01);
}

#[derive(Clone, Debug)]
enum Fate {
    Unplug(usize, bool),
    Plug(usize),
    Reformat(usize),
    Deafen(usize, bool),
    Pass(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        (0usize..3, any::<bool>()).prop_map(|(n, is_told)| Fate::Unplug(n, is_told)),
        (0usize..3).prop_map(Fate::Plug),
        (0usize..3).prop_map(Fate::Reformat),
        (0usize..3, any::<bool>()).prop_map(|(n, asks)| Fate::Deafen(n, asks)),
        (50u64..4_000).prop_map(Fate::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_becomes_of_the_devices_the_music_never_stands_still_and_comes_back(
        fates in prop::collection::vec(fate(), 1..14),
    ) {
        let ids = ["one", "two", "three"];
        let mut stage =
            Stage::new(vec![card("one", 48_000, 128), card("two", 44_100, 480), card("three", 96_000, 4_096)]);
        for fate in fates {
            match fate {
                Fate::Unplug(n, is_told) => stage.unplug(ids[n], is_told.then_some(Loss::Gone)),
                Fate::Plug(n) => stage.plug(ids[n]),
                Fate::Reformat(n) => stage.fake.with(|machine| {
                    let lines = machine.lines.iter().filter(|line| line.id == ids[n]);
                    lines.for_each(|line| line.seat.set_lost(Loss::Changed));
                }),
                Fate::Deafen(n, asks) => stage.fake.with(|machine| machine.cards[n].asks = asks),
                Fate::Pass(millis) => {
                    let before = stage.meters.frames.get();
                    stage.pass_millis(millis);
                    // A device that opens may stay deaf for three seconds; the music waits for it no longer than that.
                    let played = stage.meters.frames.get() - before;
                    prop_assert!(millis < 3_700 || played > 0);
                }
            }
            prop_assert!(stage.open_lines().len() <= 2);
        }
        for id in ids {
            stage.plug(id);
        }
        stage.fake.with(|machine| machine.cards.iter_mut().for_each(|card| card.asks = true));
        stage.pass_millis(5_500);
        prop_assert!(stage.board.read().place == Place::Device, "{:?}", stage.board.read());
        prop_assert_eq!(stage.open_lines().len(), 1);
        let at = 0;
        stage.sender.send(Event::new(at, Kind::Panic, 0, 0, 0));
        stage.pass_millis(200);
        prop_assert_eq!(stage.meters.voices.get(), 0);
    }
}
