//! The late part of a convolution, in long blocks: computed at once offline, on a worker's thread live.
//!
//! A block's answer is due two blocks after its start, so a worker has one whole block (43 ms at 48 kHz). If the
//! worker has not begun by then, as when a large callback renders several blocks at a stretch, the audio thread does
//! the block itself. Only an answer that is half done is left out, and counted: sound never waits. Offline and live
//! give the same bits.

use super::partition::{Partitioned, Partitions};
use crate::denormal::FlushToZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a worker looks for work: nobody rings it, as that would be a system call on the audio thread.
const REST: Duration = Duration::from_millis(4);
/// After a second without work it looks more seldom, and still in time.
const IDLE_ROUNDS: u32 = 250;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    /// To be done, and whether the worker has seen it: it leaves alone what is new, which may be part of a stretch.
    Ready {
        is_seen: bool,
    },
    Done,
}

/// The one block that is being worked on, and the past it meets.
struct Desk {
    partitions: Arc<[Partitions; 2]>,
    channels: [Partitioned; 2],
    state: State,
    /// Long blocks since the start of the stream, of this block and of the last that was done.
    number: u64,
    last: u64,
    input: [Vec<f32>; 2],
    output: [Vec<f32>; 2],
}

impl Desk {
    fn new(partitions: &Arc<[Partitions; 2]>, size: usize) -> Self {
        let silence = || [vec![0.0; size], vec![0.0; size]];
        Self {
            channels: std::array::from_fn(|side| Partitioned::new(&partitions[side])),
            partitions: Arc::clone(partitions),
            state: State::Empty,
            number: 0,
            last: 0,
            input: silence(),
            output: silence(),
        }
    }

    fn work(&mut self) {
        // A gap is silence, longer than the response.
        if self.number != self.last + 1 {
            self.channels.iter_mut().for_each(Partitioned::reset);
        }
        self.last = self.number;
        for side in 0..2 {
            let answer = self.channels[side].process(&self.partitions[side], &self.input[side]);
            self.output[side].copy_from_slice(answer);
        }
        self.state = State::Done;
    }

    /// Copies the answer to block `due` out, if it was asked for; does it now if it is not done.
    fn answer(&mut self, due: u64, answer: [&mut [f32]; 2]) -> bool {
        if self.number != due || self.state == State::Empty {
            return false;
        }
        if self.state != State::Done {
            self.work();
        }
        self.state = State::Empty;
        for (output, answer) in self.output.iter().zip(answer) {
            answer.copy_from_slice(output);
        }
        true
    }
}

/// What the worker and the audio thread share. Both only ever try the lock, so nobody waits for it, and letting go
/// of it wakes nobody.
type Shared = Arc<Mutex<Desk>>;

fn try_lock(desk: &Shared) -> Option<MutexGuard<'_, Desk>> {
    match desk.try_lock() {
        Ok(guard) => Some(guard),
        // A worker that panicked left numbers behind, no broken structure.
        Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The worker's thread.
struct Worker {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn start(desk: &Shared) -> std::io::Result<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, desk) = (Arc::clone(&is_over), Arc::clone(desk));
        let thread = std::thread::Builder::new().name("reverb tail".into()).spawn(move || {
            let _flush = FlushToZero::new();
            let mut idle_rounds = 0u32;
            while !over.load(Ordering::Acquire) {
                idle_rounds = idle_rounds.saturating_add(1);
                if let Some(mut desk) = try_lock(&desk) {
                    match desk.state {
                        State::Ready { is_seen: true } => {
                            desk.work();
                            idle_rounds = 0;
                        }
                        State::Ready { is_seen: false } => {
                            desk.state = State::Ready { is_seen: true };
                            idle_rounds = 0;
                        }
                        State::Empty | State::Done => {}
                    }
                }
                std::thread::sleep(if idle_rounds < IDLE_ROUNDS { REST } else { 3 * REST });
            }
        })?;
        Ok(Self { is_over, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A worker that panicked has nothing to say here.
            let _ = thread.join();
        }
    }
}

/// The tail: takes blocks, gives answers one block after the next.
pub struct Tail {
    size: usize,
    desk: Shared,
    /// `None` where everything is computed at once.
    worker: Option<Worker>,
    number: u64,
    late: u64,
}

impl Tail {
    /// A silent tail of blocks of `size` frames; with a worker where `is_live`, else without.
    ///
    /// Realtime-safe: no (allocates, starts a thread).
    pub fn new(partitions: &Arc<[Partitions; 2]>, size: usize, is_live: bool) -> Self {
        let desk = Arc::new(Mutex::new(Desk::new(partitions, size)));
        // Some systems allocate a lock when it is first taken: here, not on the audio thread.
        drop(try_lock(&desk));
        // Where no thread can be had the audio thread does it all, which is heavier but sounds the same.
        let worker = if is_live { Worker::start(&desk).ok() } else { None };
        Self { size, desk, worker, number: 1, late: 0 }
    }

    /// Frames a block.
    ///
    /// Realtime-safe: yes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Answers that came too late.
    ///
    /// Realtime-safe: yes.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// A block of input is complete; `None` says that it and all before it within the response were silent. Writes
    /// what is to be heard during the next block into `answer`, and says whether that is sound.
    ///
    /// Realtime-safe: yes.
    pub fn advance(&mut self, input: Option<[&[f32]; 2]>, answer: [&mut [f32]; 2]) -> bool {
        let number = self.number;
        self.number += 1;
        let Some(mut desk) = try_lock(&self.desk) else {
            // Half done: this answer is not heard, and this block not asked for.
            self.late += 1;
            return false;
        };
        // Due now: the answer to the block before the one that is complete.
        let is_sound = desk.answer(number - 1, answer);
        match input {
            Some(input) => {
                for side in 0..2 {
                    desk.input[side].copy_from_slice(input[side]);
                }
                desk.number = number;
                desk.state = State::Ready { is_seen: false };
                if self.worker.is_none() {
                    desk.work();
                }
            }
            None => desk.state = State::Empty,
        }
        is_sound
    }

    /// Whether a block waits to be done; for tests, which may wait.
    #[cfg(test)]
    pub fn is_waited_for(&self) -> bool {
        try_lock(&self.desk).is_none_or(|desk| matches!(desk.state, State::Ready { .. }))
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        // A gap in the numbers makes the next block the first, and what is on the desk one of long ago.
        self.number += 2;
        self.late = 0;
    }
}
