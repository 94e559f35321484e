//! Devices that need no hardware: one that discards, one that writes a WAV file; both at real-time pace.

use crate::meters::Meters;
use crate::seat::{Loss, Seat};
use crate::wav::WavWriter;
use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Seconds of sound the writer may lag behind before samples are lost.
const WRITER_SECONDS: usize = 8;
/// How often the writer looks for samples.
const WRITER_PAUSE: Duration = Duration::from_millis(20);

type WavFile = WavWriter<BufWriter<File>>;

/// A running device without hardware.
pub struct PacedStream {
    is_stopping: Arc<AtomicBool>,
    pacer: Option<JoinHandle<()>>,
    writer: Option<JoinHandle<io::Result<()>>>,
}

impl PacedStream {
    /// Starts the device; what it pulls from the seat goes to `file`, or nowhere.
    ///
    /// Realtime-safe: no (starts threads).
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(
        seat: &Arc<Seat>,
        meters: Arc<Meters>,
        rate: u32,
        frames: usize,
        file: Option<WavFile>,
    ) -> io::Result<Self> {
        let is_stopping = Arc::new(AtomicBool::new(false));
        let (tape, writer) = match file {
            Some(file) => {
                let (producer, consumer) = rtrb::RingBuffer::new(2 * WRITER_SECONDS * rate as usize);
                let seat = Arc::clone(seat);
                let writer = thread::Builder::new()
                    .name("sideman-wav".into())
                    .spawn(move || write_until_abandoned(consumer, file, &seat))?;
                (Some(producer), Some(writer))
            }
            None => (None, None),
        };
        let pace = Pace {
            seat: Arc::clone(seat),
            meters,
            tape,
            period: Duration::from_secs_f64(frames as f64 / f64::from(rate)),
            block: vec![0.0; 2 * frames],
        };
        let flag = Arc::clone(&is_stopping);
        let pacer = thread::Builder::new().name("sideman-audio".into()).spawn(move || pace.run(&flag))?;
        Ok(Self { is_stopping, pacer: Some(pacer), writer })
    }

    /// Stops, and completes the file.
    ///
    /// Realtime-safe: no (waits for threads).
    ///
    /// # Errors
    /// When the file could not be written.
    pub fn stop(&mut self) -> io::Result<()> {
        self.is_stopping.store(true, Ordering::Release);
        let crashed = || io::Error::other("the audio thread ended unexpectedly");
        if let Some(pacer) = self.pacer.take() {
            pacer.join().map_err(|_| crashed())?;
        }
        match self.writer.take() {
            Some(writer) => writer.join().map_err(|_| crashed())?,
            None => Ok(()),
        }
    }
}

impl Drop for PacedStream {
    fn drop(&mut self) {
        // An error at this point has nobody left to hear it.
        let _ = self.stop();
    }
}

struct Pace {
    seat: Arc<Seat>,
    meters: Arc<Meters>,
    tape: Option<rtrb::Producer<f32>>,
    period: Duration,
    block: Vec<f32>,
}

impl Pace {
    fn run(mut self, is_stopping: &AtomicBool) {
        let mut due = Instant::now();
        while !is_stopping.load(Ordering::Acquire) {
            self.seat.pull(&mut self.block);
            self.tape_block();
            due += self.period;
            let now = Instant::now();
            if due > now {
                thread::sleep(due - now);
            } else if now - due > 8 * self.period {
                // Hopelessly behind (the machine slept): go on from here instead of catching up.
                self.meters.backend_xruns.add(1);
                due = now;
            }
        }
    }

    fn tape_block(&mut self) {
        let Some(tape) = &mut self.tape else { return };
        match tape.write_chunk(self.block.len()) {
            Ok(mut chunk) => {
                let (first, second) = chunk.as_mut_slices();
                let middle = first.len();
                first.copy_from_slice(&self.block[..middle]);
                second.copy_from_slice(&self.block[middle..]);
                chunk.commit_all();
            }
            // The disk is too slow; the sound has a gap, and the count says so.
            Err(_) => self.meters.backend_xruns.add(1),
        }
    }
}

fn write_until_abandoned(mut tape: rtrb::Consumer<f32>, mut file: WavFile, seat: &Seat) -> io::Result<()> {
    loop {
        // Asked before reading: what was pushed before the other end went is still read below.
        let is_abandoned = tape.is_abandoned();
        while let Ok(chunk) = tape.read_chunk(tape.slots()) {
            if chunk.is_empty() {
                break;
            }
            let (first, second) = chunk.as_slices();
            let written = file.write(first).and_then(|()| file.write(second));
            if let Err(error) = written {
                seat.set_lost(Loss::File);
                return Err(error);
            }
            chunk.commit_all();
        }
        if is_abandoned {
            return file.finish().map(|_| ());
        }
        thread::sleep(WRITER_PAUSE);
    }
}
