//! Sound cards through cpal: ALSA, CoreAudio, WASAPI.

use crate::callback::Callback;
use crate::hardware::DeviceInfo;
use crate::live::Voicing;
use crate::meters::Meters;
use crate::request::{DeviceRequest, Opened};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, Sample, SampleFormat, SizedSample};
use cpal::{StreamConfig, SupportedBufferSize, SupportedStreamConfigRange};
use std::sync::Arc;
use std::time::Duration;

/// The largest block rendered at once; a longer callback is rendered in pieces.
const MAX_FRAMES: usize = 8192;
/// How long a device may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
/// Rates worth offering.
const COMMON_RATES: [u32; 6] = [44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/// Every output device of every host but JACK.
///
/// Realtime-safe: no (asks drivers).
pub fn cards() -> Vec<DeviceInfo> {
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
    /// Opens a sound card and plays.
    ///
    /// Realtime-safe: no (opens a device).
    ///
    /// # Errors
    /// When there is no such host or device, or it does not open.
    pub fn open(
        request: &DeviceRequest,
        rate: u32,
        frames: usize,
        voicing: &mut Voicing,
    ) -> Result<(Self, Opened), String> {
        let host = find_host(request.host.as_deref())?;
        let device = find_device(&host, &request.device)?;
        let choice = choose(&device, rate, frames)?;
        let opened = Opened {
            host: host.id().to_string(),
            name: name_of(&device).unwrap_or_else(|| request.device.clone()),
            rate: choice.config.sample_rate,
            frames: choice.frames,
        };
        let meters = Arc::clone(&voicing.meters);
        let Some(callback) = voicing.callback(opened.rate, opened.frames) else {
            return Err("the processor is already in use".into());
        };
        let stream = match choice.format {
            SampleFormat::I16 => build::<i16>(&device, choice.config, callback, meters),
            SampleFormat::I32 => build::<i32>(&device, choice.config, callback, meters),
            _ => build::<f32>(&device, choice.config, callback, meters),
        };
        let stream = stream.map_err(|error| format!("{} did not open: {error}", opened.name))?;
        stream.play().map_err(|error| format!("{} did not start: {error}", opened.name))?;
        Ok((Self { _stream: stream }, opened))
    }
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
struct Choice {
    config: StreamConfig,
    format: SampleFormat,
    frames: usize,
}

/// The configuration nearest to what was asked: floats before integers, two channels before more.
fn choose(device: &cpal::Device, rate: u32, frames: usize) -> Result<Choice, String> {
    let ranges = device.supported_output_configs().map_err(|error| error.to_string())?;
    let cost = |range: &SupportedStreamConfigRange| {
        let format = match range.sample_format() {
            SampleFormat::F32 => 0,
            SampleFormat::I32 => 1,
            SampleFormat::I16 => 2,
            _ => return None,
        };
        let channels = match range.channels() {
            2 => 0,
            1 => 100,
            more => more,
        };
        let is_exact = (range.min_sample_rate()..=range.max_sample_rate()).contains(&rate);
        Some((!is_exact, channels, format))
    };
    let best = ranges
        .filter_map(|range| cost(&range).map(|cost| (cost, range)))
        .min_by_key(|(cost, _)| *cost)
        .map(|(_, range)| range)
        .ok_or("the device offers no format the engine can play")?;
    let rate = rate.clamp(best.min_sample_rate(), best.max_sample_rate());
    let mut config = best.with_sample_rate(rate).config();
    let frames = match best.buffer_size() {
        SupportedBufferSize::Range { min, max } => (frames as u32).clamp(*min, (*max).max(*min)),
        SupportedBufferSize::Unknown => frames as u32,
    };
    config.buffer_size = BufferSize::Fixed(frames);
    Ok(Choice { config, format: best.sample_format(), frames: frames as usize })
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mut callback: Callback,
    meters: Arc<Meters>,
) -> Result<cpal::Stream, cpal::Error> {
    let channels = usize::from(config.channels);
    let mut block = vec![0.0f32; 2 * MAX_FRAMES];
    device.build_output_stream::<T, _, _>(
        config,
        move |out, _| {
            for piece in out.chunks_mut(channels * MAX_FRAMES) {
                let block = &mut block[..2 * (piece.len() / channels)];
                callback.run(block);
                spread(block, piece, channels);
            }
        },
        move |error| match error.kind() {
            ErrorKind::Xrun => meters.backend_xruns.add(1),
            // The stream plays on, only without priority or on another device.
            ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => {}
            _ => meters.set_lost(),
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
