//! Keeps the music going whatever becomes of the device: moves it to the null device and back, and says so.

use crate::backend::{Attempt, Backend, Running};
use crate::callback::Callback;
use crate::recovery::{Recovery, Seen, Step};
use crate::request::Opened;
use crate::seat::{Loss, Seat};
use crate::standing::{Board, Place};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often the devices are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Things that may be done in one look; no device can hold the others up by flapping.
const STEPS: usize = 8;
/// How long a device may be waited for that runs the callback just now, and how often it is looked at meanwhile.
const HAND_OVER: Duration = Duration::from_millis(20);
const HAND_OVER_LOOK: Duration = Duration::from_micros(200);
/// How long a device may take to fade out when all is over.
const FAREWELL: Duration = Duration::from_millis(100);
/// Blocks a second of the null device: nobody listens, so it need not wake often.
const NULL_BLOCKS: u32 = 100;

/// A device that is open and has no music yet.
struct Arriving {
    running: Running,
    seat: Arc<Seat>,
    opened: Opened,
}

/// Looks after the devices; [`Supervisor::look`] is called again and again, with the time.
pub struct Supervisor<B: Backend> {
    backend: B,
    recovery: Recovery,
    board: Board,
    seat: Arc<Seat>,
    /// Held to keep the device open.
    running: Option<Running>,
    arriving: Option<Arriving>,
    rate: u32,
    frames: usize,
    /// Why the last device went, and why none opens.
    loss: &'static str,
}

impl<B: Backend> Supervisor<B> {
    /// Opens the device with the callback that `make` builds for its rate and block. Where it does not open, the null
    /// device plays, at the rate and block that are given here, and the device is looked for.
    ///
    /// Realtime-safe: no (opens devices).
    ///
    /// # Errors
    /// Where the device does not open and `is_patient` is false; where not even the null device does.
    pub fn start(
        mut backend: B,
        board: Board,
        (rate, frames): (u32, usize),
        is_patient: bool,
        make: impl FnOnce(u32, usize) -> Callback,
    ) -> Result<Self, String> {
        let mut seat = Seat::new();
        let (running, recovery, standing) = match backend.open(&seat, Attempt::default()) {
            Ok((running, opened)) => {
                let block = block_of(&opened);
                (running, Recovery::playing(Duration::ZERO, &opened.id, block), Ok(opened))
            }
            Err(trouble) if is_patient => {
                seat = Seat::new();
                let running = backend.open_null(&seat, rate, null_frames(rate, frames))?;
                (running, Recovery::searching(Duration::ZERO), Err(trouble))
            }
            Err(trouble) => return Err(trouble),
        };
        let (rate, frames) = standing.as_ref().map_or((rate, frames), |opened| (opened.rate, opened.frames));
        seat.place(Box::new(make(rate, frames)));
        board.write(|board| match standing {
            Ok(opened) => (board.place, board.opened, board.moves) = (Place::Device, opened, 1),
            Err(trouble) => {
                board.place = Place::Waiting;
                board.opened = null_opened(rate, frames);
                board.trouble = trouble;
            }
        });
        let running = Some(running);
        Ok(Self { backend, recovery, board, seat, running, arriving: None, rate, frames, loss: "" })
    }

    /// Does what there is to be done. `now` counts from the start.
    ///
    /// Realtime-safe: no (opens and closes devices).
    pub fn look(&mut self, now: Duration) {
        for _ in 0..STEPS {
            let seen = self.see();
            let is_done = match self.recovery.tick(now, &seen) {
                Step::Rest => return,
                Step::Retreat(loss) => self.retreat(now, loss),
                Step::Open => self.open(now),
                Step::Ask => {
                    let preferred = self.backend.preferred();
                    self.recovery.prefers(preferred);
                    true
                }
                Step::FadeOut => {
                    self.seat.set_leaving(true);
                    true
                }
                Step::Move => self.move_over(now),
                Step::GiveUp => {
                    self.arriving = None;
                    self.fail(now, "the audio device does not ask for sound");
                    true
                }
            };
            if !is_done {
                return;
            }
        }
    }

    fn see(&self) -> Seen {
        let arriving = self.arriving.as_ref().map(|arriving| &arriving.seat);
        Seen {
            loss: self.seat.loss(),
            pulls: self.seat.pulls(),
            is_silent: self.seat.is_silent(),
            arriving_pulls: arriving.map_or(0, |seat| seat.pulls()),
            is_arrival_lost: arriving.is_some_and(|seat| seat.loss().is_some()),
        }
    }

