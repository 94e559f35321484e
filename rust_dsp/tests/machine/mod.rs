//! A machine whose devices come, go, change and go deaf as a test wishes, on a clock that only the test moves.

// Not every test needs all of it, and helpers are no tests to clippy.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

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
pub const NULL: &str = "null";

/// A device of the fake machine.
#[derive(Clone)]
pub struct Card {
    pub id: &'static str,
    pub rate: u32,
    pub frames: usize,
    pub is_there: bool,
    /// Whether it asks for sound once it is open.
    pub asks: bool,
    /// Whether it opens with any block, but plays only with its own.
    pub is_fussy: bool,
}

pub fn card(id: &'static str, rate: u32, frames: usize) -> Card {
    Card { id, rate, frames, is_there: true, asks: true, is_fussy: false }
}

/// An open device.
pub struct Line {
    pub id: &'static str,
    pub rate: u32,
    pub frames: usize,
    pub seat: Arc<Seat>,
    pub open: std::sync::Weak<()>,
    pub due: Duration,
    /// How often it will still ask: what fills the buffers, where it does not play.
    pub pulls_left: usize,
    pub heard: Vec<f32>,
}

#[derive(Default)]
pub struct Machine {
    pub cards: Vec<Card>,
    pub lines: Vec<Line>,
    pub opens: usize,
    pub now: Duration,
}

#[derive(Clone, Default)]
pub struct Fake(Arc<Mutex<Machine>>);

impl Fake {
    pub fn with<T>(&self, act: impl FnOnce(&mut Machine) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    pub fn add(
        &self,
        id: &'static str,
        rate: u32,
        frames: usize,
        seat: &Arc<Seat>,
        is_usable: bool,
    ) -> Running {
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
pub struct Stage {
    pub fake: Fake,
    pub supervisor: Supervisor<Fake>,
    pub board: Board,
    pub sender: EventSender,
    pub meters: Arc<Meters>,
}

impl Stage {
    pub fn new(cards: Vec<Card>) -> Self {
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
    pub fn pass(&mut self, time: Duration) {
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

    pub fn pass_millis(&mut self, millis: u64) {
        self.pass(Duration::from_millis(millis));
    }

    /// A device goes: those who play there are told, or not, and it asks for nothing more.
    pub fn unplug(&self, id: &str, loss: Option<Loss>) {
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

    pub fn plug(&self, id: &str) {
        self.fake.with(|machine| {
            machine.cards.iter_mut().filter(|card| card.id == id).for_each(|card| card.is_there = true);
        });
    }

    pub fn open_lines(&self) -> Vec<&'static str> {
        self.fake.with(|machine| {
            machine.lines.iter().filter(|line| line.open.strong_count() > 0).map(|line| line.id).collect()
        })
    }

    /// What the last line of a device heard, left channel.
    pub fn heard(&self, id: &str) -> Vec<f32> {
        self.fake.with(|machine| {
            let line = machine.lines.iter().rev().find(|line| line.id == id);
            line.map_or_else(Vec::new, |line| line.heard.chunks(2).map(|frame| frame[0]).collect())
        })
    }

    pub fn is_on(&self, id: &str) -> bool {
        let standing = self.board.read();
        standing.place == Place::Device && standing.opened.id == id && standing.trouble.is_empty()
    }
}

impl Machine {
    pub fn pull_until(&mut self, now: Duration) {
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
