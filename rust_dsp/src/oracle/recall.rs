//! Recall: every place in the past that is somewhat like the present votes, as loud as training says such places should.
//!
//! A vote's loudness is the exponential of a sum of trained numbers, one for each thing known about the place: how long
//! it agrees, how long it agrees but for strange chords, how often of late, how long ago it was, and where in the
//! phrase. One layer of attention, with keys made by hand.

use super::gate::GATES;
use super::lags::Lags;
use super::maths::exp;
use super::past::Past;
use super::places::follower;
use super::ppm::{level, LEVELS};
use super::token::{Row, CHORDS, WIDTH};

const TOLERANT: usize = 16;
const PERIODS: usize = 10;
const AGES: usize = 14;
const PHRASES: usize = 10;
const MOVED: usize = 6;
/// Kinds of what is known about a place.
pub const KINDS: usize = 5;
/// Trained numbers for one gate: those of the kinds, then the doubt.
pub const NUMBERS: usize = LEVELS + 1 + TOLERANT + PERIODS + AGES + PHRASES + MOVED + 1;
/// Trained numbers in all.
pub const ALL_NUMBERS: usize = NUMBERS * GATES;
/// Weaker tolerant agreement does not vote.
const LEAST: u8 = 4;
/// Places this near may vote if they agree at all.
const NEAR: usize = 1_024;
/// Further ones must agree this well.
const STRONG: u8 = 14;
/// The most that vote.
const MOST: usize = 640;

/// A place: its distance less one, and which numbers tell its loudness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Distance less one.
    pub index: u16,
    /// One trained number of each kind.
    pub kinds: [u8; KINDS],
}

/// An empty list with room for all that may vote.
///
/// Realtime-safe: no.
pub fn room() -> Vec<Memory> {
    Vec::with_capacity(MOST)
}

/// Collects the places that vote; `bar` is the length of a bar in events.
///
/// Realtime-safe: yes.
pub fn collect(lags: &Lags, count: usize, bar: usize, memories: &mut Vec<Memory>) {
    memories.clear();
    for (chunk, block) in lags.soft[..count].chunks(32).enumerate() {
        let floor = if chunk * 32 < NEAR { LEAST } else { STRONG };
        if block.iter().copied().max().unwrap_or(0) < floor {
            continue;
        }
        for (offset, &soft) in block.iter().enumerate() {
            if soft >= floor && memories.len() < MOST {
                let index = chunk * 32 + offset;
                memories.push(Memory { index: index as u16, kinds: kinds(lags, index, soft, bar) });
            }
        }
    }
}

#[inline]
fn kinds(lags: &Lags, index: usize, soft: u8, bar: usize) -> [u8; KINDS] {
    let exact = lags.exact[index];
    let exact = if exact == 0 { 0 } else { level(exact) + 1 };
    let tolerant = LEVELS + 1 + if soft < 48 { usize::from(soft) / 6 } else { 7 + usize::from(soft) / 32 };
    let period = LEVELS + 1 + TOLERANT + usize::from(lags.slow[index] >> 12).min(PERIODS - 1);
    let distance = index + 1;
    let age = LEVELS + 1 + TOLERANT + PERIODS + (usize::BITS - distance.leading_zeros()) as usize;
    let phrase = LEVELS + 1 + TOLERANT + PERIODS + AGES + phrase(distance, bar);
    [exact as u8, tolerant as u8, period as u8, age.min(255) as u8, phrase as u8]
}

/// How a distance fits phrases: no whole bars, or bars whose number is odd, or divides by two, four, eight, sixteen.
#[inline]
fn phrase(distance: usize, bar: usize) -> usize {
    if distance % bar != 0 {
        return usize::from(distance * 2 % bar == 0);
    }
    2 + ((distance / bar).trailing_zeros() as usize).min(5)
}

/// What was voted.
pub struct Vote {
    /// Loudness by token.
    pub votes: Row,
    /// Loudness in all, with the doubt.
    pub sum: f32,
    /// The doubt.
    pub doubt: f32,
}

/// Trained numbers: for each gate those of the kinds, and the doubt.
#[derive(Clone, Debug)]
pub struct Recall {
    /// All of them.
    pub numbers: Vec<f32>,
}

impl Recall {
    /// Untrained: evidence counts, distance in whole bars counts.
    ///
    /// Realtime-safe: no.
    pub fn plain() -> Self {
        let mut one = [0.0; NUMBERS];
        for at in 0..=LEVELS {
            one[at] = 0.5 * at as f32 - 2.0;
        }
        for at in 0..TOLERANT {
            one[LEVELS + 1 + at] = 0.15 * at as f32;
        }
        for at in 0..PERIODS {
            one[LEVELS + 1 + TOLERANT + at] = 0.1 * at as f32;
        }
        let phrases = LEVELS + 1 + TOLERANT + PERIODS + AGES;
        one[phrases] = -1.0;
        one[phrases + 1] = -1.0;
        Self { numbers: one.repeat(GATES) }
    }

    /// The numbers of one gate.
    ///
    /// Realtime-safe: yes.
    pub fn of(&self, gate: usize) -> &[f32] {
        &self.numbers[gate * NUMBERS..(gate + 1) * NUMBERS]
    }

    /// How loud a place votes.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn loudness(numbers: &[f32], memory: &Memory) -> f32 {
        exp(memory.kinds.iter().map(|&kind| numbers[kind as usize]).sum())
    }

    /// All vote on the event `step` ahead.
    ///
    /// Realtime-safe: yes.
    pub fn vote(numbers: &[f32], past: &Past, memories: &[Memory], step: usize) -> Vote {
        let mut votes = [0.0; WIDTH];
        let doubt = exp(numbers[NUMBERS - 1]);
        let mut sum = doubt;
        for memory in memories {
            if let Some(token) = follower(past, memory.index as usize, step) {
                let loud = Self::loudness(numbers, memory);
                votes[token as usize] += loud;
                sum += loud;
            }
        }
        Vote { votes, sum, doubt }
    }
}

impl Vote {
    /// As probabilities; `base` is believed as far as there is doubt.
    ///
    /// Realtime-safe: yes.
    pub fn row(&self, base: &Row) -> Row {
        let mut row = *base;
        let scale = 1.0 / self.sum;
        for (mine, vote) in row[..CHORDS].iter_mut().zip(&self.votes) {
            *mine = (*vote + self.doubt * *mine) * scale;
        }
        row
    }
}
