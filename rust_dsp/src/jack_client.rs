//! A JACK client named `sideman` with two outputs, connected to the sound card where there is one.

use crate::jack_gate::{alone, Gated};
use crate::meters::Meters;
use crate::request::Opened;
use crate::seat::{Loss, Seat};
use jack::{AsyncClient, Client, ClientOptions, Control, Frames, PortFlags, ProcessScope};
use std::sync::Arc;

/// The name of the host.
pub const HOST: &str = "jack";
const CLIENT_NAME: &str = "sideman";
/// The largest block JACK servers run with.
const MAX_FRAMES: usize = 8192;

/// A running client.
pub struct JackStream {
    /// Dropping it closes the client.
    _client: Gated<AsyncClient<Watcher, Player>>,
}

impl JackStream {
    /// Joins the running server and plays what the seat has.
    ///
    /// Realtime-safe: no (talks to the server).
    ///
    /// # Errors
    /// When no server answers or it refuses the client.
    pub fn open(seat: &Arc<Seat>, meters: Arc<Meters>) -> Result<(Self, Opened), String> {
        alone(|| Self::enter(seat, meters))
    }

    fn enter(seat: &Arc<Seat>, meters: Arc<Meters>) -> Result<(Self, Opened), String> {
        let client = join(CLIENT_NAME)?;
        let (rate, frames) = (client.sample_rate(), client.buffer_size() as usize);
        let register = |name: &str| {
            client
                .register_port(name, jack::AudioOut::default())
                .map_err(|error| format!("JACK refused the port {name}: {error}"))
        };
        let ports = [register("out_1")?, register("out_2")?];
        let names = ports.each_ref().map(|port| port.name().unwrap_or_default());
        let player = Player { ports, seat: Arc::clone(seat), block: vec![0.0; 2 * MAX_FRAMES] };
        let name = client.name().to_owned();
        let opened = Opened { host: HOST.into(), name, rate, frames, id: HOST.into() };
        let active = client
            .activate_async(Watcher { seat: Arc::clone(seat), meters, rate }, player)
            .map_err(|error| format!("JACK did not start the client: {error}"))?;
        connect(active.as_client(), &names);
        Ok((Self { _client: Gated::new(active) }, opened))
    }
}

/// The rate and block of the running server, or `None` where none runs.
///
/// Realtime-safe: no (talks to the server).
pub fn server() -> Option<(u32, usize)> {
    alone(|| join(CLIENT_NAME))
        .ok()
        .map(Gated::new)
        .map(|client| (client.sample_rate(), client.buffer_size() as usize))
}

/// Joins the running server. The caller holds the gate (`jack_gate::alone`).
///
/// Realtime-safe: no (talks to the server).
///
/// # Errors
/// When no server answers or it refuses the client.
pub fn join(name: &str) -> Result<Client, String> {
    // The library would write to stderr otherwise, also when nobody asked for JACK.
    jack::set_logger(jack::LoggerType::None);
    match Client::new(name, ClientOptions::NO_START_SERVER) {
        Ok((client, _)) => Ok(client),
        Err(jack::Error::ClientError(status)) if status.contains(jack::ClientStatus::SERVER_FAILED) => {
            Err("no JACK server answers".into())
        }
        Err(error) => Err(format!("JACK takes no client: {error}")),
    }
}

/// Connects to the first two physical outputs; without any, the patching is the user's.
fn connect(client: &Client, names: &[String; 2]) {
    let wanted = PortFlags::IS_INPUT | PortFlags::IS_PHYSICAL;
    let speakers = client.ports(None, Some("32 bit float mono audio"), wanted);
    for (ours, theirs) in names.iter().zip(&speakers) {
        // A speaker that refuses is no reason not to play: the ports are there to be patched.
        let _ = client.connect_ports_by_name(ours, theirs);
    }
}

struct Player {
    ports: [jack::Port<jack::AudioOut>; 2],
    seat: Arc<Seat>,
    block: Vec<f32>,
}

impl jack::ProcessHandler for Player {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let frames = (scope.n_frames() as usize).min(MAX_FRAMES);
        let block = &mut self.block[..2 * frames];
        self.seat.pull(block);
        for (channel, port) in self.ports.iter_mut().enumerate() {
            let out = port.as_mut_slice(scope);
            for (sample, frame) in out.iter_mut().zip(block.chunks_exact(2)) {
                *sample = frame[channel];
            }
        }
        Control::Continue
    }
}

/// Hears what the server has to say.
struct Watcher {
    seat: Arc<Seat>,
    meters: Arc<Meters>,
    rate: Frames,
}

impl jack::NotificationHandler for Watcher {
    // SAFETY: called from a signal-like context; storing an atomic is all it does.
    unsafe fn shutdown(&mut self, _: jack::ClientStatus, _: &str) {
        self.seat.set_lost(Loss::Gone);
    }

    fn sample_rate(&mut self, _: &Client, rate: Frames) -> Control {
        if rate != self.rate {
            self.seat.set_lost(Loss::Changed);
        }
        Control::Continue
    }

    fn xrun(&mut self, _: &Client) -> Control {
        self.meters.backend_xruns.add(1);
        Control::Continue
    }
}
