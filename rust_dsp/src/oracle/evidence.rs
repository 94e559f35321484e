//! What the past says of single chords: how well the places agree that each of them followed.

use super::places::follower;
use super::recall::Memory;
use super::review::CANDIDATES;
use super::session::Session;
use super::token::{transposed, CHORDS, WIDTH};

/// Kinds of evidence for one chord.
pub const EVIDENCE: usize = 18;
/// Tolerant agreement from which a place at whole phrases counts.
const ALIKE: u8 = 12;
/// Unbroken agreement of one chord, two, four.
const AGREES: [u8; ORDERS] = [1, 8, 16];
const ORDERS: usize = 3;
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
    /// whether it stood here a number of phrases ago; its share of what came after the last chord, two, four; whether it
    /// came the last time after these four; the time before that after two, after four.
    pub known: [[f32; EVIDENCE]; CANDIDATES],
    /// Whether the session was asked.
    pub is_collected: bool,
}

impl Evidence {
    /// Nothing is known of these chords.
    ///
    /// Realtime-safe: yes.
    pub fn none(tokens: [u8; CANDIDATES]) -> Self {
        Self { tokens, known: [[0.0; EVIDENCE]; CANDIDATES], is_collected: false }
    }

    /// Collects what is known of these chords, `step` events ahead.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn collect(session: &Session, step: usize, tokens: [u8; CANDIDATES]) -> Self {
        let mut slots = [NONE; WIDTH];
        for (slot, &token) in tokens.iter().enumerate() {
            slots[token as usize] = slot as u8;
        }
        let mut evidence = Self { is_collected: true, ..Self::none(tokens) };
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
        let (mut turns, mut totals) = ([0u8; ORDERS], [0u16; ORDERS]);
        for memory in &session.memories {
            let Some(token) = follower(&session.past, memory.index as usize, step) else { continue };
            let agrees = AGREES.map(|least| memory.agreement[0] >= least);
            if let Some(best) = best.get_mut(slots[token as usize] as usize) {
                best.hear(memory, agrees, turns);
            }
            for order in 0..ORDERS {
                turns[order] = turns[order].saturating_add(u8::from(agrees[order]));
                totals[order] += u16::from(agrees[order]);
            }
        }
        for (known, best) in self.known.iter_mut().zip(&best) {
            for (to, from) in [(0, 0), (1, 1), (4, 2), (5, 3)] {
                known[to] = f32::from(best.agreement[from]) / 64.0;
            }
            known[2] = f32::from(best.lately[0]) / 16_384.0;
            known[6] = f32::from(best.lately[1]) / 16_384.0;
            known[8] = f32::from(best.counts[0]);
            known[9] = f32::from(best.counts[1]);
            known[10] = f32::from(u8::from(best.is_last[0]));
            known[11] = f32::from(u8::from(best.is_phrase));
            for order in 0..ORDERS {
                known[12 + order] = f32::from(best.counts[order]) / (1.0 + f32::from(totals[order]));
            }
            known[15] = f32::from(u8::from(best.is_last[2]));
            known[16] = f32::from(u8::from(best.is_before[1]));
            known[17] = f32::from(u8::from(best.is_before[2]));
        }
    }
}

/// What the places know of one chord.
#[derive(Clone, Copy, Default)]
struct Best {
    agreement: [u8; 4],
    lately: [u16; 2],
    /// How often it came after the same one, two, four chords; whether it did the last time, and the time before.
    counts: [u16; ORDERS],
    is_last: [bool; ORDERS],
    is_before: [bool; ORDERS],
    is_phrase: bool,
}

impl Best {
    /// A place that it followed; which orders agree there, and at how many places since they did.
    #[inline(always)]
    fn hear(&mut self, memory: &Memory, agrees: [bool; ORDERS], turns: [u8; ORDERS]) {
        for (mine, other) in self.agreement.iter_mut().zip(memory.agreement) {
            *mine = (*mine).max(other);
        }
        for (mine, other) in self.lately.iter_mut().zip(memory.lately) {
            *mine = (*mine).max(other);
        }
        for order in 0..ORDERS {
            self.counts[order] += u16::from(agrees[order]);
            self.is_last[order] |= agrees[order] && turns[order] == 0;
            self.is_before[order] |= agrees[order] && turns[order] == 1;
        }
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
