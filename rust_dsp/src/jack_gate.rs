//! One at a time at JACK's door: its library keeps global state that clients coming and going at once would break.

use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

static GATE: Mutex<()> = Mutex::new(());

/// Does something that opens clients or ports, while nobody else does. Not to be nested.
///
/// Realtime-safe: no (waits).
pub fn alone<R>(act: impl FnOnce() -> R) -> R {
    let _gate = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    act()
}

/// A client, or what holds one, that leaves through the gate.
pub struct Gated<T>(ManuallyDrop<T>);

impl<T> Gated<T> {
    /// Realtime-safe: yes.
    pub fn new(client: T) -> Self {
        Self(ManuallyDrop::new(client))
    }
}

impl<T> Deref for Gated<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Drop for Gated<T> {
    fn drop(&mut self) {
        // SAFETY: it is dropped here and nowhere else, and nobody can reach it afterwards.
        alone(|| unsafe { ManuallyDrop::drop(&mut self.0) });
    }
}
