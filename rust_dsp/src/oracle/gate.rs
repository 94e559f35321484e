//! The gate: a small net that says how far each expert is to be believed now.

use super::experts::EXPERTS;
use super::maths::squash;

/// What the gate looks at.
pub const FEATURES: usize = SITUATION + 22;
/// Where among them those begin that are no expert's.
pub const SITUATION: usize = 4 * EXPERTS;
/// Hidden units.
pub const HIDDEN: usize = 24;
/// Numbers of one gate.
pub const NUMBERS: usize = HIDDEN * FEATURES + HIDDEN + EXPERTS * HIDDEN + EXPERTS;
/// Gates of one grid: one step ahead, two, three and four, five to eight, further; one step without a session.
pub const GATES: usize = 6;
/// The gate of those experts that know nothing of the session.
pub const COLD_GATE: usize = 5;

/// What the gate sees.
pub type Features = [f32; FEATURES];
/// How far each expert is believed: exponents of a product.
pub type Beliefs = [f32; EXPERTS];

/// The net's numbers: hidden weights and biases, output weights and biases.
#[derive(Clone, Debug)]
pub struct Gate {
    /// All of them, one after the other.
    pub numbers: Vec<f32>,
}

/// Which gate answers for `step` events ahead.
///
/// Realtime-safe: yes.
pub fn gate_of(step: usize) -> usize {
    match step {
        0..=1 => 0,
        2 => 1,
        3..=4 => 2,
        5..=8 => 3,
        _ => 4,
    }
}

impl Gate {
    /// Where the output weights begin.
    pub const OUTPUT: usize = HIDDEN * FEATURES + HIDDEN;
    /// Where the output biases begin.
    pub const BIAS: usize = Self::OUTPUT + EXPERTS * HIDDEN;

    /// A gate that believes everybody as far as experience says, whatever it sees.
    ///
    /// Realtime-safe: no.
    pub fn plain() -> Self {
        let mut numbers = vec![0.0; NUMBERS];
        numbers[Self::BIAS..].copy_from_slice(&[-0.03, -0.05, 0.0, 0.35, 0.1, 0.12, 0.27, 0.35, 0.14, 0.0]);
        Self { numbers }
    }

    /// What the hidden units say. Weights stand feature by feature, so that units are summed side by side.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn hidden(&self, features: &Features) -> [f32; HIDDEN] {
        let mut hidden = [0.0; HIDDEN];
        hidden.copy_from_slice(&self.numbers[HIDDEN * FEATURES..Self::OUTPUT]);
        for (weights, feature) in self.numbers.chunks_exact(HIDDEN).zip(features) {
            for (unit, weight) in hidden.iter_mut().zip(weights) {
                *unit += weight * feature;
            }
        }
        hidden.map(squash)
    }

    /// How far each expert is believed, from the hidden units.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn beliefs(&self, hidden: &[f32; HIDDEN]) -> Beliefs {
        let mut beliefs = [0.0; EXPERTS];
        beliefs.copy_from_slice(&self.numbers[Self::BIAS..]);
        for (weights, unit) in self.numbers[Self::OUTPUT..Self::BIAS].chunks_exact(EXPERTS).zip(hidden) {
            for (belief, weight) in beliefs.iter_mut().zip(weights) {
                *belief += weight * unit;
            }
        }
        beliefs
    }
}
