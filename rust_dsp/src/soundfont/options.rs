//! How a player is made.

use super::ensemble::Kernel;

/// How a player is made.
#[derive(Clone, Copy, Debug)]
pub struct SynthOptions {
    /// Sample rate in hertz.
    pub rate: u32,
    /// MIDI channels; every tenth of sixteen is percussion.
    pub channels: usize,
    /// Notes of one zone that may sound at once; fading ones come on top.
    pub polyphony: usize,
    /// The code that renders.
    pub kernel: Kernel,
}

impl Default for SynthOptions {
    fn default() -> Self {
        Self { rate: 48_000, channels: 16, polyphony: 256, kernel: Kernel::best() }
    }
}
