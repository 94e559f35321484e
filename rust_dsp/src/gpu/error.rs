//! What can go wrong with a graphics processor, in one plain line.

use std::fmt;

/// Why something cannot be rendered on the graphics processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuError {
    /// There is none, or no driver for it.
    NoAdapter,
    /// It was found, but cannot be used.
    Unusable(String),
    /// It failed while at work.
    Failed(String),
    /// What it should do does not fit.
    TooLarge(String),
}

impl fmt::Display for GpuError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter if cfg!(target_os = "macos") => write!(f, "no GPU was found that speaks Metal"),
            Self::NoAdapter => write!(f, "no GPU was found that speaks Vulkan (is its driver installed?)"),
            Self::Unusable(why) => write!(f, "the GPU cannot be used: {why}"),
            Self::Failed(why) => write!(f, "the GPU failed: {why}"),
            Self::TooLarge(what) => write!(f, "the GPU has no room: {what}"),
        }
    }
}

impl std::error::Error for GpuError {}
