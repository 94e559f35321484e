//! What the past says of single chords: how well the places agree that each of them followed.

use super::places::follower;
use super::recall::Memory;
use super::review::CANDIDATES;
use super::session::Session;
use super::token::{transposed, CHORDS, WIDTH};

/// Kinds of evidence for one chord.
pub const EVIDENCE: usize = 12;
/// Tolerant agreement from which a place at whole phrases counts.
const ALIKE: u8 = 12;
/// Unbroken agreement of two chords.
const TWO: u8 = 8;
/// A chord that was heard longer ago was not heard.
const FORGOTTEN: u32 = 1_024;
const NONE: u8 = CANDIDATES as u8;

/// The chords, with what is known of each.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The chords.
    pub tokens: [u8; CANDIDATES],
    /// The best agreement of places that it followed: unbroken, tolerant, lately, transposed; the first three in beats;
    /// how lately it was heard; how often it came after this chord, after the last two; whether it did the last time;
    /// whether it stood here a number of phrases ago.
    pub known: [[f32; EVIDENCE]; CANDIDATES],
}

impl Evidence {
    /// Collects what is known of these chords, `step` events ahead.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn collect(session: &Session, step: usize, tokens: [u8; CANDIDATES]) -> Self {
        let mut slots = [NONE; WIDTH];
        for (slot, &token) in tokens.iter().enumerate() {
            slots[token as usize] = slot as u8;
        }
        let mut evidence = Self { tokens, known: [[0.0; EVIDENCE]; CANDIDATES] };
        evidence.ask_places(session, step, &slots);
        for place in &session.moved {
            let Some(token) = follower(&session.past, place.index as usize, step) else { continue };
            if let Some(known) = evidence.known.get_mut(slots[transposed(token, place.by) as usize] as usize)
            {
                known[3] = known[3].max(f32::from(place.evidence) / 64.0);
            }
        }
        for (known, &token) in evidence.known.iter_mut().zip(&tokens) {
            let age = session.age(token);
            known[7] = if age < FORGOTTEN { 1.0 / (1.0 + age as f32) } else { 0.0 };
            known[8] = (1.0 + known[8]).ln();
            known[9] = (1.0 + known[9]).ln();
        }
        evidence
    }

    #[inline(always)]
    fn ask_places(&mut self, session: &Session, step: usize, slots: &[u8; WIDTH]) {
        let mut best = [Best::default(); CANDIDATES];
        let mut is_first = true;
        for memory in &session.memories {
            let Some(token) = follower(&session.past, memory.index as usize, step) else { continue };
            let goes_on = memory.agreement[0] > 0;
            if let Some(best) = best.get_mut(slots[token as usize] as usize) {
                best.hear(memory, is_first && goes_on);
            }
            is_first &= !goes_on;
        }
        for (known, best) in self.known.iter_mut().zip(&best) {
            for (to, from) in [(0, 0), (1, 1), (4, 2), (5, 3)] {
                known[to] = f32::from(best.agreement[from]) / 64.0;
            }
            known[2] = f32::from(best.lately[0]) / 16_384.0;
            known[6] = f32::from(best.lately[1]) / 16_384.0;
            known[8] = f32::from(best.after_one);
            known[9] = f32::from(best.after_two);
            known[10] = f32::from(u8::from(best.is_last_time));
            known[11] = f32::from(u8::from(best.is_phrase));
        }
    }
}

/// What the places know of one chord.
#[derive(Clone, Copy, Default)]
struct Best {
    agreement: [u8; 4],
    lately: [u16; 2],
    after_one: u16,
    after_two: u16,
    is_last_time: bool,
    is_phrase: bool,
}

impl Best {
    #[inline]
    fn hear(&mut self, memory: &Memory, is_last_time: bool) {
        for (mine, other) in self.agreement.iter_mut().zip(memory.agreement) {
            *mine = (*mine).max(other);
        }
        for (mine, other) in self.lately.iter_mut().zip(memory.lately) {
            *mine = (*mine).max(other);
        }
        self.after_one += u16::from(memory.agreement[0] > 0);
        self.after_two += u16::from(memory.agreement[0] >= TWO);
        self.is_last_time |= is_last_time;
        self.is_phrase |= memory.is_phrase && memory.agreement[1] >= ALIKE;
    }
}

const _: () = assert!(CANDIDATES < CHORDS);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::grid::Grid;
    use crate::oracle::profile::Profile;

    #[test]
    fn what_came_next_each_time_is_told_from_what_came_elsewhere() {
        let (mut session, profile) = (Session::new(Grid::Changes, 4), Profile::plain());
        for _ in 0..4 {
            for token in [0u8, 35, 49, 1] {
                session.observe(token, &profile);
                session.elapse(&[token; 4], 4, &profile);
            }
        }
        session.prepare();
        let tokens = [0, 35, 49, 1, 7, 14, 21, 28];
        let known = Evidence::collect(&session, 1, tokens).known;
        // After the last chord of the loop comes the first, as thrice before; the second does not, the fifth was never heard.
        assert!(
            known[0].iter().enumerate().all(|(kind, &number)| number > 0.0 || kind == 9),
            "{:?}",
            known[0]
        );
        assert_eq!((known[0][8], known[0][10], known[0][11]), (4f32.ln(), 1.0, 1.0));
        assert_eq!((known[1][0], known[1][10]), (0.0, 0.0));
        assert!(known[1][7] > 0.0);
        assert_eq!(known[4], [0.0; EVIDENCE]);
    }
}
