//! The logarithmic opinion pool: opinions to the powers of beliefs, multiplied; and what stands in its way.

use super::experts::{Opinions, COLD, EXPERTS};
use super::gate::Beliefs;
use super::grid::Grid;
use super::maths::{highest, softmax};
use super::session::Session;
use super::token::{Row, CHORDS, SILENCE, WIDTH};

/// The likeliest token of those that know nothing of the session, together.
///
/// Realtime-safe: yes.
pub fn general_leader(opinions: &Opinions) -> usize {
    let mut row = opinions[0];
    for other in &opinions[1..COLD] {
        for (mine, log) in row.iter_mut().zip(other) {
            *mine += log;
        }
    }
    leader(&row)
}

/// The likeliest token.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn leader(row: &Row) -> usize {
    let most = highest(row);
    row[..CHORDS].iter().position(|&number| number == most).unwrap_or(0)
}

/// Whether beats are told, and whether here two, four, eight or sixteen whole bars are full.
///
/// Realtime-safe: yes.
pub fn phrases(session: &Session) -> [f32; 5] {
    let (now, bar) = (session.timeline.now(), u32::from(session.timeline.bar()));
    let full = |bars: u32| f32::from(u8::from(now > 0 && now % (bar * bars) == 0));
    [full(2), full(4), full(8), full(16), f32::from(u8::from(now > 0))]
}

/// Before the first chord of a song nobody knows: silence is the safest guess.
///
/// Realtime-safe: yes.
pub fn wait(row: &mut Row) {
    for mass in row.iter_mut() {
        *mass *= 0.4;
    }
    row[SILENCE as usize] += 0.6;
}

/// The token that cannot come, where events are changes.
///
/// Realtime-safe: yes.
pub fn barred(session: &Session, step: usize) -> Option<u8> {
    let now = session.past.tokens().first().copied().filter(|&token| (token as usize) < CHORDS);
    now.filter(|_| session.grid == Grid::Changes && step == 1)
}

/// The product of opinions to the powers of `beliefs`, as probabilities.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn product(opinions: &Opinions, beliefs: &Beliefs, barred: Option<u8>) -> Row {
    let mut row = [0.0; WIDTH];
    for (opinion, belief) in opinions.iter().zip(beliefs) {
        for (score, log) in row.iter_mut().zip(opinion) {
            *score += belief * log;
        }
    }
    if let Some(token) = barred {
        row[token as usize] = -1e4;
    }
    softmax(&mut row);
    row
}

/// The logarithm that each expert was expected to give to what comes: all of them side by side.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn expected(opinions: &Opinions, mixed: &Row) -> [f32; EXPERTS] {
    let mut sums = [0.0; EXPERTS];
    for (token, mass) in mixed.iter().enumerate() {
        for (sum, row) in sums.iter_mut().zip(opinions) {
            *sum += row[token] * mass;
        }
    }
    sums
}
