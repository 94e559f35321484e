//! What hardware this build can open: JACK, sound cards, both or neither.

use crate::backend::{Attempt, Backend, Running};
use crate::meters::Meters;
use crate::paced::PacedStream;
use crate::request::{DeviceRequest, Opened};
use crate::seat::Seat;
use std::sync::Arc;
use std::time::Duration;

/// Whether this build opens any hardware at all.
pub const HAS_DEVICES: bool = cfg!(any(feature = "jack", feature = "device"));

/// How long a JACK server that went is waited for before a sound card will do.
#[cfg_attr(not(feature = "jack"), allow(dead_code, reason = "there is none"))]
const JACK_PATIENCE: Duration = Duration::from_secs(10);

/// A device that can be opened.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// The host's name.
    pub host: String,
    /// The device's name.
    pub name: String,
    /// Whether the host plays here when asked for nothing else.
    pub is_default: bool,
    /// Sample rates in hertz.
    pub rates: Vec<u32>,
}

/// Every output device of every host.
///
/// Realtime-safe: no (asks drivers).
pub fn devices() -> Vec<DeviceInfo> {
    #[cfg_attr(not(feature = "jack"), allow(unused_mut, reason = "nothing to add"))]
    let mut found = Vec::new();
    #[cfg(feature = "jack")]
    found.extend(crate::jack_client::server().map(|(rate, _)| DeviceInfo {
        host: "jack".into(),
        name: "jack".into(),
        is_default: true,
        rates: vec![rate],
    }));
    #[cfg(feature = "device")]
    found.extend(crate::device::cards());
    found
}

/// Opens this machine's devices: what was asked for, at the rate and block nearest to what was asked.
pub struct Hardware {
    request: DeviceRequest,
    rate: u32,
    frames: usize,
    meters: Arc<Meters>,
    /// Whether the last device was a JACK server that had not been asked for by name.
    was_jack: bool,
}

impl Hardware {
    /// Nothing is opened yet.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(request: DeviceRequest, rate: u32, frames: usize, meters: Arc<Meters>) -> Self {
        Self { request, rate, frames, meters, was_jack: false }
    }

    fn asks_for_jack(&self) -> bool {
        let host = self.request.host.as_deref().unwrap_or_default();
        host.eq_ignore_ascii_case("jack") || (host.is_empty() && self.request.device == "jack")
    }

    fn may_be_any(&self) -> bool {
        self.request.host.as_deref().unwrap_or_default().is_empty() && self.request.device == "auto"
    }
}

impl Backend for Hardware {
    /// A running JACK server owns the sound card, so `auto` asks it first; `PipeWire` answers there too. One that went
    /// is waited for before the card is taken from under its successor.
    fn open(&mut self, seat: &Arc<Seat>, attempt: Attempt) -> Result<(Running, Opened), String> {
        if self.asks_for_jack() {
            return open_jack(seat, &self.meters);
        }
        if self.may_be_any() {
            match open_jack(seat, &self.meters) {
                Ok(opened) => {
                    self.was_jack = true;
                    return Ok(opened);
                }
                Err(trouble) if self.was_jack && attempt.lost_for < JACK_PATIENCE => return Err(trouble),
                Err(_) => {}
            }
        }
        self.was_jack = false;
        let frames = (!attempt.is_lenient).then_some(self.frames);
        open_card(&self.request, self.rate, frames, seat, &self.meters)
    }

    fn open_null(&mut self, seat: &Arc<Seat>, rate: u32, frames: usize) -> Result<Running, String> {
        PacedStream::start(seat, Arc::clone(&self.meters), rate, frames, None)
            .map(|stream| Box::new(stream) as Running)
            .map_err(|error| error.to_string())
    }

    fn preferred(&mut self) -> Option<String> {
        let is_named = !matches!(self.request.device.as_str(), "" | "auto" | "default");
        if is_named || self.asks_for_jack() || self.was_jack {
            return None;
        }
        default_card(self.request.host.as_deref())
    }
}

#[cfg(feature = "jack")]
fn open_jack(seat: &Arc<Seat>, meters: &Arc<Meters>) -> Result<(Running, Opened), String> {
    crate::jack_client::JackStream::open(seat, Arc::clone(meters))
        .map(|(stream, opened)| (Box::new(stream) as Running, opened))
}

#[cfg(not(feature = "jack"))]
fn open_jack(_seat: &Arc<Seat>, _meters: &Arc<Meters>) -> Result<(Running, Opened), String> {
    Err("this build has no JACK".into())
}

#[cfg(feature = "device")]
fn default_card(host: Option<&str>) -> Option<String> {
    crate::device::default_id(host)
}

#[cfg(not(feature = "device"))]
fn default_card(_host: Option<&str>) -> Option<String> {
    None
}

#[cfg(feature = "device")]
fn open_card(
    request: &DeviceRequest,
    rate: u32,
    frames: Option<usize>,
    seat: &Arc<Seat>,
    meters: &Arc<Meters>,
) -> Result<(Running, Opened), String> {
    crate::device::CardStream::open(request, rate, frames, seat, meters)
        .map(|(stream, opened)| (Box::new(stream) as Running, opened))
}

#[cfg(not(feature = "device"))]
fn open_card(
    request: &DeviceRequest,
    _rate: u32,
    _frames: Option<usize>,
    _seat: &Arc<Seat>,
    _meters: &Arc<Meters>,
) -> Result<(Running, Opened), String> {
    let also = if cfg!(feature = "jack") { "'jack' (no server answers now), " } else { "" };
    Err(format!(
        "device '{}' cannot be opened: this build has {also}'null' and 'wav'; sound cards need the feature 'device'",
        request.device
    ))
}
