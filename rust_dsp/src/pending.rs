//! Events that wait for their time, earliest first, in a fixed space.

use crate::event::Event;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Events that may wait at once.
const CAPACITY: usize = 4096;
/// Places that only events which end sound may take.
const RESERVE: usize = 2048;

/// An event and its place among those of the same time.
#[derive(Clone, Copy)]
struct Waiting {
    event: Event,
    serial: u64,
}

impl Waiting {
    fn key(&self) -> (i64, u64) {
        (self.event.at_micros, self.serial)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// What became of an event that was to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It waits.
    Accepted,
    /// There was no room, and nothing hangs on it.
    Refused,
    /// There was no room, and a note might sound forever: everything must be silenced.
    Overflow,
}

/// The queue.
pub struct Pending {
    heap: BinaryHeap<Reverse<Waiting>>,
    serial: u64,
}

impl Pending {
    /// An empty queue.
    ///
    /// Realtime-safe: no (allocates its whole space).
    pub fn new() -> Self {
        Self { heap: BinaryHeap::with_capacity(CAPACITY), serial: 0 }
    }

    /// Lets an event wait.
    ///
    /// Realtime-safe: yes (never grows).
    pub fn push(&mut self, event: Event) -> Admission {
        let ends_sound = event.ends_sound();
        let room = if ends_sound { CAPACITY } else { CAPACITY - RESERVE };
        if self.heap.len() >= room {
            return if ends_sound { Admission::Overflow } else { Admission::Refused };
        }
        self.heap.push(Reverse(Waiting { event, serial: self.serial }));
        self.serial += 1;
        Admission::Accepted
    }

    /// When the next event is due, in its sender's microseconds.
    ///
    /// Realtime-safe: yes.
    pub fn next_micros(&self) -> Option<i64> {
        self.heap.peek().map(|waiting| waiting.0.event.at_micros)
    }

    /// Takes the next event and its serial number.
    ///
    /// Realtime-safe: yes.
    pub fn pop(&mut self) -> Option<(Event, u64)> {
        self.heap.pop().map(|Reverse(waiting)| (waiting.event, waiting.serial))
    }

    /// Forgets every waiting event that was pushed before `serial` and begins a sound; says how many.
    ///
    /// Realtime-safe: yes.
    pub fn forget_starts_before(&mut self, serial: u64) -> usize {
        let before = self.heap.len();
        self.heap.retain(|Reverse(waiting)| {
            waiting.serial > serial
                || waiting.event.ends_sound()
                || waiting.event.kind != crate::event::Kind::NoteOn as u8
        });
        before - self.heap.len()
    }

    /// Whether nothing waits.
    ///
    /// Realtime-safe: yes.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Whether another event of any kind finds room.
    ///
    /// Realtime-safe: yes.
    pub fn has_room(&self) -> bool {
        self.heap.len() < CAPACITY - RESERVE
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.heap.clear();
        self.serial = 0;
    }
}

impl Default for Pending {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_leave_in_order_of_time_then_of_arrival() {
        let mut pending = Pending::new();
        for (at, pitch) in [(5, 1), (3, 2), (5, 3), (4, 4)] {
            pending.push(Event::note_on(at, 0, pitch, 1));
        }
        let order: Vec<u8> = std::iter::from_fn(|| pending.pop()).map(|(e, _)| e.a).collect();
        assert_eq!(order, [2, 4, 1, 3]);
    }

    #[test]
    fn a_full_queue_refuses_starts_long_before_endings() {
        let mut pending = Pending::new();
        let mut accepted = 0;
        while pending.push(Event::note_on(0, 0, 60, 1)) == Admission::Accepted {
            accepted += 1;
        }
        assert_eq!(accepted, CAPACITY - RESERVE);
        for _ in 0..RESERVE {
            assert_eq!(pending.push(Event::note_off(0, 0, 60)), Admission::Accepted);
        }
        assert_eq!(pending.push(Event::note_off(0, 0, 60)), Admission::Overflow);
    }
}
