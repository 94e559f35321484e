//! The output of MIDI through JACK and PipeWire: what is handed over a block ahead lies on its frame.

use crate::jack_client::join;
use crate::jack_gate::{alone, Gated};
use crate::jack_midi::{block_micros, Shared, Watcher};
use crate::midi_queue::{ring, Agenda, Message};
use jack::{AsyncClient, Client, Control, ProcessScope, RawMidi};
use rtrb::Producer;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Duration;

/// How long a port that is being closed waits for its last messages.
const FLUSH: Duration = Duration::from_millis(150);

/// An output: what is handed over is on the wire at its time, to the sample.
pub struct Output {
    client: Gated<AsyncClient<Watcher, Mouth>>,
    outgoing: Producer<Message>,
    shared: Arc<Shared>,
    block_micros: u64,
}

struct Mouth {
    port: jack::Port<jack::MidiOut>,
    agenda: Agenda,
    shared: Arc<Shared>,
}

impl jack::ProcessHandler for Mouth {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        self.shared.blocks.fetch_add(1, Ordering::Relaxed);
        let mut writer = self.port.writer(scope);
        self.agenda.take_in();
        let Ok(times) = scope.cycle_times() else {
            return Control::Continue;
        };
        let last = scope.n_frames().saturating_sub(1);
        let frames_per_micro = f64::from(scope.n_frames()) / f64::from(times.period_usecs.max(1.0));
        let shared = &self.shared;
        self.agenda.send_before(times.next_usecs, |message| {
            let after = message.at.saturating_sub(times.current_usecs) as f64;
            let time = ((after * frames_per_micro) as u32).min(last);
            let is_written = writer.write(&RawMidi { time, bytes: message.data() }).is_ok();
            shared.waiting.fetch_sub(usize::from(is_written), Ordering::Relaxed);
            is_written
        });
        Control::Continue
    }
}

impl Output {
    /// Opens the client `client` with the output `port`, connected to `destination` if there is one.
    ///
    /// Realtime-safe: no (talks to the server).
    ///
    /// # Errors
    /// When no server answers, or it refuses the client, the port or the connection.
    pub fn open(client: &str, port: &str, destination: Option<&str>) -> Result<Self, String> {
        alone(|| Self::enter(client, port, destination))
    }

    fn enter(client: &str, port: &str, destination: Option<&str>) -> Result<Self, String> {
        let client = join(client)?;
        let block_micros = block_micros(&client);
        let refused = |error| format!("JACK refused the port {port}: {error}");
        let opened = client.register_port(port, jack::MidiOut::default()).map_err(refused)?;
        let name = opened.name().map_err(refused)?;
        let shared = Arc::new(Shared::default());
        let (outgoing, incoming) = ring();
        let mouth = Mouth { port: opened, agenda: Agenda::new(incoming), shared: Arc::clone(&shared) };
        let client = client
            .activate_async(Watcher(Arc::clone(&shared)), mouth)
            .map_err(|error| format!("JACK did not start the client: {error}"))?;
        if let Some(destination) = destination {
            let connected = client.as_client().connect_ports_by_name(&name, destination);
            connected.map_err(|error| error.to_string())?;
        }
        Ok(Self { client: Gated::new(client), outgoing, shared, block_micros })
    }

    /// Hands a message over, to be on the wire in `delay_micros`, but not before the block that begins next: so what is
    /// sent at once is a constant block late, without jitter.
    ///
    /// Realtime-safe: yes.
    ///
    /// # Errors
    /// When it is empty or too long, too many wait, or the server is gone.
    pub fn send(&mut self, data: &[u8], delay_micros: u64) -> Result<(), &'static str> {
        if self.shared.is_gone.load(Ordering::Relaxed) {
            return Err("the JACK server is gone");
        }
        let at = self.client.as_client().time() + delay_micros.max(self.block_micros);
        let message = Message::new(at, data).ok_or("a MIDI message has 1 to 246 bytes")?;
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        self.outgoing.push(message).map_err(|_| {
            self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
            "too many MIDI messages wait"
        })
    }

    /// Waits until everything is on the wire, but not for long: the last note-offs of a session.
    ///
    /// Realtime-safe: no (waits).
    fn flush(&self) {
        let is_over = |shared: &Shared| {
            shared.is_gone.load(Ordering::Relaxed) || shared.waiting.load(Ordering::Relaxed) == 0
        };
        self.shared.comes(FLUSH, is_over);
    }

    /// Waits for the last messages, and leaves the server.
    ///
    /// Realtime-safe: no (waits).
    pub fn close(self) {
        self.flush();
        self.shared.leave(self.client);
    }
}
