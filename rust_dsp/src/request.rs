//! What the live engine is asked for, what it opened, and why it did not.

use std::fmt;
use std::path::PathBuf;

/// Sample rates the engine accepts.
pub const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// Block sizes the engine accepts.
pub const BLOCKS: std::ops::RangeInclusive<usize> = 1..=8192;

/// Where to play.
#[derive(Clone, Debug, Default)]
pub struct DeviceRequest {
    /// `null`, `wav`, `auto`, or a device's name.
    pub device: String,
    /// The host's name, or `None` for the usual one.
    pub host: Option<String>,
    /// The file of the `wav` device.
    pub wav_path: Option<PathBuf>,
    /// The sender's clock, now.
    pub now_micros: i64,
    /// Whether to begin on the null device where this one is not there, and to look for it meanwhile.
    pub is_patient: bool,
}

/// What was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The host.
    pub host: String,
    /// The device.
    pub name: String,
    /// Its sample rate in hertz.
    pub rate: u32,
    /// Its block in frames.
    pub frames: usize,
    /// What tells it from any other device of its host.
    pub id: String,
}

impl fmt::Display for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{} {} Hz/{}", self.host, self.name, self.rate, self.frames)
    }
}

/// Why the engine did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The request makes no sense.
    Request(String),
    /// The device could not be opened.
    Device(String),
    /// A file could not be written.
    File(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(what) | Self::Device(what) => formatter.write_str(what),
            Self::File(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for StartError {}
