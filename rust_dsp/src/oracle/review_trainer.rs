//! Fitting a second look: gradients of the logarithmic loss of what it leaves.

use super::adam::Adam;
use super::chance::Chance;
use super::maths::exp;
use super::review::{hidden, score, Candidates, CANDIDATES, HIDDEN, INPUTS, NUMBERS, OF_ROLES};

/// One net that learns.
pub struct ReviewTrainer {
    /// Its numbers as they are now.
    pub numbers: Vec<f32>,
    adam: Adam,
}

impl ReviewTrainer {
    /// Before the first lesson: a net that changes nothing.
    ///
    /// Realtime-safe: no.
    pub fn new(chance: &mut Chance) -> Self {
        let mut numbers = vec![0.0; NUMBERS];
        let scale = (3.0 / INPUTS as f32).sqrt();
        for number in &mut numbers[..INPUTS * HIDDEN] {
            *number = (2.0 * chance.share() - 1.0) * scale;
        }
        Self { numbers, adam: Adam::new(NUMBERS) }
    }

    /// One example: `token` came.
    ///
    /// Realtime-safe: no.
    pub fn learn(&mut self, candidates: &Candidates, token: u8, rate: f32) {
        let units = std::array::from_fn::<_, CANDIDATES, _>(|at| {
            hidden(&self.numbers, &candidates.inputs[at], &candidates.roles[at])
        });
        let mut masses = [0.0; CANDIDATES];
        for ((mass, before), units) in masses.iter_mut().zip(&candidates.masses).zip(&units) {
            *mass = before * exp(score(&self.numbers, units));
        }
        let rest = (1.0 - candidates.masses.iter().sum::<f32>()).max(0.0);
        let sum = masses.iter().sum::<f32>() + rest;
        for place in 0..CANDIDATES {
            let came = f32::from(u8::from(candidates.tokens[place] == token));
            self.add(candidates, place, &units[place], masses[place] / sum - came);
        }
        self.adam.count(&mut self.numbers, rate, 1e-5);
    }

    fn add(&mut self, candidates: &Candidates, place: usize, units: &[f32; HIDDEN], slope: f32) {
        let input = &candidates.inputs[place];
        let output = (INPUTS + 1) * HIDDEN;
        let mut by_unit = [0.0; HIDDEN];
        for unit in 0..HIDDEN {
            self.adam.gradient[output + unit] += slope * units[unit];
            by_unit[unit] = if units[unit] > 0.0 { slope * self.numbers[output + unit] } else { 0.0 };
        }
        for (row, value) in self.adam.gradient.chunks_exact_mut(HIDDEN).zip(input.iter().chain([&1.0])) {
            for (gradient, slope) in row.iter_mut().zip(&by_unit) {
                *gradient += slope * value;
            }
        }
        for &role in &candidates.roles[place] {
            let row = &mut self.adam.gradient[OF_ROLES + usize::from(role) * HIDDEN..][..HIDDEN];
            for (gradient, slope) in row.iter_mut().zip(&by_unit) {
                *gradient += slope;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::review::{apply, likeliest};
    use crate::oracle::roles::ROLES;
    use crate::oracle::token::WIDTH;

    #[test]
    fn what_tells_the_right_chord_apart_is_learnt() {
        let mut trainer = ReviewTrainer::new(&mut Chance::new(4));
        let mut row = [0.0; WIDTH];
        row[..CANDIDATES].fill(1.0 / CANDIDATES as f32);
        let tokens = likeliest(&row);
        let look = |right: usize| {
            let mut inputs = [[0.2; INPUTS]; CANDIDATES];
            inputs[right][5] = 1.0;
            let roles = [[0; ROLES]; CANDIDATES];
            Candidates { tokens, masses: [1.0 / CANDIDATES as f32; CANDIDATES], roles, inputs }
        };
        for turn in 0..12_800 {
            trainer.learn(&look(turn % CANDIDATES), tokens[turn % CANDIDATES], 0.03);
        }
        apply(&trainer.numbers, &look(3), &mut row);
        let (right, other) = (row[tokens[3] as usize], row[tokens[4] as usize]);
        assert!(right > 5.0 * other, "{right} and {other}");
    }
}
