//! The late part of a convolution, in long blocks: computed at once offline, on a worker's thread live.
//!
//! A block's answer is due two blocks after its start, so a worker has one whole block (43 ms at 48 kHz). Offline and
//! live give the same bits. An answer that is late is left out, and counted: sound never waits.

use super::partition::{Partitioned, Partitions};
use crate::denormal::FlushToZero;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Blocks on their way to the worker and back.
const IN_FLIGHT: usize = 4;
/// How often a worker looks for work: nobody rings it, as that would be a system call on the audio thread.
const REST: Duration = Duration::from_millis(4);

/// One block of both channels: what goes in, and what comes out.
pub struct Block {
    /// Blocks since the start of the stream.
    number: u64,
    input: [Vec<f32>; 2],
    output: [Vec<f32>; 2],
}

impl Block {
    fn new(size: usize) -> Self {
        let silence = || [vec![0.0; size], vec![0.0; size]];
        Self { number: 0, input: silence(), output: silence() }
    }
}

/// What turns one block into its answer.
struct Kernel {
    partitions: Arc<[Partitions; 2]>,
    channels: [Partitioned; 2],
    last: u64,
}

impl Kernel {
    fn new(partitions: Arc<[Partitions; 2]>) -> Self {
        let channels = std::array::from_fn(|side| Partitioned::new(&partitions[side]));
        Self { partitions, channels, last: 0 }
    }

    fn process(&mut self, block: &mut Block) {
        // A gap is silence, longer than the response.
        if block.number != self.last + 1 {
            self.channels.iter_mut().for_each(Partitioned::reset);
        }
        self.last = block.number;
        for side in 0..2 {
            let answer = self.channels[side].process(&self.partitions[side], &block.input[side]);
            block.output[side].copy_from_slice(answer);
        }
    }
}

enum Place {
    /// Computed where it is asked for.
    Here(Box<Kernel>),
    /// Computed by a worker.
    There(Worker),
}

/// The worker, seen from the audio thread.
struct Worker {
    to: Producer<Block>,
    from: Consumer<Block>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    fn start(mut kernel: Kernel) -> std::io::Result<Self> {
        let (to, mut inbox) = RingBuffer::<Block>::new(IN_FLIGHT);
        let (mut outbox, from) = RingBuffer::<Block>::new(IN_FLIGHT);
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::Builder::new().name("reverb tail".into()).spawn(move || {
            let _flush = FlushToZero::new();
            while !over.load(Ordering::Acquire) {
                while let Ok(mut block) = inbox.pop() {
                    kernel.process(&mut block);
                    // There are never more blocks than places.
                    let _ = outbox.push(block);
                }
                std::thread::sleep(REST);
            }
        })?;
        Ok(Self { to, from, is_over, thread: Some(thread) })
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
    place: Place,
    free: Vec<Block>,
    /// Answered blocks that are not due yet.
    waiting: Vec<Block>,
    number: u64,
    late: u64,
}

impl Tail {
    /// A silent tail of blocks of `size` frames; with a worker where `is_live`, else without.
    ///
    /// Realtime-safe: no (allocates, starts a thread).
    pub fn new(partitions: &Arc<[Partitions; 2]>, size: usize, is_live: bool) -> Self {
        let kernel = || Kernel::new(Arc::clone(partitions));
        let here = || Place::Here(Box::new(kernel()));
        let place = if is_live {
            // Where no thread can be had the audio thread does it all, which is heavy but sounds the same.
            Worker::start(kernel()).map_or_else(|_| here(), Place::There)
        } else {
            here()
        };
        Self {
            size,
            place,
            free: (0..IN_FLIGHT).map(|_| Block::new(size)).collect(),
            waiting: Vec::with_capacity(IN_FLIGHT),
            number: 1,
            late: 0,
        }
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
    /// what is to be heard during the block after the next into `answer`, and says whether that is sound.
    ///
    /// Realtime-safe: yes.
    pub fn advance(&mut self, input: Option<[&[f32]; 2]>, answer: [&mut [f32]; 2]) -> bool {
        // Due now: the answer to the block before the one that is complete.
        let due = self.number - 1;
        if let Some(input) = input {
            self.submit(input);
        }
        self.number += 1;
        self.collect();
        let mut is_sound = false;
        while let Some(place) = self.waiting.iter().position(|block| block.number <= due) {
            let block = self.waiting.swap_remove(place);
            if block.number == due {
                is_sound = true;
                for (side, answer) in answer.into_iter().enumerate() {
                    answer.copy_from_slice(&block.output[side]);
                }
                self.free.push(block);
                break;
            }
            self.free.push(block);
        }
        is_sound
    }

    /// An answer that was due was missing although its block was sent.
    ///
    /// Realtime-safe: yes.
    pub fn count_late(&mut self) {
        self.late += 1;
    }

    /// Whether a block is with the worker; for tests, which may wait.
    #[cfg(test)]
    pub fn is_waited_for(&mut self) -> bool {
        self.collect();
        self.free.len() + self.waiting.len() < IN_FLIGHT
    }

    fn submit(&mut self, input: [&[f32]; 2]) {
        let Some(mut block) = self.free.pop() else {
            // The worker has them all: it hangs. This block is lost, and its answer with it.
            return;
        };
        block.number = self.number;
        for side in 0..2 {
            block.input[side].copy_from_slice(input[side]);
        }
        match &mut self.place {
            Place::Here(kernel) => {
                kernel.process(&mut block);
                self.waiting.push(block);
            }
            Place::There(worker) => {
                if let Err(rtrb::PushError::Full(block)) = worker.to.push(block) {
                    self.free.push(block);
                }
            }
        }
    }

    fn collect(&mut self) {
        if let Place::There(worker) = &mut self.place {
            while let Ok(block) = worker.from.pop() {
                self.waiting.push(block);
            }
        }
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.collect();
        self.free.append(&mut self.waiting);
        // A gap in the numbers tells the worker to forget; what it still has comes back as of long ago.
        self.number += 2 * IN_FLIGHT as u64;
        self.late = 0;
    }
}
