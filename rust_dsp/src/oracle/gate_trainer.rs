//! Fitting a gate to experts' opinions: gradients of the logarithmic loss, steps by Adam (Kingma & Ba 2015).

use super::adam::Adam;
use super::experts::EXPERTS;
use super::gate::{Gate, FEATURES, HIDDEN, NUMBERS};
use super::maths::squash;
use super::mixer::Outlook;
use super::pool::product;
use super::token::{Row, CHORDS};

/// A gate that learns.
pub struct GateTrainer {
    /// The gate as it is now.
    pub gate: Gate,
    adam: Adam,
    /// Loss and count since they were last taken.
    pub loss: (f64, u64),
}

impl GateTrainer {
    /// Starts from a gate.
    ///
    /// Realtime-safe: no.
    pub fn new(gate: Gate) -> Self {
        Self { gate, adam: Adam::new(NUMBERS), loss: (0.0, 0) }
    }

    /// One example: `token` came where `outlook` was. Returns the mixture that was expected.
    ///
    /// Realtime-safe: no.
    pub fn learn(&mut self, outlook: &Outlook, barred: Option<u8>, token: u8, rate: f32) -> Row {
        let hidden = self.gate.hidden(&outlook.features);
        let beliefs = self.gate.beliefs(&hidden);
        let mixed = product(&outlook.opinions, &beliefs, barred);
        let at = token as usize;
        self.loss.0 -= f64::from(mixed[at].max(1e-9).ln());
        self.loss.1 += 1;
        let mut by_belief = [0.0; EXPERTS];
        for (slope, row) in by_belief.iter_mut().zip(&outlook.opinions) {
            let expected: f32 = row[..CHORDS].iter().zip(&mixed).map(|(log, mass)| log * mass).sum();
            *slope = expected - row[at];
        }
        self.add(outlook, &hidden, &by_belief);
        self.adam.count(&mut self.gate.numbers, rate, 3e-4);
        mixed
    }

    fn add(&mut self, outlook: &Outlook, hidden: &[f32; HIDDEN], by_belief: &[f32; EXPERTS]) {
        let gradient = &mut self.adam.gradient;
        let mut by_hidden = [0.0; HIDDEN];
        for unit in 0..HIDDEN {
            let row = Gate::OUTPUT + unit * EXPERTS;
            for expert in 0..EXPERTS {
                by_hidden[unit] += self.gate.numbers[row + expert] * by_belief[expert];
                gradient[row + expert] += hidden[unit] * by_belief[expert];
            }
            // The slope of x / (1 + |x|), told by its value.
            by_hidden[unit] *= (1.0 - hidden[unit].abs()).powi(2);
        }
        for expert in 0..EXPERTS {
            gradient[Gate::BIAS + expert] += by_belief[expert];
        }
        for feature in 0..FEATURES {
            for unit in 0..HIDDEN {
                gradient[feature * HIDDEN + unit] += by_hidden[unit] * outlook.features[feature];
            }
        }
        for unit in 0..HIDDEN {
            gradient[HIDDEN * FEATURES + unit] += by_hidden[unit];
        }
    }

    /// Gives the hidden units different beginnings; without it they would all learn the same.
    ///
    /// Realtime-safe: no.
    pub fn scatter(&mut self, chance: &mut super::chance::Chance) {
        let scale = (3.0 / FEATURES as f32).sqrt();
        for number in &mut self.gate.numbers[..HIDDEN * FEATURES] {
            *number = (2.0 * chance.share() - 1.0) * scale;
        }
        debug_assert!(squash(0.0) == 0.0);
    }
}
