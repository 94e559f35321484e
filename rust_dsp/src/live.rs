//! The live engine: a controller here, a processor on some device's thread.

use crate::callback::{Callback, HostClock};
use crate::controller::Controller;
use crate::event::Event;
use crate::hardware::{Hardware, HAS_DEVICES};
use crate::meters::Meters;
use crate::paced::PacedStream;
use crate::processor::Processor;
use crate::request::{DeviceRequest, Opened, StartError, BLOCKS, RATES};
use crate::ring::{event_ring, EventReceiver};
use crate::seat::Seat;
use crate::soundfont::parts::SoundChoice;
use crate::standing::{Board, Place, Standing};
use crate::supervisor::{Supervised, Supervisor};
use crate::wav::{Depth, WavWriter};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A device that is running.
enum Stream {
    Paced(PacedStream),
    /// Held to keep the device open; dropping it closes it.
    Supervised(#[allow(dead_code, reason = "only its drop matters")] Supervised),
}

/// What a device needs in order to run the processor.
struct Voicing {
    effects: bool,
    soundfont: Option<SoundChoice>,
    clock: HostClock,
    meters: Arc<Meters>,
    receiver: EventReceiver,
}

impl Voicing {
    /// The callback for a device that turned out to have this rate and block.
    fn callback(self, rate: u32, frames: usize) -> Callback {
        let mut processor = Processor::live(rate, self.effects, frames, self.receiver, self.meters);
        if let Some(choice) = &self.soundfont {
            processor.use_soundfont(choice);
        }
        Callback::new(processor, self.clock, rate)
    }
}

/// The live engine.
pub struct LiveEngine {
    rate: u32,
    frames: usize,
    effects: bool,
    controller: Mutex<Controller>,
    stream: Mutex<Option<Stream>>,
    board: Mutex<Board>,
    /// Where a device without supervision pulls.
    seat: Mutex<Option<Arc<Seat>>>,
    /// What plays from the next start on.
    soundfont: Mutex<Option<SoundChoice>>,
}

impl LiveEngine {
    /// An engine that asks devices for this rate and block.
    ///
    /// Realtime-safe: no (allocates).
    ///
    /// # Errors
    /// When rate or block are out of range.
    pub fn new(rate: u32, frames: usize, effects: bool) -> Result<Self, StartError> {
        if !RATES.contains(&rate) {
            let what = format!("rate {rate} Hz is outside {} to {}", RATES.start(), RATES.end());
            return Err(StartError::Request(what));
        }
        if !BLOCKS.contains(&frames) {
            let what = format!("{frames} frames is outside {} to {}", BLOCKS.start(), BLOCKS.end());
            return Err(StartError::Request(what));
        }
        Ok(Self {
            rate,
            frames,
            effects,
            controller: Mutex::new(Controller::new()),
            stream: Mutex::new(None),
            board: Mutex::default(),
            seat: Mutex::new(None),
            soundfont: Mutex::new(None),
        })
    }

    /// From the next start on a SoundFont plays, as far as it has presets; or none does.
    ///
    /// Realtime-safe: no (a lock).
    pub fn use_soundfont(&self, choice: Option<SoundChoice>) {
        *lock(&self.soundfont) = choice;
    }

    /// Opens a device and plays; a device that was open is closed first.
    ///
    /// Realtime-safe: no (opens devices, starts threads).
    ///
    /// # Errors
    /// When the device or the file cannot be opened.
    pub fn start(&self, request: &DeviceRequest) -> Result<Opened, StartError> {
        self.stop().map_err(StartError::File)?;
        *lock(&self.seat) = None;
        let (sender, receiver) = event_ring();
        let meters = Arc::new(Meters::default());
        let voicing = Voicing {
            effects: self.effects,
            soundfont: lock(&self.soundfont).clone(),
            clock: HostClock::new(request.now_micros),
            meters: Arc::clone(&meters),
            receiver,
        };
        *lock(&self.board) = Board::default();
        // Connected first: settings must be in the ring before the first callback empties it.
        self.controller().connect(sender, meters);
        match self.open(request, voicing) {
            Ok(stream) => {
                *lock(&self.stream) = Some(stream);
                Ok(self.standing().opened)
            }
            Err(error) => {
                self.controller().disconnect();
                Err(error)
            }
        }
    }

    /// Sends events; says how many were accepted. Never waits for the audio thread.
    ///
    /// Realtime-safe: no (a short lock among senders).
    pub fn send(&self, events: &[Event]) -> usize {
        let mut controller = self.controller();
        events.iter().filter(|event| controller.send(**event)).count()
    }

