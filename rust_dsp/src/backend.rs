//! What can open devices: the machine's own, or a test's.

use crate::request::Opened;
use crate::seat::Seat;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// A running device; dropping it closes it.
pub type Running = Box<dyn Any + Send>;

/// How a device is to be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// How long the last device has been gone; zero if it is not.
    pub lost_for: Duration,
    /// Whether the device may choose its own block: with the one that was asked for it opened, but did not play.
    pub is_lenient: bool,
}

/// Opens devices. Every device pulls its sound from the seat it was given, as long as it runs.
pub trait Backend: Send {
    /// Opens what is wanted.
    ///
    /// Realtime-safe: no (asks drivers).
    ///
    /// # Errors
    /// When it is not there or does not open; the text is for people.
    fn open(&mut self, seat: &Arc<Seat>, attempt: Attempt) -> Result<(Running, Opened), String>;

    /// Starts the null device: it pulls at real-time pace, and what it pulls is thrown away.
    ///
    /// Realtime-safe: no (starts a thread).
    ///
    /// # Errors
    /// When no thread can be started.
    fn open_null(&mut self, seat: &Arc<Seat>, rate: u32, frames: usize) -> Result<Running, String>;

    /// The id of the device that `open` would open now; `None` where the present one is right as long as it runs.
    ///
    /// Realtime-safe: no (asks drivers).
    fn preferred(&mut self) -> Option<String>;
}
