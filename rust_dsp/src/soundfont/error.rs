//! What is wrong with a SoundFont, and where.

use std::fmt;

/// Why some bytes are no SoundFont that can be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundFontError {
    /// The chunk it was found in, such as `pgen`.
    pub chunk: String,
    /// Where in the file, in bytes from its start.
    pub offset: usize,
    /// What was seen, and what is allowed.
    pub what: String,
}

impl SoundFontError {
    /// An error in a chunk.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(chunk: &str, offset: usize, what: impl Into<String>) -> Self {
        Self { chunk: chunk.to_owned(), offset, what: what.into() }
    }
}

impl fmt::Display for SoundFontError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at byte {}: {}", self.chunk, self.offset, self.what)
    }
}

impl std::error::Error for SoundFontError {}
