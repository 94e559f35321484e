//! Where a device finds what it is to play: a place for one callback, handed over without a lock.
//!
//! Every open stream has a seat of its own. The callback (and with it the processor, its voices and its clock) moves
//! from seat to seat, so the music outlives the device. The audio thread takes the callback out while it runs and
//! puts it back, two atomic operations; the control side takes it out for good when it is not running.

use crate::callback::Callback;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicU8, Ordering};
use std::sync::Arc;

/// Why a device is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Loss {
    /// It was unplugged, or its server ended.
    Gone = 1,
    /// Its format changed; it has to be opened again.
    Changed = 2,
    /// It stopped asking for sound.
    Stalled = 3,
    /// The file could not be written.
    File = 4,
}

impl Loss {
    /// What people are told.
    ///
    /// Realtime-safe: yes.
    pub fn text(self) -> &'static str {
        match self {
            Self::Gone => "the audio device is gone",
            Self::Changed => "the audio device changed its format",
            Self::Stalled => "the audio device stopped asking for sound",
            Self::File => "the sound file cannot be written",
        }
    }

    fn from_u8(byte: u8) -> Option<Self> {
        [Self::Gone, Self::Changed, Self::Stalled, Self::File].into_iter().find(|loss| *loss as u8 == byte)
    }
}

/// The place.
#[derive(Default)]
pub struct Seat {
    callback: AtomicPtr<Callback>,
    is_leaving: AtomicBool,
    is_silent: AtomicBool,
    pulls: AtomicU64,
    loss: AtomicU8,
}

impl Seat {
    /// An empty seat: its device plays silence.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The device asks for interleaved stereo.
    ///
    /// Realtime-safe: yes.
    pub fn pull(&self, out: &mut [f32]) {
        self.pulls.fetch_add(1, Ordering::Relaxed);
        let callback = self.callback.swap(null_mut(), Ordering::Acquire);
        if callback.is_null() {
            out.fill(0.0);
            return;
        }
        // SAFETY: the pointer came from a box in `place`, and the swap made this thread its only owner.
        let running = unsafe { &mut *callback };
        let is_silent = running.run(out, self.is_leaving.load(Ordering::Relaxed));
        self.is_silent.store(is_silent, Ordering::Relaxed);
        self.callback.store(callback, Ordering::Release);
    }

    /// Gives an empty seat its callback, which fades in.
    ///
    /// Realtime-safe: no (frees what sat there).
    pub fn place(&self, callback: Box<Callback>) {
        self.is_leaving.store(false, Ordering::Relaxed);
        self.is_silent.store(false, Ordering::Relaxed);
        let old = self.callback.swap(Box::into_raw(callback), Ordering::AcqRel);
        free(old);
    }

    /// Takes the callback out; `None` while the device runs it, or when there is none.
    ///
    /// Realtime-safe: yes.
    pub fn vacate(&self) -> Option<Box<Callback>> {
        let callback = self.callback.swap(null_mut(), Ordering::Acquire);
        // SAFETY: as in `pull`; from here on the box owns it again.
        (!callback.is_null()).then(|| unsafe { Box::from_raw(callback) })
    }

    /// Asks the callback to fade out (or in again, where `leaving` is false).
    ///
    /// Realtime-safe: yes.
    pub fn set_leaving(&self, leaving: bool) {
        self.is_silent.store(false, Ordering::Relaxed);
        self.is_leaving.store(leaving, Ordering::Relaxed);
    }

    /// Whether the callback has faded out.
    ///
    /// Realtime-safe: yes.
    pub fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::Relaxed)
    }

    /// How often the device asked for sound.
    ///
    /// Realtime-safe: yes.
    pub fn pulls(&self) -> u64 {
        self.pulls.load(Ordering::Relaxed)
    }

    /// The device will not play any more; the first reason stays.
    ///
    /// Realtime-safe: yes.
    pub fn set_lost(&self, loss: Loss) {
        let _ = self.loss.compare_exchange(0, loss as u8, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Why the device does not play any more, if so.
    ///
    /// Realtime-safe: yes.
    pub fn loss(&self) -> Option<Loss> {
        Loss::from_u8(self.loss.load(Ordering::Relaxed))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        free(*self.callback.get_mut());
    }
}

fn free(callback: *mut Callback) {
    if !callback.is_null() {
        // SAFETY: the pointer came from a box in `place`, and was swapped out, so it has no other owner.
        drop(unsafe { Box::from_raw(callback) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::HostClock;
    use crate::processor::Processor;

    fn callback() -> Box<Callback> {
        Box::new(Callback::new(Processor::offline(48_000, false), HostClock::new(0), 48_000))
    }

    #[test]
    fn an_empty_seat_is_silent_and_counts_on() {
        let seat = Seat::new();
        let mut out = [1.0; 8];
        seat.pull(&mut out);
        assert_eq!((out, seat.pulls()), ([0.0; 8], 1));
        assert!(seat.vacate().is_none());
    }

    #[test]
    fn a_callback_is_in_one_place_at_a_time_whatever_the_threads_do() {
        let (left, right) = (Seat::new(), Seat::new());
        left.place(callback());
        std::thread::scope(|scope| {
            let pullers: Vec<_> = [&left, &right]
                .map(|seat| {
                    scope.spawn(move || {
                        let mut out = [0.0; 32];
                        (0..2_000).for_each(|_| seat.pull(&mut out));
                    })
                })
                .into_iter()
                .collect();
            let (mut from, mut to) = (&left, &right);
            while !pullers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                if let Some(callback) = from.vacate() {
                    to.place(callback);
                    std::mem::swap(&mut from, &mut to);
                }
                std::thread::yield_now();
            }
        });
        assert_eq!(left.vacate().into_iter().chain(right.vacate()).count(), 1);
    }

    #[test]
    fn the_first_reason_of_a_loss_stays() {
        let seat = Seat::new();
        seat.set_lost(Loss::Changed);
        seat.set_lost(Loss::Gone);
        assert_eq!(seat.loss(), Some(Loss::Changed));
    }
}
