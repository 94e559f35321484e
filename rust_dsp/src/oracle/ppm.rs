//! Prediction by partial matching: contexts of every length, the longer ones first, each with its own doubt.
//!
//! Counts come from the places that agree with the present; evidence stands for the context's length. Escape method C
//! (Moffat 1990): a context that has had many different successors doubts more.

use super::past::Past;
use super::places::{follower, Place};
use super::token::{Row, CHORDS, WIDTH};

/// Evidence at which a longer context begins.
const STEPS: [u8; 12] = [1, 4, 8, 12, 16, 20, 28, 40, 56, 80, 120, 200];

/// How many lengths of context there are.
pub const LEVELS: usize = STEPS.len();

/// The length of context that some evidence stands for, 0 the shortest.
///
/// Realtime-safe: yes.
#[inline]
pub fn level(evidence: u8) -> usize {
    STEPS.iter().rposition(|&least| evidence >= least).unwrap_or(0)
}

/// Sorts places by the length of their context, the longest first, the nearest first among equals.
///
/// Realtime-safe: yes.
pub fn sort(places: &mut [Place], scratch: &mut Vec<Place>) {
    let mut starts = [0usize; LEVELS + 1];
    for place in places.iter() {
        starts[LEVELS - level(place.evidence)] += 1;
    }
    for at in 1..=LEVELS {
        starts[at] += starts[at - 1];
    }
    scratch.clear();
    scratch.extend_from_slice(places);
    for place in scratch.iter() {
        let at = LEVELS - 1 - level(place.evidence);
        places[starts[at]] = *place;
        starts[at] += 1;
    }
}

/// What comes `step` events on, from sorted places; `base` is believed where no context knows.
///
/// Realtime-safe: yes.
pub fn predict(past: &Past, places: &[Place], step: usize, base: &Row) -> Row {
    let (mut counts, mut row, mut doubt) = ([0.0f32; WIDTH], [0.0f32; WIDTH], 1.0f32);
    let (mut total, mut distinct, mut at) = (0.0f32, 0.0f32, 0);
    while at < places.len() {
        let here = level(places[at].evidence);
        let before = total;
        while at < places.len() && level(places[at].evidence) == here {
            if let Some(token) = follower(past, places[at].index as usize, step) {
                let count = &mut counts[token as usize];
                distinct += if *count == 0.0 { 1.0 } else { 0.0 };
                *count += 1.0;
                total += 1.0;
            }
            at += 1;
        }
        if total == before {
            continue;
        }
        let share = doubt / (total + distinct);
        for (mine, count) in row[..CHORDS].iter_mut().zip(&counts) {
            *mine += share * *count;
        }
        doubt *= distinct / (total + distinct);
    }
    for (mine, other) in row[..CHORDS].iter_mut().zip(base) {
        *mine += doubt * *other;
    }
    row
}
