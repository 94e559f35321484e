//! A JACK client named `sideman` with two outputs, connected to the sound card where there is one.

use crate::callback::Callback;
use crate::live::Voicing;
use crate::meters::Meters;
use crate::request::Opened;
use jack::{AsyncClient, Client, ClientOptions, Control, Frames, PortFlags, ProcessScope};
use std::sync::Arc;

const CLIENT_NAME: &str = "sideman";
/// The largest block JACK servers run with.
const MAX_FRAMES: usize = 8192;

/// A running client.
pub struct JackStream {
    /// Dropping it closes the client.
    _client: AsyncClient<Watcher, Player>,
}

impl JackStream {
    /// Joins the running server and plays.
    ///
    /// Realtime-safe: no (talks to the server).
    ///
    /// # Errors
    /// When no server answers or it refuses the client.
    pub fn open(voicing: &mut Voicing) -> Result<(Self, Opened), String> {
        let client = join()?;
        let (rate, frames) = (client.sample_rate(), client.buffer_size() as usize);
        let register = |name: &str| {
            client
                .register_port(name, jack::AudioOut::default())
                .map_err(|error| format!("JACK refused the port {name}: {error}"))
        };
        let ports = [register("out_1")?, register("out_2")?];
        let names = ports.each_ref().map(|port| port.name().unwrap_or_default());
        let meters = Arc::clone(&voicing.meters);
        let Some(callback) = voicing.callback(rate, frames) else {
            return Err("the processor is already in use".into());
        };
        let changes = Arc::clone(&meters);
        let player = Player { ports, callback, block: vec![0.0; 2 * MAX_FRAMES], frames, changes };
        let opened = Opened { host: "jack".into(), name: client.name().to_owned(), rate, frames };
        let active = client
            .activate_async(Watcher { meters, rate }, player)
            .map_err(|error| format!("JACK did not start the client: {error}"))?;
        connect(active.as_client(), &names);
        Ok((Self { _client: active }, opened))
    }
}

/// The rate and block of the running server, or `None` where none runs.
///
/// Realtime-safe: no (talks to the server).
pub fn server() -> Option<(u32, usize)> {
    join().ok().map(|client| (client.sample_rate(), client.buffer_size() as usize))
}

fn join() -> Result<Client, String> {
    // The library would write to stderr otherwise, also when nobody asked for JACK.
    jack::set_logger(jack::LoggerType::None);
    Client::new(CLIENT_NAME, ClientOptions::NO_START_SERVER)
        .map(|(client, _)| client)
        .map_err(|error| format!("no JACK server answers: {error}"))
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
    callback: Callback,
    block: Vec<f32>,
    /// Frames a block when the client was opened, and where to say that they changed.
    frames: usize,
    changes: Arc<Meters>,
}

impl jack::ProcessHandler for Player {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let frames = (scope.n_frames() as usize).min(MAX_FRAMES);
        let block = &mut self.block[..2 * frames];
        self.callback.run(block);
        for (channel, port) in self.ports.iter_mut().enumerate() {
            let out = port.as_mut_slice(scope);
            for (sample, frame) in out.iter_mut().zip(block.chunks_exact(2)) {
                *sample = frame[channel];
            }
        }
        Control::Continue
    }

    /// The server plays on with other blocks: the engine opens again, so that its latency is theirs.
    fn buffer_size(&mut self, _: &Client, size: Frames) -> Control {
        if size as usize != self.frames {
            self.changes.set_lost();
        }
        Control::Continue
    }
}

/// Hears what the server has to say.
struct Watcher {
    meters: Arc<Meters>,
    rate: Frames,
}

impl jack::NotificationHandler for Watcher {
    // SAFETY: called from a signal-like context; storing an atomic is all it does.
    unsafe fn shutdown(&mut self, _: jack::ClientStatus, _: &str) {
        self.meters.set_lost();
    }

    fn sample_rate(&mut self, _: &Client, rate: Frames) -> Control {
        if rate != self.rate {
            self.meters.set_lost();
        }
        Control::Continue
    }

    fn xrun(&mut self, _: &Client) -> Control {
        self.meters.backend_xruns.add(1);
        Control::Continue
    }
}
