//! For every distance back in time: how well the music there has agreed with the music here.
//!
//! The numbers are indexed by distance, so nothing moves when time does, and one event is a few passes over bytes
//! that compilers turn into vector code. Weights count evidence: a chord that changes says more than one that stays.

use super::past::Past;
use super::token::{root, shade};

/// The numbers, one of each for every distance; distance 1 stands at index 0.
#[derive(Clone, Debug)]
pub struct Lags {
    /// Evidence of an unbroken agreement, the same tokens.
    pub exact: Vec<u8>,
    /// Evidence that survives a strange chord, of which it loses a part.
    pub soft: Vec<u8>,
    /// The share of late events that agreed, slowly forgotten; 32,768 is all.
    pub slow: Vec<u16>,
    /// Evidence of an unbroken agreement up to transposition.
    pub moved: Vec<u8>,
    /// That transposition, from there to here, in semitones.
    pub by: Vec<u8>,
    forgetting: u32,
}

impl Lags {
    /// Nothing heard yet. `slow` forgets a share of 2^-`forgetting` an event.
    ///
    /// Realtime-safe: no.
    pub fn new(capacity: usize, forgetting: u32) -> Self {
        let bytes = || vec![0; capacity];
        Self {
            exact: bytes(),
            soft: bytes(),
            slow: vec![0; capacity],
            moved: bytes(),
            by: bytes(),
            forgetting,
        }
    }

    /// `token` comes after `past`, as `evidence` for or against every distance.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn observe(&mut self, past: &Past, token: u8, evidence: u8) {
        self.agree(past, token, evidence);
        self.agree_slowly(past, token);
        self.agree_moved(past, token, evidence);
    }

    #[inline(always)]
    fn agree(&mut self, past: &Past, token: u8, evidence: u8) {
        let count = past.len().min(self.exact.len());
        let (here_root, here_shade) = (root(token), shade(token));
        let half = evidence / 2;
        let there = past.tokens().iter().zip(past.roots()).zip(past.shades());
        let mine = self.exact[..count].iter_mut().zip(&mut self.soft[..count]);
        for ((exact, soft), ((&old, &old_root), &old_shade)) in mine.zip(there) {
            let same = old == token;
            let alike = ((old_root ^ here_root) | (old_shade ^ here_shade)) == 0;
            *exact = exact.saturating_add(evidence) & mask(same);
            let gain = half + ((evidence - half) & mask(same));
            let (kept, lost) = (soft.saturating_add(gain), (*soft / 2).saturating_sub(2));
            *soft = (kept & mask(alike)) | (lost & !mask(alike));
        }
    }

    #[inline(always)]
    fn agree_slowly(&mut self, past: &Past, token: u8) {
        let count = past.len().min(self.slow.len());
        let full = 32_768u16 >> self.forgetting;
        let (here_root, here_shade, part, forgetting) =
            (root(token), shade(token), full / 2, self.forgetting);
        let there = past.tokens().iter().zip(past.roots()).zip(past.shades());
        for (slow, ((&old, &old_root), &old_shade)) in self.slow[..count].iter_mut().zip(there) {
            let alike = ((old_root ^ here_root) | (old_shade ^ here_shade)) == 0;
            let gain = u16::from(alike) * part + u16::from(old == token) * (full - part);
            *slow = *slow - (*slow >> forgetting) + gain;
        }
    }

    #[inline(always)]
    fn agree_moved(&mut self, past: &Past, token: u8, evidence: u8) {
        let count = past.len().min(self.moved.len());
        let (here_root, here_shade) = (root(token) + 12, shade(token));
        let there = past.roots().iter().zip(past.shades());
        let mine = self.moved[..count].iter_mut().zip(&mut self.by[..count]);
        for ((moved, by), (&old_root, &old_shade)) in mine.zip(there) {
            let raw = here_root - old_root;
            let shift = if raw >= 12 { raw - 12 } else { raw };
            let before = *moved & mask(shift == *by);
            *moved = before.saturating_add(evidence) & mask(old_shade == here_shade);
            *by = shift;
        }
    }

    /// A song ends here: nothing agrees any more.
    ///
    /// Realtime-safe: yes.
    pub fn clear(&mut self) {
        self.exact.fill(0);
        self.soft.fill(0);
        self.slow.fill(0);
        self.moved.fill(0);
        self.by.fill(0);
    }

    /// Becomes a copy of the first `count` distances of `other`, which must be as large.
    ///
    /// Realtime-safe: yes.
    pub fn copy_from(&mut self, other: &Self, count: usize) {
        // One more than are in use: the next event begins it.
        let used = ..(count + 1).min(self.exact.len());
        self.exact[used].copy_from_slice(&other.exact[used]);
        self.soft[used].copy_from_slice(&other.soft[used]);
        self.slow[used].copy_from_slice(&other.slow[used]);
        self.moved[used].copy_from_slice(&other.moved[used]);
        self.by[used].copy_from_slice(&other.by[used]);
    }
}

/// All ones, or nothing: a choice without a branch.
#[inline(always)]
fn mask(choice: bool) -> u8 {
    0u8.wrapping_sub(u8::from(choice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::token::transposed;

    #[test]
    fn a_transposed_repeat_is_seen_at_its_distance() {
        let (mut past, mut lags) = (Past::new(64), Lags::new(64, 4));
        let phrase = [0u8, 35, 49, 1];
        let song = phrase.iter().copied().chain(phrase.iter().map(|&token| transposed(token, 3)));
        for token in song {
            lags.observe(&past, token, 4);
            past.push(token, 0);
        }
        assert_eq!((lags.moved[3], lags.by[3]), (16, 3));
        assert_eq!(lags.exact[3], 0);
    }

    #[test]
    fn one_strange_chord_breaks_the_exact_agreement_only() {
        let (mut past, mut lags) = (Past::new(64), Lags::new(64, 4));
        for place in 0..40usize {
            let token = if place == 36 { 84 } else { [0u8, 35, 49, 1][place % 4] };
            lags.observe(&past, token, 4);
            past.push(token, 0);
        }
        assert_eq!(lags.exact[3], 12);
        assert!(lags.soft[3] > 60);
        assert!(lags.slow[3] > 24_000);
    }
}
