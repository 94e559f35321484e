//! What was heard, the newest first, in memory of fixed size.

use super::token::{root, shade, GAP};

/// The last events, newest first, as tokens, as the roots and shades they fall into, and when they began.
#[derive(Clone, Debug)]
pub struct Past {
    tokens: Vec<u8>,
    roots: Vec<u8>,
    shades: Vec<u8>,
    times: Vec<u32>,
    capacity: usize,
    start: usize,
    len: usize,
}

impl Past {
    /// An empty memory for `capacity` events.
    ///
    /// Realtime-safe: no.
    pub fn new(capacity: usize) -> Self {
        let room = || vec![GAP; 2 * capacity];
        Self {
            tokens: room(),
            roots: room(),
            shades: room(),
            times: vec![0; 2 * capacity],
            capacity,
            start: 2 * capacity,
            len: 0,
        }
    }

    /// Remembers one more, which begins at `time`; the oldest is forgotten where there is no room.
    ///
    /// Realtime-safe: yes.
    pub fn push(&mut self, token: u8, time: u32) {
        if self.start == 0 {
            let keep = self.len.min(self.capacity - 1);
            let end = 2 * self.capacity;
            for row in [&mut self.tokens, &mut self.roots, &mut self.shades] {
                row.copy_within(0..keep, end - keep);
            }
            self.times.copy_within(0..keep, end - keep);
            (self.start, self.len) = (end - keep, keep);
        }
        self.start -= 1;
        self.tokens[self.start] = token;
        self.roots[self.start] = if token == GAP { 0 } else { root(token) };
        self.shades[self.start] = if token == GAP { GAP } else { shade(token) };
        self.times[self.start] = time;
        self.len = (self.len + 1).min(self.capacity);
    }

    /// The tokens, newest first.
    ///
    /// Realtime-safe: yes.
    pub fn tokens(&self) -> &[u8] {
        &self.tokens[self.start..self.start + self.len]
    }

    /// Their roots.
    ///
    /// Realtime-safe: yes.
    pub fn roots(&self) -> &[u8] {
        &self.roots[self.start..self.start + self.len]
    }

    /// Their shades.
    ///
    /// Realtime-safe: yes.
    pub fn shades(&self) -> &[u8] {
        &self.shades[self.start..self.start + self.len]
    }

    /// When they began.
    ///
    /// Realtime-safe: yes.
    pub fn times(&self) -> &[u32] {
        &self.times[self.start..self.start + self.len]
    }

    /// How many there are.
    ///
    /// Realtime-safe: yes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was heard.
    ///
    /// Realtime-safe: yes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets everything.
    ///
    /// Realtime-safe: yes.
    pub fn clear(&mut self) {
        (self.start, self.len) = (2 * self.capacity, 0);
    }

    /// Becomes a copy of `other`, which must be as large.
    ///
    /// Realtime-safe: yes.
    pub fn copy_from(&mut self, other: &Self) {
        let used = other.start..other.start + other.len;
        for (mine, theirs) in [
            (&mut self.tokens, &other.tokens),
            (&mut self.roots, &other.roots),
            (&mut self.shades, &other.shades),
        ] {
            mine[used.clone()].copy_from_slice(&theirs[used.clone()]);
        }
        self.times[used.clone()].copy_from_slice(&other.times[used]);
        (self.start, self.len) = (other.start, other.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stands_first_and_the_oldest_goes() {
        let mut past = Past::new(8);
        for token in 0..50u8 {
            past.push(token, u32::from(token) * 3);
            assert_eq!((past.tokens()[0], past.times()[0]), (token, u32::from(token) * 3));
            assert_eq!(past.len(), 8.min(token as usize + 1));
            assert!(past.tokens().windows(2).all(|pair| pair[0] == pair[1] + 1));
        }
        let mut copy = Past::new(8);
        copy.copy_from(&past);
        assert_eq!((copy.tokens(), copy.times()), (past.tokens(), past.times()));
    }
}
