//! What hardware this build can open: JACK, sound cards, both or neither.

use crate::live::Voicing;
use crate::request::{DeviceRequest, Opened};

/// Whether this build opens any hardware at all.
pub const HAS_DEVICES: bool = cfg!(any(feature = "jack", feature = "device"));

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

/// An open device; dropping it closes it.
pub enum HardwareStream {
    /// A sound card.
    #[cfg(feature = "device")]
    Card(crate::device::CardStream),
    /// A JACK client.
    #[cfg(feature = "jack")]
    Jack(crate::jack_client::JackStream),
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

/// Opens what was asked for and plays.
///
/// A running JACK server owns the sound card, so `auto` asks it first; PipeWire answers there too.
///
/// Realtime-safe: no (opens a device).
///
/// # Errors
/// When there is no such device or it does not open.
pub fn open(
    request: &DeviceRequest,
    rate: u32,
    frames: usize,
    voicing: &mut Voicing,
) -> Result<(HardwareStream, Opened), String> {
    let host = request.host.as_deref().unwrap_or_default();
    let must_be_jack = host.eq_ignore_ascii_case("jack") || (host.is_empty() && request.device == "jack");
    if must_be_jack {
        return open_jack(voicing);
    }
    if host.is_empty() && request.device == "auto" {
        if let Ok(opened) = open_jack(voicing) {
            return Ok(opened);
        }
    }
    open_card(request, rate, frames, voicing)
}

#[cfg(feature = "jack")]
fn open_jack(voicing: &mut Voicing) -> Result<(HardwareStream, Opened), String> {
    crate::jack_client::JackStream::open(voicing)
        .map(|(stream, opened)| (HardwareStream::Jack(stream), opened))
}

#[cfg(not(feature = "jack"))]
fn open_jack(_voicing: &mut Voicing) -> Result<(HardwareStream, Opened), String> {
    Err("this build has no JACK".into())
}

#[cfg(feature = "device")]
fn open_card(
    request: &DeviceRequest,
    rate: u32,
    frames: usize,
    voicing: &mut Voicing,
) -> Result<(HardwareStream, Opened), String> {
    crate::device::CardStream::open(request, rate, frames, voicing)
        .map(|(stream, opened)| (HardwareStream::Card(stream), opened))
}

#[cfg(not(feature = "device"))]
fn open_card(
    request: &DeviceRequest,
    _rate: u32,
    _frames: usize,
    _voicing: &mut Voicing,
) -> Result<(HardwareStream, Opened), String> {
    let also = if cfg!(feature = "jack") { "'jack' (no server answers now), " } else { "" };
    Err(format!(
        "device '{}' cannot be opened: this build has {also}'null' and 'wav'; sound cards need the feature 'device'",
        request.device
    ))
}
