//! Sound cards through cpal: ALSA, CoreAudio, WASAPI.

use crate::hardware::DeviceInfo;
use crate::meters::Meters;
use crate::negotiation::{choose, Offer};
use crate::request::{DeviceRequest, Opened};
use crate::seat::{Loss, Seat};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, Sample, SampleFormat, SizedSample};
use cpal::{StreamConfig, SupportedBufferSize, SupportedStreamConfigRange};
use std::sync::Arc;
use std::time::Duration;

/// The largest block rendered at once; a longer callback is rendered in pieces.
const MAX_FRAMES: usize = 8192;
/// What a card that chooses its own block is taken to choose, until it has been seen.
const USUAL_FRAMES: usize = 1024;
/// How long a device may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
/// Rates worth offering.
const COMMON_RATES: [u32; 6] = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/// Every output device of every host but JACK.
///
/// Realtime-safe: no (asks drivers).
pub fn cards() -> Vec<DeviceInfo> {
    keep_quiet();
    let mut found = Vec::new();
    for host in cpal::available_hosts().into_iter().filter_map(|id| cpal::host_from_id(id).ok()) {
        let usual = host.default_output_device().and_then(|device| name_of(&device));
        let Ok(outputs) = host.output_devices() else { continue };
        for device in outputs {
            let Some(name) = name_of(&device) else { continue };
            found.push(DeviceInfo {
                host: host.id().to_string(),
                is_default: usual.as_ref() == Some(&name),
                rates: rates_of(&device),
                name,
            });
        }
    }
    found
}

/// What ALSA's library has to complain about on this thread goes nowhere: a missing card is no news, and every attempt
/// to open one would tell it again on stderr.
fn keep_quiet() {
    // It keeps what it hears until the next call; where it fails, there is noise and nothing worse.
    #[cfg(target_os = "linux")]
    let _ = alsa::Output::local_error_handler();
}

fn name_of(device: &cpal::Device) -> Option<String> {
    device.description().ok().map(|about| about.name().to_owned())
}

fn rates_of(device: &cpal::Device) -> Vec<u32> {
    let ranges: Vec<_> = device.supported_output_configs().map(Iterator::collect).unwrap_or_default();
    let is_offered = |rate: &u32| {
        ranges.iter().any(|range: &SupportedStreamConfigRange| {
            (range.min_sample_rate()..=range.max_sample_rate()).contains(rate)
        })
    };
    COMMON_RATES.into_iter().filter(is_offered).collect()
}

/// A running sound card.
pub struct CardStream {
    /// Dropping it closes the device.
    _stream: cpal::Stream,
}

impl CardStream {
    /// Opens a sound card and plays what the seat has. Without `frames`, the card chooses its block.
    ///
    /// Realtime-safe: no (opens a device).
    ///
    /// # Errors
    /// When there is no such host or device, or it does not open.
    pub fn open(
        request: &DeviceRequest,
        rate: u32,
        frames: Option<usize>,
        seat: &Arc<Seat>,
        meters: &Arc<Meters>,
    ) -> Result<(Self, Opened), String> {
        keep_quiet();
        let host = find_host(request.host.as_deref())?;
        let device = find_device(&host, &request.device)?;
        let name = name_of(&device).unwrap_or_else(|| request.device.clone());
        let mut plan = plan(&device, rate, frames).map_err(|error| format!("{name}: {error}"))?;
        let id = id_of(&device).unwrap_or_else(|| name.clone());
        let opened = Opened {
            host: host.id().to_string(),
            name,
            rate: plan.config.sample_rate,
            frames: plan.frames,
            id,
        };
        let stream = plan.build(&device, seat, meters).or_else(|_| {
            // Not every device takes the block it offers; any block it likes will do.
            plan.config.buffer_size = BufferSize::Default;
            plan.build(&device, seat, meters)
        });
        let stream = stream.map_err(|error| format!("{} did not open: {error}", opened.name))?;
        stream.play().map_err(|error| format!("{} did not start: {error}", opened.name))?;
        Ok((Self { _stream: stream }, opened))
    }
}

/// The id of the device a host would open unasked, where there is one.
///
/// Realtime-safe: no (asks drivers).
pub fn default_id(host: Option<&str>) -> Option<String> {
    keep_quiet();
    find_host(host).ok()?.default_output_device().and_then(|device| id_of(&device))
}

fn id_of(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.to_string())
}

fn find_host(name: Option<&str>) -> Result<cpal::Host, String> {
    let Some(name) = name.filter(|name| !matches!(*name, "" | "auto" | "default")) else {
        return Ok(cpal::default_host());
    };
    let hosts = cpal::available_hosts();
    let known = hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    hosts
        .into_iter()
        .find(|id| id.to_string().eq_ignore_ascii_case(name))
        .ok_or_else(|| format!("host '{name}' is unknown; here are jack, {known}"))
        .and_then(|id| cpal::host_from_id(id).map_err(|error| error.to_string()))
}