    /// Stops and closes the device; does nothing when none is open.
    ///
    /// Realtime-safe: no (waits for threads).
    ///
    /// # Errors
    /// When a WAV file could not be completed.
    pub fn stop(&self) -> std::io::Result<()> {
        self.controller().disconnect();
        // Taken in its own statement, so the lock is not held while threads end.
        let stream = lock(&self.stream).take();
        let ended = match stream {
            Some(Stream::Paced(mut stream)) => stream.stop(),
            _ => Ok(()),
        };
        lock(&self.board).write(|board| board.place = Place::Closed);
        ended
    }

    /// How it stands with the device.
    ///
    /// Realtime-safe: no (a lock).
    pub fn standing(&self) -> Standing {
        let mut standing = lock(&self.board).read();
        let loss = lock(&self.seat).as_ref().and_then(|seat| seat.loss());
        if let (Place::Device, Some(loss)) = (standing.place, loss) {
            (standing.place, standing.trouble) = (Place::Waiting, loss.text().into());
        }
        standing
    }

    /// Whether a device is open.
    ///
    /// Realtime-safe: no (a lock).
    pub fn is_running(&self) -> bool {
        lock(&self.stream).is_some()
    }

    /// What the present or last processor publishes.
    ///
    /// Realtime-safe: no (a lock).
    pub fn meters(&self) -> Arc<Meters> {
        Arc::clone(self.controller().meters())
    }

    fn controller(&self) -> MutexGuard<'_, Controller> {
        lock(&self.controller)
    }

    fn open(&self, request: &DeviceRequest, voicing: Voicing) -> Result<Stream, StartError> {
        match request.device.as_str() {
            "null" => self.open_paced("null", None, voicing),
            "wav" => {
                let Some(path) = &request.wav_path else {
                    return Err(StartError::Request("device 'wav' needs wav_path".into()));
                };
                let file = WavWriter::create(path, self.rate, Depth::Int24);
                self.open_paced("wav", Some(file.map_err(StartError::File)?), voicing)
            }
            _ => self.open_hardware(request, voicing).map_err(StartError::Device),
        }
    }

    fn open_hardware(&self, request: &DeviceRequest, voicing: Voicing) -> Result<Stream, String> {
        let meters = Arc::clone(&voicing.meters);
        let hardware = Hardware::new(request.clone(), self.rate, self.frames, meters);
        let wish = (self.rate, self.frames);
        // A build that can open nothing has nothing to look for.
        let is_patient = request.is_patient && HAS_DEVICES;
        let board = lock(&self.board).clone();
        let make = |rate, frames| voicing.callback(rate, frames);
        let supervisor = Supervisor::start(hardware, board, wish, is_patient, make)?;
        Supervised::start(supervisor).map(Stream::Supervised).map_err(|error| error.to_string())
    }

    fn open_paced(
        &self,
        name: &str,
        file: Option<WavWriter<std::io::BufWriter<std::fs::File>>>,
        voicing: Voicing,
    ) -> Result<Stream, StartError> {
        let seat = Seat::new();
        let meters = Arc::clone(&voicing.meters);
        seat.place(Box::new(voicing.callback(self.rate, self.frames)));
        let stream =
            PacedStream::start(&seat, meters, self.rate, self.frames, file).map_err(StartError::File)?;
        *lock(&self.seat) = Some(seat);
        lock(&self.board).write(|board| {
            let (rate, frames) = (self.rate, self.frames);
            board.place = Place::Device;
            board.opened = Opened { host: "none".into(), name: name.into(), rate, frames, id: String::new() };
        });
        Ok(Stream::Paced(stream))
    }
}

impl Drop for LiveEngine {
    fn drop(&mut self) {
        // An error at this point has nobody left to hear it.
        let _ = self.stop();
    }
}

/// A lock that survives a panic elsewhere: what it guards is replaced as a whole, never half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_null_device_plays_in_real_time_and_may_be_stopped_twice() {
        let engine = LiveEngine::new(48_000, 128, true).unwrap();
        let request = DeviceRequest { device: "null".into(), ..DeviceRequest::default() };
        let opened = engine.start(&request).unwrap();
        assert_eq!((opened.rate, opened.frames), (48_000, 128));
        assert_eq!(engine.send(&[Event::note_on(0, 0, 60, 100)]), 1);
        let began = std::time::Instant::now();
        while engine.meters().voices.get() == 0 && began.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(engine.meters().voices.get(), 1);
        engine.stop().unwrap();
        engine.stop().unwrap();
        assert!(!engine.is_running());
    }

    #[test]
    fn a_wrong_rate_is_refused_with_what_is_allowed() {
        let error = LiveEngine::new(1, 128, true).err().unwrap().to_string();
        assert!(error.contains("1 Hz") && error.contains("192000"));
    }
}
