//! MIDI through JACK and PipeWire: a port is a client of its own, and every message has its sample. Here: which ports
//! there are, and inputs.
//!
//! What comes in is stamped with the time of its frame, one block earlier than that frame is heard: the time it was
//! really played, without the jitter of blocks. What goes out lies on its frame, if it is handed over a block ahead.

use crate::jack_client::join;
use crate::jack_gate::{alone, Gated};
use crate::midi_queue::{ring, Message};
use jack::{AsyncClient, Client, Control, PortFlags, ProcessScope};
use rtrb::{Consumer, Producer};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server that runs has another block before this.
const HEARTBEAT: Duration = Duration::from_millis(500);
const MIDI_TYPE: &str = "8 bit raw midi";

/// What the threads of one port share.
#[derive(Default)]
pub(crate) struct Shared {
    /// The server shut down, or threw the client out.
    pub(crate) is_gone: AtomicBool,
    /// Blocks so far: as long as they come, the server runs.
    pub(crate) blocks: AtomicU64,
    /// Messages for which there was no room.
    lost: AtomicU64,
    /// Messages handed over and not yet on the wire.
    pub(crate) waiting: AtomicUsize,
    /// Whether the reader was woken and has not read since.
    is_signalled: AtomicBool,
}

impl Shared {
    /// Whether `is_so` becomes true before `limit` is over.
    pub(crate) fn comes(&self, limit: Duration, is_so: impl Fn(&Self) -> bool) -> bool {
        let until = Instant::now() + limit;
        while !is_so(self) {
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Closes a client. One whose server has died is left where it is: with such, JACK's library crashes here, once
    /// another client has been opened, or has been refused.
    pub(crate) fn leave<T>(&self, client: Gated<T>) {
        let seen = self.blocks.load(Ordering::Relaxed);
        let is_alive = self.comes(HEARTBEAT, |shared| shared.blocks.load(Ordering::Relaxed) != seen);
        if is_alive && !self.is_gone.load(Ordering::Relaxed) {
            drop(client);
        } else {
            std::mem::forget(client);
        }
    }
}

pub(crate) struct Watcher(pub(crate) Arc<Shared>);

impl jack::NotificationHandler for Watcher {
    // SAFETY: called from a signal-like context; storing an atomic is all it does.
    unsafe fn shutdown(&mut self, _: jack::ClientStatus, _: &str) {
        self.0.is_gone.store(true, Ordering::Relaxed);
    }
}

/// A client that asks which ports there are.
pub struct Probe {
    client: Gated<Client>,
}

impl Probe {
    /// Joins the running server as `client`.
    ///
    /// Realtime-safe: no (talks to the server).
    ///
    /// # Errors
    /// When no server answers or it refuses the client.
    pub fn open(client: &str) -> Result<Self, String> {
        alone(|| join(client)).map(|client| Self { client: Gated::new(client) })
    }

    /// The MIDI ports that can be listened to (`sources`), or sent to.
    ///
    /// Realtime-safe: no (talks to the server).
    pub fn ports(&self, sources: bool) -> Vec<String> {
        let flags = if sources { PortFlags::IS_OUTPUT } else { PortFlags::IS_INPUT };
        self.client.ports(None, Some(MIDI_TYPE), flags)
    }

    /// Leaves the server.
    ///
    /// Realtime-safe: no (waits).
    pub fn close(self) {
        drop(self.client);
    }

    /// Forgets about a server that has died: see `Shared::leave`.
    ///
    /// Realtime-safe: yes.
    pub fn abandon(self) {
        std::mem::forget(self.client);
    }

    /// How long a block lasts, in microseconds.
    ///
    /// Realtime-safe: no (talks to the server).
    pub fn block_micros(&self) -> u64 {
        block_micros(&self.client)
    }
}

pub(crate) fn block_micros(client: &Client) -> u64 {
    u64::from(client.buffer_size()) * 1_000_000 / u64::from(client.sample_rate().max(1))
}

/// An input: what is played into it can be read, with its age.
pub struct Input {
    client: Gated<AsyncClient<Watcher, Ear>>,
    heard: Consumer<Message>,
    shared: Arc<Shared>,
}

struct Ear {
    port: jack::Port<jack::MidiIn>,
    heard: Producer<Message>,
    shared: Arc<Shared>,
    wake: UnixStream,
}

impl jack::ProcessHandler for Ear {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        self.shared.blocks.fetch_add(1, Ordering::Relaxed);
        let Ok(times) = scope.cycle_times() else {
            return Control::Continue;
        };
        let micros_per_frame = f64::from(times.period_usecs) / f64::from(scope.n_frames().max(1));
        let played_from = times.current_usecs as f64 - f64::from(times.period_usecs);
        let mut is_new = false;
        for event in self.port.iter(scope) {
            let at = (played_from + f64::from(event.time) * micros_per_frame).max(0.0) as u64;
            let is_kept =
                Message::new(at, event.bytes).is_some_and(|message| self.heard.push(message).is_ok());
            if !is_kept {
                self.shared.lost.fetch_add(1, Ordering::Relaxed);
            }
            is_new |= is_kept;
        }
        if is_new && !self.shared.is_signalled.swap(true, Ordering::AcqRel) {
            // Does not wait: the stream is non-blocking, and a full one has woken the reader already.
            let _ = self.wake.write(&[0]);
        }
        Control::Continue
    }
}

impl Input {
    /// Opens the client `client` with the input `port`, connected to `source` if there is one. One byte is written to
    /// `wake` whenever something came in and everything before it has been read.
    ///
    /// Realtime-safe: no (talks to the server).
    ///
    /// # Errors
    /// When no server answers, or it refuses the client, the port or the connection.
    pub fn open(client: &str, port: &str, source: Option<&str>, wake: OwnedFd) -> Result<Self, String> {
        alone(|| Self::enter(client, port, source, wake))
    }

