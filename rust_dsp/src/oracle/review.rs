//! The second look: the likeliest chords are weighed against each other once more, each by all that is known of it.
//!
//! The product believes an expert alike whatever chord it speaks for. Here a small net scores each of the likeliest
//! chords by what every expert says of it, by how well those places in the past agree that it followed, and by what
//! it would be here; the score is added to its logarithm.

use super::context::Context;
use super::evidence::{Evidence, EVIDENCE};
use super::experts::EXPERTS;
use super::gate::{GATES, SITUATION};
use super::maths::{exp, ln};
use super::mixer::Outlook;
use super::roles::{roles, Roles, CLASSES};
use super::token::{Row, CHORDS};

/// Chords that are looked at.
pub const CANDIDATES: usize = 8;
/// Chords that are weighed side by side.
const HALF: usize = CANDIDATES / 2;
/// Hidden units.
pub const HIDDEN: usize = 16;
/// What is known of each chord: the mixture's opinion, the experts', the places'.
const OWN: usize = 1 + EXPERTS + EVIDENCE;
/// What is the same for all of them, among the gate's features: how much was heard, how sure the places are, how well
/// it goes of late, whether beats are told; how long the last two chords lasted, and whether phrases are full here.
const SHARED: [usize; 15] = [0, 1, 2, 3, 4, 14, 15, 16, 21, 6, 7, 17, 18, 19, 20];
/// So many of them, the last, are left to the gate where nothing is known of the session.
const OF_PHRASES: usize = 6;
/// What the net looks at in numbers.
pub const INPUTS: usize = OWN + SHARED.len();
/// Numbers of one net.
pub const NUMBERS: usize = (INPUTS + 2 + CLASSES) * HIDDEN;
/// Where the rows of the roles begin.
pub const OF_ROLES: usize = (INPUTS + 2) * HIDDEN;
/// Numbers of all: one net for each gate.
pub const ALL_NUMBERS: usize = NUMBERS * GATES;
/// No score is larger.
const MOST: f32 = 6.0;

/// The chords that are looked at, with what the net sees of each.
#[derive(Clone, Debug)]
pub struct Candidates {
    /// Their tokens.
    pub tokens: [u8; CANDIDATES],
    /// Their probabilities before.
    pub masses: [f32; CANDIDATES],
    /// What each would be.
    pub roles: [Roles; CANDIDATES],
    /// What is the net's to see.
    pub inputs: [[f32; INPUTS]; CANDIDATES],
}

/// The nets' numbers: weights input by input, biases, output weights.
#[derive(Clone, Debug)]
pub struct Review {
    /// All of them, one net after the other.
    pub numbers: Vec<f32>,
}

impl Review {
    /// Nets that change nothing.
    ///
    /// Realtime-safe: no.
    pub fn plain() -> Self {
        Self { numbers: vec![0.0; ALL_NUMBERS] }
    }

    /// The numbers of the net that goes with a gate.
    ///
    /// Realtime-safe: yes.
    pub fn of(&self, gate: usize) -> &[f32] {
        &self.numbers[gate * NUMBERS..(gate + 1) * NUMBERS]
    }
}

/// The likeliest tokens of a mixture, the likeliest first.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn likeliest(mixed: &Row) -> [u8; CANDIDATES] {
    let (mut tokens, mut masses) = ([0u8; CANDIDATES], [-1.0f32; CANDIDATES]);
    for (token, &mass) in mixed[..CHORDS].iter().enumerate() {
        if mass <= masses[CANDIDATES - 1] {
            continue;
        }
        let mut at = CANDIDATES - 1;
        while at > 0 && masses[at - 1] < mass {
            (masses[at], tokens[at]) = (masses[at - 1], tokens[at - 1]);
            at -= 1;
        }
        (masses[at], tokens[at]) = (mass, token as u8);
    }
    tokens
}

impl Candidates {
    /// Looks at the likeliest chords of `mixed`; experts that are silenced say what all say.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn look(
        mixed: &Row,
        outlook: &Outlook,
        evidence: &Evidence,
        silenced: &[bool; EXPERTS],
        context: &Context,
    ) -> Self {
        let tokens = evidence.tokens;
        let mut inputs = [[0.0; INPUTS]; CANDIDATES];
        let situation = SHARED.map(|place| outlook.features[SITUATION + place]);
        for ((input, &token), known) in inputs.iter_mut().zip(&tokens).zip(&evidence.known) {
            let all = ln(mixed[token as usize] + 1e-6);
            input[0] = scaled(all);
            for (expert, row) in outlook.opinions.iter().enumerate() {
                input[1 + expert] = scaled(if silenced[expert] { all } else { row[token as usize] });
            }
            input[1 + EXPERTS..OWN].copy_from_slice(known);
            input[OWN..].copy_from_slice(&situation);
            if !evidence.is_collected {
                input[INPUTS - OF_PHRASES..].fill(0.0);
            }
        }
        let key = context.key();
        let roles = tokens.map(|token| roles(context, key, token));
        Self { tokens, masses: tokens.map(|token| mixed[token as usize]), roles, inputs }
    }
}

