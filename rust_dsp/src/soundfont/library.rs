//! A SoundFont file of any size: what is in it is known, and of its samples only those are loaded that are played.

use super::error::SoundFontError;
use super::font::SoundFont;
use super::records::Header;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file that was looked through; it is not kept open.
#[derive(Debug)]
pub struct Library {
    path: PathBuf,
    /// The name of the bank.
    pub name: String,
    /// Bank, program and name of each preset, by bank and program.
    pub presets: Vec<(u16, u16, String)>,
}

/// Why a file cannot be used.
#[derive(Debug)]
pub enum LibraryError {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It is no SoundFont, or a broken one.
    Broken(SoundFontError),
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Broken(error) => error.fmt(f),
        }
    }
}

impl Library {
    /// Looks through a file, without its samples.
    ///
    /// Realtime-safe: no (reads a file).
    ///
    /// # Errors
    /// It cannot be read, or is broken; compressed samples are not looked at before they are loaded.
    pub fn open(path: &Path) -> Result<Self, LibraryError> {
        let (name, headers) = with_bytes(path, SoundFont::check)?;
        let named = |header: Header| (header.bank, header.program, header.name);
        let mut presets: Vec<_> = headers.into_iter().map(named).collect();
        presets.sort_by_key(|preset| (preset.0, preset.1));
        presets.dedup_by_key(|preset| (preset.0, preset.1));
        Ok(Self { path: path.to_owned(), name, presets })
    }

    /// Whether there is such a preset.
    ///
    /// Realtime-safe: yes.
    pub fn has(&self, bank: u16, program: u16) -> bool {
        self.presets.binary_search_by_key(&(bank, program), |preset| (preset.0, preset.1)).is_ok()
    }

    /// The presets (bank, program) that are wanted, with their samples.
    ///
    /// Realtime-safe: no (reads a file, allocates).
    ///
    /// # Errors
    /// The file cannot be read any more, or what is wanted is broken.
    pub fn load(&self, wanted: impl Fn(u16, u16) -> bool) -> Result<SoundFont, LibraryError> {
        with_bytes(&self.path, |bytes| {
            SoundFont::parse_some(bytes, |header| wanted(header.bank, header.program))
        })
    }
}

/// What a function makes of a file's bytes; of a large one only those are read that it looks at.
fn with_bytes<T>(
    path: &Path,
    make: impl FnOnce(&[u8]) -> Result<T, SoundFontError>,
) -> Result<T, LibraryError> {
    let file = File::open(path).map_err(LibraryError::Unreadable)?;
    if file.metadata().map_err(LibraryError::Unreadable)?.len() == 0 {
        return make(&[]).map_err(LibraryError::Broken);
    }
    // SAFETY: the bytes are only read, and not after this function; every value is checked wherever it is used. Who
    // rewrites the file in these milliseconds gets an error or noise, and who cuts it short ends the process.
    let bytes = unsafe { memmap2::Mmap::map(&file) }.map_err(LibraryError::Unreadable)?;
    make(&bytes).map_err(LibraryError::Broken)
}