    fn enter(client: &str, port: &str, source: Option<&str>, wake: OwnedFd) -> Result<Self, String> {
        let wake = UnixStream::from(wake);
        wake.set_nonblocking(true).map_err(|error| format!("the wake-up cannot be set up: {error}"))?;
        let client = join(client)?;
        let refused = |error| format!("JACK refused the port {port}: {error}");
        let opened = client.register_port(port, jack::MidiIn::default()).map_err(refused)?;
        let name = opened.name().map_err(refused)?;
        let shared = Arc::new(Shared::default());
        let (producer, heard) = ring();
        let ear = Ear { port: opened, heard: producer, shared: Arc::clone(&shared), wake };
        let client = client
            .activate_async(Watcher(Arc::clone(&shared)), ear)
            .map_err(|error| format!("JACK did not start the client: {error}"))?;
        if let Some(source) = source {
            client.as_client().connect_ports_by_name(source, &name).map_err(|error| error.to_string())?;
        }
        Ok(Self { client: Gated::new(client), heard, shared })
    }

    /// The next message, and how many microseconds ago it was played.
    ///
    /// Realtime-safe: yes.
    pub fn read(&mut self) -> Option<(Message, u64)> {
        self.shared.is_signalled.store(false, Ordering::Release);
        let message = self.heard.pop().ok()?;
        Some((message, self.client.as_client().time().saturating_sub(message.at)))
    }

    /// Whether the server still has the client.
    ///
    /// Realtime-safe: yes.
    pub fn is_alive(&self) -> bool {
        !self.shared.is_gone.load(Ordering::Relaxed)
    }

    /// Leaves the server.
    ///
    /// Realtime-safe: no (waits).
    pub fn close(self) {
        self.shared.leave(self.client);
    }

    /// Messages for which there was no room, since the port was opened.
    ///
    /// Realtime-safe: yes.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }
}
