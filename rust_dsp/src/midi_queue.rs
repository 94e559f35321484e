//! MIDI messages on their way between a program and a real-time thread: whole, with their times, in fixed memory.

use rtrb::{Consumer, Producer, RingBuffer};

/// The longest message that is carried; longer ones (large system exclusives) are dropped and counted.
pub const LONGEST: usize = 246;
/// Messages that wait at most, each way.
pub const CAPACITY: usize = 1024;

/// One message and its time in microseconds of the server's clock.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// When it was heard, or is to be on the wire.
    pub at: u64,
    length: u8,
    bytes: [u8; LONGEST],
}

impl Message {
    /// A message, unless it is empty or too long.
    ///
    /// Realtime-safe: yes.
    pub fn new(at: u64, data: &[u8]) -> Option<Self> {
        if data.is_empty() || data.len() > LONGEST {
            return None;
        }
        let mut bytes = [0; LONGEST];
        bytes[..data.len()].copy_from_slice(data);
        Some(Self { at, length: data.len() as u8, bytes })
    }

    /// Its bytes, the status byte first.
    ///
    /// Realtime-safe: yes.
    pub fn data(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// A ring for messages.
///
/// Realtime-safe: no (allocates).
pub fn ring() -> (Producer<Message>, Consumer<Message>) {
    RingBuffer::new(CAPACITY)
}

/// What a real-time thread has still to send, in order of time; at the same time, as it came.
pub struct Agenda {
    incoming: Consumer<Message>,
    waiting: Vec<Message>,
}

impl Agenda {
    /// Nothing waits yet.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(incoming: Consumer<Message>) -> Self {
        Self { incoming, waiting: Vec::with_capacity(CAPACITY) }
    }

    /// Takes what has come in since; call it once a block.
    ///
    /// Realtime-safe: yes. What finds no room stays in the ring.
    pub fn take_in(&mut self) {
        while self.waiting.len() < CAPACITY {
            let Ok(message) = self.incoming.pop() else {
                return;
            };
            let place = self.waiting.partition_point(|waiting| waiting.at <= message.at);
            self.waiting.insert(place, message); // within the capacity: nothing is allocated
        }
    }

    /// Hands over, in order, everything due before `end`, until `send` refuses one.
    ///
    /// Realtime-safe: as far as `send` is.
    pub fn send_before(&mut self, end: u64, mut send: impl FnMut(&Message) -> bool) {
        let due = self.waiting.partition_point(|message| message.at < end);
        let sent = self.waiting[..due].iter().take_while(|message| send(message)).count();
        self.waiting.drain(..sent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_empty_or_too_long_is_no_message() {
        assert!(Message::new(0, &[]).is_none());
        assert!(Message::new(0, &[0; LONGEST + 1]).is_none());
        assert_eq!(Message::new(7, &[0xF8]).map(|message| message.data().to_vec()), Some(vec![0xF8]));
    }

    proptest! {
        #[test]
        fn everything_leaves_once_in_order_of_time_and_none_before_its_block(
            times in prop::collection::vec(0u64..10_000, 0..300), block in 1u64..2_000
        ) {
            let (mut producer, consumer) = ring();
            let mut agenda = Agenda::new(consumer);
            for (number, &at) in times.iter().enumerate() {
                let number = (number as u16).to_le_bytes();
                let message = Message::new(at, &number);
                prop_assert!(message.is_some_and(|message| producer.push(message).is_ok()));
            }
            let mut sent = Vec::new();
            for start in (0..=10_000).step_by(block as usize) {
                agenda.take_in();
                agenda.send_before(start + block, |message| {
                    sent.push((message.at, u16::from_le_bytes([message.data()[0], message.data()[1]])));
                    true
                });
                prop_assert!(sent.last().is_none_or(|last| last.0 < start + block));
            }
            let mut expected: Vec<_> = times.iter().copied().zip(0u16..).collect();
            expected.sort_unstable();
            prop_assert_eq!(sent, expected);
        }
    }

    #[test]
    fn what_the_port_refuses_is_sent_next_time() {
        let (mut producer, consumer) = ring();
        let mut agenda = Agenda::new(consumer);
        for at in 0..4 {
            assert!(Message::new(at, &[0xF8]).is_some_and(|message| producer.push(message).is_ok()));
        }
        agenda.take_in();
        let mut room = 2;
        agenda.send_before(10, |_| {
            room -= 1;
            room >= 0
        });
        let mut sent = Vec::new();
        agenda.send_before(10, |message| {
            sent.push(message.at);
            true
        });
        assert_eq!(sent, [2, 3]);
    }
}