/// Logarithms as the net sees them.
fn scaled(log: f32) -> f32 {
    log * 0.25 + 1.0
}

/// The hidden units of a net, for one chord.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn hidden(numbers: &[f32], input: &[f32; INPUTS], roles: &Roles) -> [f32; HIDDEN] {
    let mut hidden = [0.0; HIDDEN];
    hidden.copy_from_slice(&numbers[INPUTS * HIDDEN..(INPUTS + 1) * HIDDEN]);
    for (weights, value) in numbers[..INPUTS * HIDDEN].chunks_exact(HIDDEN).zip(input) {
        for (unit, weight) in hidden.iter_mut().zip(weights) {
            *unit += weight * value;
        }
    }
    add_roles(numbers, roles, &mut hidden);
    hidden.map(|unit| unit.max(0.0))
}

#[inline(always)]
fn add_roles(numbers: &[f32], roles: &Roles, hidden: &mut [f32; HIDDEN]) {
    for &role in roles {
        let row = &numbers[OF_ROLES + usize::from(role) * HIDDEN..][..HIDDEN];
        for (unit, weight) in hidden.iter_mut().zip(row) {
            *unit += weight;
        }
    }
}

/// The same for half of the chords, side by side.
#[inline(always)]
fn hidden_of_half(
    numbers: &[f32],
    inputs: &[[f32; INPUTS]; HALF],
    roles: &[Roles; HALF],
) -> [[f32; HIDDEN]; HALF] {
    let mut bias = [0.0; HIDDEN];
    bias.copy_from_slice(&numbers[INPUTS * HIDDEN..(INPUTS + 1) * HIDDEN]);
    let add = |units: [f32; HIDDEN], weights: &[f32; HIDDEN], value: f32| -> [f32; HIDDEN] {
        std::array::from_fn(|unit| units[unit] + weights[unit] * value)
    };
    // One by one, so that they stay in registers.
    let (mut first, mut second, mut third, mut fourth) = (bias, bias, bias, bias);
    for at in 0..INPUTS {
        let Some(weights) = numbers[at * HIDDEN..].first_chunk() else { break };
        first = add(first, weights, inputs[0][at]);
        second = add(second, weights, inputs[1][at]);
        third = add(third, weights, inputs[2][at]);
        fourth = add(fourth, weights, inputs[3][at]);
    }
    let hidden = [first, second, third, fourth];
    std::array::from_fn(|at| {
        let mut units = hidden[at];
        add_roles(numbers, &roles[at], &mut units);
        units.map(|unit| unit.max(0.0))
    })
}

/// The score of a chord with these hidden units.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn score(numbers: &[f32], hidden: &[f32; HIDDEN]) -> f32 {
    let weights = &numbers[(INPUTS + 1) * HIDDEN..OF_ROLES];
    hidden.iter().zip(weights).map(|(unit, weight)| unit * weight).sum::<f32>().clamp(-MOST, MOST)
}

/// Scores the candidates and gives each its new share of `mixed`.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn apply(numbers: &[f32], candidates: &Candidates, mixed: &mut Row) {
    let Candidates { tokens, inputs, roles, .. } = candidates;
    for half in [0, HALF] {
        let place = |at: usize| half + at;
        let inputs = std::array::from_fn(|at| inputs[place(at)]);
        let roles = std::array::from_fn(|at| roles[place(at)]);
        for (&token, units) in tokens[half..].iter().zip(&hidden_of_half(numbers, &inputs, &roles)) {
            mixed[token as usize] *= exp(score(numbers, units));
        }
    }
    let scale = 1.0 / mixed[..CHORDS].iter().sum::<f32>();
    for mass in &mut mixed[..CHORDS] {
        *mass *= scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::roles::ROLES;
    use crate::oracle::token::WIDTH;

    #[test]
    fn the_likeliest_stand_in_order_each_once() {
        let mut row = [0.0; WIDTH];
        for token in 0..CHORDS {
            row[token] = ((token * 37) % CHORDS) as f32;
        }
        let found = likeliest(&row);
        assert!(found.windows(2).all(|pair| row[pair[0] as usize] > row[pair[1] as usize]));
        assert_eq!(row[found[0] as usize], 84.0);
        assert_eq!(row[found[CANDIDATES - 1] as usize], 85.0 - CANDIDATES as f32);
    }

    #[test]
    fn a_plain_net_changes_nothing() {
        let mut row = [0.0; WIDTH];
        row[..CHORDS].fill(1.0 / CHORDS as f32);
        let before = row;
        let candidates = Candidates {
            tokens: likeliest(&row),
            masses: [1.0 / CHORDS as f32; CANDIDATES],
            roles: [[0; ROLES]; CANDIDATES],
            inputs: [[0.5; INPUTS]; CANDIDATES],
        };
        apply(Review::plain().of(0), &candidates, &mut row);
        assert!(row.iter().zip(&before).all(|(after, before)| (after - before).abs() < 1e-5));
    }
}
