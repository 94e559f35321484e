//! The static tables: what chords do in general, in contexts from general to special.
//!
//! A context holds what followed it, with absolute discounting (Ney, Essen & Kneser 1994), and the share it leaves to
//! the more general one. Tokens are seen from the present root, so one table serves every key.

use super::context::Names;
use super::token::{Row, CHORDS, FAMILIES, SILENCE, WIDTH};

/// Steps of a stored logarithm: a byte holds exp(-byte / FINENESS).
pub const FINENESS: f32 = 24.0;

/// One context's entry.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    name: u32,
    first: u32,
    count: u16,
    share: f32,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    /// A hash table by name; a `count` of 0 is an empty place. Its size is a power of two.
    entries: Vec<Entry>,
    tokens: Vec<u8>,
    masses: Vec<f32>,
}

/// What a ladder is made of: for each context its name, how many followers, the share left over, then all followers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Names of the contexts.
    pub names: Vec<u32>,
    /// Followers of each.
    pub counts: Vec<u8>,
    /// What each leaves to the more general context, as a stored logarithm.
    pub shares: Vec<u8>,
    /// The followers of all, one context after the other.
    pub tokens: Vec<u8>,
    /// Their probabilities, as stored logarithms.
    pub masses: Vec<u8>,
}

impl Ladder {
    /// Builds the tables; None where the parts do not fit together.
    ///
    /// Realtime-safe: no.
    pub fn new(parts: &Parts) -> Option<Self> {
        let contexts = parts.names.len();
        let followers: usize = parts.counts.iter().map(|&count| count as usize).sum();
        let fits = parts.counts.len() == contexts
            && parts.shares.len() == contexts
            && parts.tokens.len() == followers
            && parts.masses.len() == followers
            && parts.tokens.iter().all(|&token| token <= SILENCE)
            && parts.counts.iter().all(|&count| count > 0);
        if !fits {
            return None;
        }
        let size = (contexts * 2).next_power_of_two().max(2);
        let mut ladder = Self { entries: vec![Entry::default(); size], ..Self::default() };
        let mut first = 0;
        for (context, &name) in parts.names.iter().enumerate() {
            let count = u16::from(parts.counts[context]);
            ladder.insert(Entry { name, first, count, share: stored(parts.shares[context]) });
            first += u32::from(count);
        }
        ladder.tokens.clone_from(&parts.tokens);
        ladder.masses = parts.masses.iter().map(|&mass| stored(mass)).collect();
        Some(ladder)
    }

    fn insert(&mut self, entry: Entry) {
        let mask = self.entries.len() - 1;
        let mut at = entry.name as usize & mask;
        while self.entries[at].count > 0 {
            at = (at + 1) & mask;
        }
        self.entries[at] = entry;
    }

    fn find(&self, name: u32) -> Option<&Entry> {
        let mask = self.entries.len().checked_sub(1)?;
        let mut at = name as usize & mask;
        while self.entries[at].count > 0 {
            if self.entries[at].name == name {
                return Some(&self.entries[at]);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Whether there is anything in it.
    ///
    /// Realtime-safe: yes.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// What follows in contexts of these names, seen from `root`; and how many of the contexts are known.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn predict(&self, names: &Names, root: u8) -> (Row, usize) {
        let mut row = [0.0; WIDTH];
        row[..CHORDS].fill(1.0 / CHORDS as f32);
        let mut known = 0;
        for &name in &names.0[..names.1] {
            let Some(entry) = self.find(name) else { continue };
            known += 1;
            for mass in &mut row {
                *mass *= entry.share;
            }
            let followers = entry.first as usize..entry.first as usize + entry.count as usize;
            for (&token, &mass) in self.tokens[followers.clone()].iter().zip(&self.masses[followers]) {
                row[token as usize] += mass;
            }
        }
        let sum: f32 = row.iter().sum();
        for mass in &mut row {
            *mass /= sum;
        }
        row[..SILENCE as usize].rotate_right(root as usize * FAMILIES);
        (row, known)
    }
}

fn stored(byte: u8) -> f32 {
    (-f32::from(byte) / FINENESS).exp()
}

/// A probability as it is stored.
///
/// Realtime-safe: yes.
pub fn to_stored(mass: f32) -> u8 {
    (-mass.max(1e-9).ln() * FINENESS).round().clamp(0.0, 255.0) as u8
}
