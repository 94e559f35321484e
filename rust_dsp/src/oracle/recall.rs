//! Recall: every place in the past that is somewhat like the present votes, as loud as training says such places should.
//!
//! A vote's loudness is the exponential of a sum of trained numbers, one for each thing known about the place: how long
//! it agrees, how long it agrees but for strange chords, how often of late, how long ago it was, and where in the
//! phrase. One layer of attention, with keys made by hand.

use super::gate::{gate_of, COLD_GATE, GATES};
use super::grid::Grid;
use super::lags::Lags;
use super::maths::exp;
use super::past::Past;
use super::places::{follower, most, BLOCK};
use super::session::Session;
use super::timeline::Timeline;
use super::token::{Row, CHORDS, WIDTH};

/// Evidence at which a longer context begins.
const STEPS: [u8; 12] = [1, 4, 8, 12, 16, 20, 28, 40, 56, 80, 120, 200];

/// How many lengths of context there are.
const LEVELS: usize = STEPS.len();

/// Classes of the unbroken agreement, of that which survives strange chords, and of the share of late agreement.
const EXACT: usize = LEVELS + 1;
const TOLERANT: usize = 16;
const PERIODS: usize = 10;
const AGES: usize = 14;
const PHRASES: usize = 10;
/// Kinds of what is known about a place, first by events, then by beats.
pub const KINDS: usize = 9;
/// Where the numbers of each kind begin; those by beats have a class for what is not known.
const FIRST: [usize; KINDS] = {
    let sizes = [EXACT, TOLERANT, PERIODS, AGES, PHRASES, EXACT + 1, TOLERANT + 1, PERIODS + 1, PHRASES + 1];
    let (mut first, mut at) = ([0; KINDS], 1);
    while at < KINDS {
        first[at] = first[at - 1] + sizes[at - 1];
        at += 1;
    }
    first
};
/// Kinds that are known without beats.
const BY_EVENTS: usize = 5;
/// Bars of a phrase.
const PHRASE: usize = 4;
/// The number that is the doubt.
const DOUBT: usize = FIRST[KINDS - 1] + PHRASES + 1;
/// Trained numbers for one gate: those of the kinds, then the doubt.
pub const NUMBERS: usize = DOUBT + 1;
/// Trained numbers in all.
pub const ALL_NUMBERS: usize = NUMBERS * GATES;
/// Weaker tolerant agreement does not vote.
const LEAST: u8 = 4;
/// Places this near may vote if they agree at all.
const NEAR: usize = 1_024;
/// Further ones must agree this well.
const STRONG: u8 = 14;
/// No place is louder than this exponent, whatever the numbers.
const MOST_LOUD: f32 = 40.0;
/// The most that vote.
const MOST: usize = 640;

/// A place: its distance less one, and which numbers tell its loudness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// Distance less one.
    pub index: u16,
    /// One trained number of each kind.
    pub kinds: [u8; KINDS],
    /// How it agrees, unbroken and tolerant, by events and by beats.
    pub agreement: [u8; 4],
    /// The shares of late agreement, by events and by beats.
    pub lately: [u16; 2],
    /// Whether it is whole phrases of four bars ago.
    pub is_phrase: bool,
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
#[inline(always)]
pub fn collect(
    lags: &Lags,
    past: &Past,
    line: &Timeline,
    count: usize,
    bar: usize,
    memories: &mut Vec<Memory>,
) {
    memories.clear();
    for (chunk, block) in lags.soft[..count].chunks(BLOCK).enumerate() {
        let floor = if chunk * BLOCK < NEAR { LEAST } else { STRONG };
        if most(block) < floor {
            continue;
        }
        for (offset, &soft) in block.iter().enumerate() {
            if soft >= floor && memories.len() < MOST {
                let index = chunk * BLOCK + offset;
                let mut memory = by_events(lags, index, soft, bar);
                if line.now() > 0 {
                    by_beats(line, past.times()[index], &mut memory);
                }
                memories.push(memory);
            }
        }
    }
}

#[inline]
fn by_events(lags: &Lags, index: usize, soft: u8, bar: usize) -> Memory {
    let distance = index + 1;
    let age = (usize::BITS - distance.leading_zeros()) as usize;
    let mut kinds = FIRST.map(|first| first as u8);
    let (exact, slow) = (lags.exact[index], lags.slow[index]);
    kinds[0] += unbroken(exact);
    kinds[1] += tolerant(soft);
    kinds[2] += lately(slow);
    kinds[3] += age.min(AGES - 1) as u8;
    kinds[4] += phrase(distance, bar);
    let (agreement, lately) = ([exact, soft, 0, 0], [slow, 0]);
    Memory { index: index as u16, kinds, agreement, lately, is_phrase: false }
}

