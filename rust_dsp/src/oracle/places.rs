//! The places in the past whose own past is like ours, and how they vote on what comes next.

use super::lags::Lags;
use super::past::Past;
use super::token::{transposed, Row, CHORDS, GAP};

/// Evidence from which a place counts however long ago it was.
const STRONG: u8 = 12;
/// Weaker places count while they are this near.
const NEAR: usize = 768;
/// The most places that vote.
const MOST: usize = 640;
/// Places that are passed over together.
pub const BLOCK: usize = 32;
/// The most places of the tolerant votes.
const MOST_TOLERANT: usize = 96;

/// A place and the weight of its vote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its distance less one.
    pub index: u16,
    /// How well the past there agrees.
    pub evidence: u8,
    /// Semitones from there to here.
    pub by: u8,
    /// How loud it votes.
    pub weight: f32,
}

/// What stood `step` events after a place; the stretch up to now is taken to repeat where that is still to come.
///
/// Realtime-safe: yes.
#[inline]
pub fn follower(past: &Past, index: usize, step: usize) -> Option<u8> {
    let distance = index + 1;
    // Divisions are slow, and most places are further away than what is asked for.
    let turns = if step <= distance { 1 } else { step.div_ceil(distance) };
    past.tokens().get(distance * turns - step).copied().filter(|&token| token != GAP)
}

/// Votes are counted: a row of weights, and their sum.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn tally(past: &Past, places: &[Place], step: usize) -> (Row, f32) {
    let (mut row, mut sum) = ([0.0; super::token::WIDTH], 0.0);
    for place in places {
        if let Some(token) = follower(past, place.index as usize, step) {
            row[transposed(token, place.by) as usize] += place.weight;
            sum += place.weight;
        }
    }
    (row, sum)
}

/// Mixes counted votes with what is believed where nobody votes.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn with_escape(votes: &(Row, f32), escape: f32, base: &Row) -> Row {
    let scale = 1.0 / (votes.1 + escape);
    let mut row = *base;
    for (mine, vote) in row[..CHORDS].iter_mut().zip(&votes.0) {
        *mine = (*vote + escape * *mine) * scale;
    }
    row
}

/// Collects the places with an unbroken agreement: all that are strong, and weak ones that are near.
///
/// Realtime-safe: yes. `places` needs room for all that vote, see [`room`].
#[inline(always)]
pub fn collect_exact(lags: &Lags, count: usize, places: &mut Vec<Place>) {
    places.clear();
    let evidence = &lags.exact[..count];
    for (chunk, block) in evidence.chunks(BLOCK).enumerate() {
        if most(block) < STRONG {
            continue;
        }
        for (offset, &evidence) in block.iter().enumerate() {
            if evidence >= STRONG && places.len() < MOST {
                places.push(Place { index: (chunk * BLOCK + offset) as u16, evidence, by: 0, weight: 0.0 });
            }
        }
    }
    for (index, &evidence) in evidence[..count.min(NEAR)].iter().enumerate() {
        if evidence > 0 && evidence < STRONG && places.len() < MOST {
            places.push(Place { index: index as u16, evidence, by: 0, weight: 0.0 });
        }
    }
}

/// Collects the places whose number in `scores` is within `range` of the best and at least `least`; returns the best.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn collect_best<T: Copy + Ord + Default + Into<u32>>(
    scores: &[T],
    range: u32,
    least: u32,
    places: &mut Vec<Place>,
) -> u32 {
    places.clear();
    let top: u32 = most(scores).into();
    let floor = least.max(top.saturating_sub(range));
    if top < floor {
        return top;
    }
    for (chunk, block) in scores.chunks(BLOCK).enumerate() {
        if most(block).into() < floor {
            continue;
        }
        for (offset, &score) in block.iter().enumerate() {
            let score: u32 = score.into();
            if score >= floor && places.len() < MOST_TOLERANT {
                let index = (chunk * BLOCK + offset) as u16;
                places.push(Place { index, evidence: 0, by: 0, weight: (top - score) as f32 });
            }
        }
    }
    top
}

/// The highest of them, 0 where there is none.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn most<T: Copy + Ord + Default>(numbers: &[T]) -> T {
    numbers.iter().fold(T::default(), |most, &number| if number > most { number } else { most })
}

/// An empty list with room for every place that may vote.
///
/// Realtime-safe: no.
pub fn room() -> Vec<Place> {
    Vec::with_capacity(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_period_goes_round_until_it_reaches_the_asked_step() {
        let mut past = Past::new(16);
        for token in [7u8, 14, 21] {
            past.push(token, 0);
        }
        // Distance 3: the last three go round.
        let ahead: Vec<_> = (1..=6).map(|step| follower(&past, 2, step)).collect();
        assert_eq!(ahead, [7, 14, 21, 7, 14, 21].map(Some));
        assert_eq!(follower(&past, 0, 5), Some(21));
    }
}
