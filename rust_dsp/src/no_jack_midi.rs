//! What stands in for MIDI through JACK where it is not built in: nothing can be opened.

use crate::midi_queue::Message;
use std::convert::Infallible;
use std::os::fd::OwnedFd;

const ABSENT: &str = "the engine was built without JACK";

/// Cannot be opened.
pub struct Probe(Infallible);
/// Cannot be opened.
pub struct Input(Infallible);
/// Cannot be opened.
pub struct Output(Infallible);

impl Probe {
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: &str) -> Result<Self, String> {
        Err(ABSENT.into())
    }

    /// Realtime-safe: yes.
    pub fn ports(&self, _: bool) -> Vec<String> {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn close(self) {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn abandon(self) {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn block_micros(&self) -> u64 {
        match self.0 {}
    }
}

impl Input {
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: &str, _: &str, _: Option<&str>, _: OwnedFd) -> Result<Self, String> {
        Err(ABSENT.into())
    }

    /// Realtime-safe: yes.
    pub fn read(&mut self) -> Option<(Message, u64)> {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn is_alive(&self) -> bool {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn lost(&self) -> u64 {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn close(self) {
        match self.0 {}
    }
}

impl Output {
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// Always.
    pub fn open(_: &str, _: &str, _: Option<&str>) -> Result<Self, String> {
        Err(ABSENT.into())
    }

    /// Realtime-safe: yes.
    ///
    /// # Errors
    /// Never called.
    pub fn send(&mut self, _: &[u8], _: u64) -> Result<(), &'static str> {
        match self.0 {}
    }

    /// Realtime-safe: yes.
    pub fn close(self) {
        match self.0 {}
    }
}