fn find_device(host: &cpal::Host, name: &str) -> Result<cpal::Device, String> {
    if matches!(name, "" | "auto" | "default") {
        return host.default_output_device().ok_or_else(|| format!("{} has no output device", host.id()));
    }
    let outputs: Vec<_> = host.output_devices().map_err(|error| error.to_string())?.collect();
    let wanted = name.to_lowercase();
    let exact = outputs.iter().find(|device| name_of(device).as_deref() == Some(name));
    let similar = || {
        outputs
            .iter()
            .find(|device| name_of(device).is_some_and(|known| known.to_lowercase().contains(&wanted)))
    };
    exact.or_else(similar).cloned().ok_or_else(|| {
        let known: Vec<_> = outputs.iter().filter_map(name_of).collect();
        format!("device '{name}' is unknown to {}; there are: {}", host.id(), known.join(", "))
    })
}

/// How a device will be opened.
struct Plan {
    config: StreamConfig,
    format: SampleFormat,
    frames: usize,
}

/// How much a sample format is disliked; `None` where the engine cannot write it.
fn format_cost(format: SampleFormat) -> Option<u8> {
    let liked = [
        SampleFormat::F32,
        SampleFormat::I32,
        SampleFormat::I24,
        SampleFormat::F64,
        SampleFormat::I16,
        SampleFormat::U16,
    ];
    liked.into_iter().position(|one| one == format).map(|place| place as u8)
}

fn plan(device: &cpal::Device, rate: u32, frames: Option<usize>) -> Result<Plan, String> {
    let ranges = device.supported_output_configs().map_err(|error| error.to_string())?;
    let (offers, ranges): (Vec<Offer>, Vec<SupportedStreamConfigRange>) =
        ranges.filter_map(|range| offer(&range).map(|offer| (offer, range))).unzip();
    let choice = choose(&offers, rate, frames.unwrap_or(USUAL_FRAMES))
        .ok_or("the device offers no format the engine can play")?;
    let range = ranges[choice.offer];
    let mut config = range.with_sample_rate(choice.rate).config();
    config.buffer_size = match frames {
        Some(_) => BufferSize::Fixed(choice.frames),
        None => BufferSize::Default,
    };
    Ok(Plan { config, format: range.sample_format(), frames: choice.frames as usize })
}

fn offer(range: &SupportedStreamConfigRange) -> Option<Offer> {
    let frames = match range.buffer_size() {
        SupportedBufferSize::Range { min, max } => Some(*min..=(*max).max(*min)),
        SupportedBufferSize::Unknown => None,
    };
    Some(Offer {
        rates: range.min_sample_rate()..=range.max_sample_rate(),
        channels: range.channels(),
        format_cost: format_cost(range.sample_format())?,
        frames,
    })
}

impl Plan {
    fn build(
        &self,
        device: &cpal::Device,
        seat: &Arc<Seat>,
        meters: &Arc<Meters>,
    ) -> Result<cpal::Stream, cpal::Error> {
        match self.format {
            SampleFormat::I32 => build::<i32>(device, self.config, seat, meters),
            SampleFormat::I24 => build::<cpal::I24>(device, self.config, seat, meters),
            SampleFormat::F64 => build::<f64>(device, self.config, seat, meters),
            SampleFormat::I16 => build::<i16>(device, self.config, seat, meters),
            SampleFormat::U16 => build::<u16>(device, self.config, seat, meters),
            _ => build::<f32>(device, self.config, seat, meters),
        }
    }
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    seat: &Arc<Seat>,
    meters: &Arc<Meters>,
) -> Result<cpal::Stream, cpal::Error> {
    let channels = usize::from(config.channels);
    let mut block = vec![0.0f32; 2 * MAX_FRAMES];
    let (puller, loser, meters) = (Arc::clone(seat), Arc::clone(seat), Arc::clone(meters));
    device.build_output_stream::<T, _, _>(
        config,
        move |out, _| {
            for piece in out.chunks_mut(channels * MAX_FRAMES) {
                let block = &mut block[..2 * (piece.len() / channels)];
                puller.pull(block);
                spread(block, piece, channels);
            }
        },
        move |error| match error.kind() {
            ErrorKind::Xrun => meters.backend_xruns.add(1),
            // The stream plays on, only without priority or on another device.
            ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => {}
            ErrorKind::StreamInvalidated => loser.set_lost(Loss::Changed),
            _ => loser.set_lost(Loss::Gone),
        },
        Some(OPEN_TIMEOUT),
    )
}

/// Stereo onto the first two of a device's channels, or their mean onto its only one.
fn spread<T: Sample + FromSample<f32>>(block: &[f32], out: &mut [T], channels: usize) {
    for (frame, slots) in block.chunks_exact(2).zip(out.chunks_exact_mut(channels)) {
        match slots {
            [mono] => *mono = T::from_sample(0.5 * (frame[0] + frame[1])),
            [left, right, rest @ ..] => {
                *left = T::from_sample(frame[0]);
                *right = T::from_sample(frame[1]);
                rest.fill(T::EQUILIBRIUM);
            }
            [] => {}
        }
    }
}
