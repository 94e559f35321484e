//! How it stands with the device, for people.

use crate::request::Opened;
use std::sync::{Arc, Mutex, PoisonError};

/// Where the sound goes now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: nothing is open.
    #[default]
    Closed,
    /// To the device.
    Device,
    /// Nowhere: the device is not there; the null device keeps the music going and the device is looked for.
    Waiting,
}

impl Place {
    /// Its name.
    ///
    /// Realtime-safe: yes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Device => "playing",
            Self::Waiting => "lost",
        }
    }
}

/// How it stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Where the sound goes.
    pub place: Place,
    /// The device, or the last one.
    pub opened: Opened,
    /// What is wrong; empty if nothing is.
    pub trouble: String,
    /// How often a device was lost.
    pub losses: u64,
    /// How often the music moved to a device, the first time included.
    pub moves: u64,
}

/// Written where devices are looked after, read by whoever wants to know. Never by an audio thread.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Standing>>);

impl Board {
    /// A copy of what stands there.
    ///
    /// Realtime-safe: no (a lock).
    pub fn read(&self) -> Standing {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what stands there.
    ///
    /// Realtime-safe: no (a lock).
    pub fn write(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