    /// To the null device. Where that is not possible now, at the next look.
    fn retreat(&mut self, now: Duration, loss: Loss) -> bool {
        let seat = Seat::new();
        let frames = null_frames(self.rate, self.frames);
        let Ok(null) = self.backend.open_null(&seat, self.rate, frames) else {
            return false;
        };
        let Some(mut callback) = take(&self.seat) else {
            return false;
        };
        callback.move_to(self.rate, frames);
        seat.place(callback);
        self.seat = seat;
        self.loss = loss.text();
        self.board.write(|board| {
            board.place = Place::Waiting;
            board.losses += 1;
            board.trouble = format!("{} ({})", loss.text(), board.opened);
        });
        // What is gone may take its time to close, and open anew only after that; the music has moved already.
        self.running = Some(null);
        self.recovery.retreated(now);
        true
    }

    fn open(&mut self, now: Duration) -> bool {
        let seat = Seat::new();
        match self.backend.open(&seat, self.recovery.attempt(now)) {
            Ok((running, opened)) => {
                self.recovery.opened(now, block_of(&opened));
                self.arriving = Some(Arriving { running, seat, opened });
            }
            Err(trouble) => self.fail(now, &trouble),
        }
        true
    }

    fn fail(&mut self, now: Duration, trouble: &str) {
        self.recovery.failed(now);
        let loss = self.loss;
        self.board.write(|board| {
            if board.place == Place::Waiting {
                let joint = if loss.is_empty() { "" } else { "; " };
                board.trouble = format!("{loss}{joint}{trouble}");
            }
        });
    }

    /// To the device that has arrived; the music fades in there.
    fn move_over(&mut self, now: Duration) -> bool {
        let Some(mut callback) = self.arriving.as_ref().and_then(|_| take(&self.seat)) else {
            return false;
        };
        let Some(Arriving { running, seat, opened }) = self.arriving.take() else {
            return false;
        };
        callback.move_to(opened.rate, opened.frames);
        seat.place(callback);
        self.seat = seat;
        self.running = Some(running);
        (self.rate, self.frames, self.loss) = (opened.rate, opened.frames, "");
        self.recovery.moved(now, &opened.id, block_of(&opened));
        self.board.write(|board| {
            board.place = Place::Device;
            board.trouble.clear();
            board.moves += 1;
            board.opened = opened;
        });
        true
    }

    /// Fades out and closes everything.
    fn farewell(&mut self) {
        self.seat.set_leaving(true);
        let over = Instant::now() + FAREWELL;
        while self.seat.loss().is_none() && !self.seat.is_silent() && Instant::now() < over {
            thread::sleep(HAND_OVER_LOOK);
        }
        self.arriving = None;
        self.running = None;
        self.board.write(|board| board.place = Place::Closed);
    }
}

fn block_of(opened: &Opened) -> Duration {
    Duration::from_secs_f64(opened.frames as f64 / f64::from(opened.rate.max(1)))
}

fn null_frames(rate: u32, frames: usize) -> usize {
    frames.max((rate / NULL_BLOCKS) as usize)
}

fn null_opened(rate: u32, frames: usize) -> Opened {
    Opened { host: "none".into(), name: "null".into(), rate, frames, id: String::new() }
}

/// The callback of a seat; waits a moment where the device runs it just now.
fn take(seat: &Seat) -> Option<Box<Callback>> {
    let first = seat.vacate();
    if first.is_some() {
        return first;
    }
    let over = Instant::now() + HAND_OVER;
    while Instant::now() < over {
        thread::sleep(HAND_OVER_LOOK);
        if let Some(callback) = seat.vacate() {
            return Some(callback);
        }
    }
    None
}

/// A supervisor on a thread of its own; dropping it closes the device.
pub struct Supervised {
    is_stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Supervised {
    /// Lets a supervisor look after its devices from now on.
    ///
    /// Realtime-safe: no (starts a thread).
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start<B: Backend + 'static>(mut supervisor: Supervisor<B>) -> io::Result<Self> {
        let is_stopping = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_stopping);
        let began = Instant::now();
        let look = move || {
            while !flag.load(Ordering::Acquire) {
                thread::park_timeout(LOOK);
                supervisor.look(began.elapsed());
            }
            supervisor.farewell();
        };
        let thread = thread::Builder::new().name("sideman-device".into()).spawn(look)?;
        Ok(Self { is_stopping, thread: Some(thread) })
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has closed its devices on the way out.
            let _ = thread.join();
        }
    }
}
