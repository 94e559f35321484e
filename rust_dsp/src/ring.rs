//! The wait-free way from the controller to the processor.

use crate::event::Event;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// Events the ring holds.
const CAPACITY: usize = 8192;
/// Places that only events which end sound may take.
const RESERVE: usize = 4096;

/// The controller's end.
pub struct EventSender {
    ring: rtrb::Producer<Event>,
    lost_an_ending: Arc<AtomicBool>,
}

/// The processor's end.
pub struct EventReceiver {
    ring: rtrb::Consumer<Event>,
    lost_an_ending: Arc<AtomicBool>,
}

/// A ring and its two ends.
///
/// Realtime-safe: no (allocates the ring).
pub fn event_ring() -> (EventSender, EventReceiver) {
    let (producer, consumer) = rtrb::RingBuffer::new(CAPACITY);
    let lost_an_ending = Arc::new(AtomicBool::new(false));
    let sender = EventSender { ring: producer, lost_an_ending: Arc::clone(&lost_an_ending) };
    let receiver = EventReceiver { ring: consumer, lost_an_ending };
    (sender, receiver)
}

impl EventSender {
    /// Sends an event; false when there was no room. If that event would have ended a sound, the processor is
    /// told to end every sound instead, so nothing hangs.
    ///
    /// Realtime-safe: yes.
    pub fn send(&mut self, event: Event) -> bool {
        let ends_sound = event.ends_sound();
        let has_room = ends_sound || self.ring.slots() > RESERVE;
        if has_room && self.ring.push(event).is_ok() {
            return true;
        }
        if ends_sound {
            self.lost_an_ending.store(true, Ordering::Release);
        }
        false
    }
}

impl EventReceiver {
    /// The next event, if there is one.
    ///
    /// Realtime-safe: yes.
    pub fn receive(&mut self) -> Option<Event> {
        self.ring.pop().ok()
    }

    /// Whether an event that ends sound was lost since the last call.
    ///
    /// Realtime-safe: yes.
    pub fn take_lost_ending(&self) -> bool {
        self.lost_an_ending.swap(false, Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_find_room_after_starts_do_not() {
        let (mut sender, mut receiver) = event_ring();
        let mut sent = 0;
        while sender.send(Event::note_on(0, 0, 60, 1)) {
            sent += 1;
        }
        assert_eq!(sent, CAPACITY - RESERVE);
        for _ in 0..RESERVE {
            assert!(sender.send(Event::note_off(0, 0, 60)));
        }
        assert!(!receiver.take_lost_ending());
        assert!(!sender.send(Event::note_off(0, 0, 60)));
        assert!(receiver.take_lost_ending() && !receiver.take_lost_ending());
        assert!(receiver.receive().is_some());
    }
}