#[inline]
fn by_beats(line: &Timeline, time: u32, memory: &mut Memory) {
    if let Some(there) = line.agreement(time) {
        let (kinds, bar) = (&mut memory.kinds, usize::from(line.bar()));
        kinds[5] += 1 + unbroken(there.exact);
        kinds[6] += 1 + tolerant(there.soft);
        kinds[7] += 1 + lately(there.slow);
        kinds[8] += 1 + phrase(there.beats, bar);
        (memory.agreement[2], memory.agreement[3]) = (there.exact, there.soft);
        memory.lately[1] = there.slow;
        memory.is_phrase = there.beats % (PHRASE * bar) == 0;
    }
}

#[inline]
fn unbroken(exact: u8) -> u8 {
    if exact == 0 {
        0
    } else {
        level(exact) as u8 + 1
    }
}

/// The length of context that some evidence stands for, 0 the shortest.
#[inline]
fn level(evidence: u8) -> usize {
    STEPS.iter().rposition(|&least| evidence >= least).unwrap_or(0)
}

#[inline]
fn tolerant(soft: u8) -> u8 {
    if soft < 48 {
        soft / 6
    } else {
        7 + soft / 32
    }
}

#[inline]
fn lately(slow: u16) -> u8 {
    ((slow >> 12) as u8).min(PERIODS as u8 - 1)
}

/// How a distance fits phrases: no whole bars, or bars whose number is odd, or divides by two, four, eight, sixteen.
#[inline]
fn phrase(distance: usize, bar: usize) -> u8 {
    if distance % bar != 0 {
        return u8::from(distance * 2 % bar == 0);
    }
    2 + ((distance / bar).trailing_zeros() as u8).min(6)
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
        for at in 0..EXACT {
            one[at] = 0.5 * at as f32 - 2.0;
        }
        for at in 0..TOLERANT {
            one[FIRST[1] + at] = 0.15 * at as f32;
        }
        for at in 0..PERIODS {
            one[FIRST[2] + at] = 0.1 * at as f32;
        }
        one[FIRST[4]] = -1.0;
        one[FIRST[4] + 1] = -1.0;
        Self { numbers: one.repeat(GATES) }
    }

    /// Whose numbers count: those of the step's gate; of the next event where beats are missing, those of the gate that
    /// recalls nothing.
    ///
    /// Realtime-safe: yes.
    pub fn gate_of(session: &Session, step: usize) -> usize {
        let is_free = session.grid != Grid::Beats && session.timeline.now() == 0;
        if is_free && step == 1 {
            COLD_GATE
        } else {
            gate_of(step)
        }
    }

    /// The numbers of one gate.
    ///
    /// Realtime-safe: yes.
    pub fn of(&self, gate: usize) -> &[f32] {
        &self.numbers[gate * NUMBERS..(gate + 1) * NUMBERS]
    }

    /// How loud a place votes, by the first `kinds` of what is known about it.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn loudness(numbers: &[f32], memory: &Memory, kinds: usize) -> f32 {
        exp(memory.kinds[..kinds].iter().map(|&kind| numbers[kind as usize]).sum::<f32>().min(MOST_LOUD))
    }

    /// How many kinds count: without beats those by events.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn kinds(is_timed: bool) -> usize {
        if is_timed {
            KINDS
        } else {
            BY_EVENTS
        }
    }

    /// All vote on the event `step` ahead.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn vote(numbers: &[f32], session: &Session, step: usize) -> Vote {
        let (past, kinds) = (&session.past, Self::kinds(session.timeline.now() > 0));
        let mut votes = [0.0; WIDTH];
        let doubt = exp(numbers[DOUBT]);
        let mut sum = doubt;
        for memory in &session.memories {
            if let Some(token) = follower(past, memory.index as usize, step) {
                let loud = Self::loudness(numbers, memory, kinds);
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
    #[inline(always)]
    pub fn row(&self, base: &Row) -> Row {
        let mut row = *base;
        let scale = 1.0 / self.sum;
        for (mine, vote) in row[..CHORDS].iter_mut().zip(&self.votes) {
            *mine = (*vote + self.doubt * *mine) * scale;
        }
        row
    }
}
