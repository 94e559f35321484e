//! What a probability is worth: how often the likeliest chord really came when it was this likely.

use super::gate::GATES;
use super::maths::highest;
use super::platt::Platt;
use super::token::{Row, CHORDS};

/// Knots of a curve; they stand at equal distances from 0 to 1.
const KNOTS: usize = 17;
/// Late losses, in nats, that part a piece that is foretold well from one that is foretold badly: it says how far its
/// own probabilities are to be trusted.
const LOSSES: [f32; 3] = [0.4, 0.9, 1.8];
/// Curves of one gate.
const CURVES: usize = LOSSES.len() + 1;
/// How much likelier than the next the likeliest stays at least.
const ORDER: f32 = 1.001;
/// Numbers of all curves.
pub const NUMBERS: usize = KNOTS * CURVES * GATES;

/// Curves for each gate, by how well it went of late.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// Their knots.
    pub numbers: Vec<f32>,
}

impl Calibration {
    /// Probabilities are worth what they say.
    ///
    /// Realtime-safe: no.
    pub fn plain() -> Self {
        Self { numbers: (0..NUMBERS).map(|at| (at % KNOTS) as f32 / (KNOTS - 1) as f32).collect() }
    }

    /// Moves the likeliest probability to its worth, by the loss of late and by what the session taught; the rest share
    /// what is left as before. The likeliest stays it.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn apply(&self, gate: usize, loss: f32, taught: Platt, row: &mut Row) {
        let most = highest(row);
        let top = row[..CHORDS].iter().position(|&mass| mass == most).unwrap_or(0);
        row[top] = 0.0;
        let second = highest(row);
        row[top] = most;
        let before = row[top].clamp(1e-4, 1.0 - 1e-4);
        // Equal at this worth; below it another chord would be likelier.
        let least = ORDER * second / (1.0 - before + second).max(1e-6);
        let worth = taught.worth(self.worth(curve(gate, loss), before));
        let after = worth.max(least.min(before)).clamp(1e-4, 1.0 - 1e-4);
        let scale = (1.0 - after) / (1.0 - row[top]).max(1e-4);
        for mass in &mut row[..CHORDS] {
            *mass *= scale;
        }
        row[top] = after;
        let sum: f32 = row[..CHORDS].iter().sum();
        for mass in &mut row[..CHORDS] {
            *mass /= sum;
        }
    }

    fn worth(&self, curve: usize, probability: f32) -> f32 {
        let place = probability * (KNOTS - 1) as f32;
        let at = (place as usize).min(KNOTS - 2);
        let part = place - at as f32;
        let knots = &self.numbers[curve * KNOTS..(curve + 1) * KNOTS];
        knots[at] * (1.0 - part) + knots[at + 1] * part
    }
}

/// Which curve counts.
fn curve(gate: usize, loss: f32) -> usize {
    gate * CURVES + LOSSES.iter().filter(|&&limit| loss > limit).count()
}

/// Counts how often the likeliest came.
#[derive(Clone, Debug)]
pub struct Calibrator {
    /// For each knot: weight, hits, and the probabilities said.
    sums: Vec<[f64; 3]>,
}

impl Calibrator {
    /// Nothing counted.
    ///
    /// Realtime-safe: no.
    pub fn new() -> Self {
        Self { sums: vec![[0.0; 3]; NUMBERS] }
    }

    /// `token` came where `row` was expected, and late losses were `loss`.
    ///
    /// Realtime-safe: no.
    pub fn count(&mut self, gate: usize, loss: f32, row: &Row, token: u8) {
        let top = (1..CHORDS).fold(0, |best, other| if row[other] > row[best] { other } else { best });
        let place = row[top].clamp(0.0, 1.0) * (KNOTS - 1) as f32;
        let at = (place as usize).min(KNOTS - 2);
        let part = f64::from(place - at as f32);
        for (knot, weight) in [(at, 1.0 - part), (at + 1, part)] {
            let sum = &mut self.sums[curve(gate, loss) * KNOTS + knot];
            sum[0] += weight;
            sum[1] += if top == token as usize { weight } else { 0.0 };
            sum[2] += weight * f64::from(row[top]);
        }
    }

    /// The curves: what was counted, held back towards what was said, and never falling.
    ///
    /// Realtime-safe: no.
    pub fn finish(&self) -> Calibration {
        let mut calibration = Calibration::plain();
        for (at, (number, sum)) in calibration.numbers.iter_mut().zip(&self.sums).enumerate() {
            let said = (at % KNOTS) as f64 / (KNOTS - 1) as f64;
            let excess = (sum[1] - sum[2]) / (sum[0] + 50.0);
            *number = (said + excess).clamp(0.0, 1.0) as f32;
        }
        for knots in calibration.numbers.chunks_mut(KNOTS) {
            for at in 1..KNOTS {
                knots[at] = knots[at].max(knots[at - 1]);
            }
        }
        calibration
    }
}

impl Default for Calibrator {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::token::WIDTH;

    #[test]
    fn overconfidence_is_taken_back_and_the_order_stays() {
        let mut row = [0.0; WIDTH];
        let mut calibrator = Calibrator::new();
        for at in 0..100_000 {
            // What is said is a tenth of itself too much, from 0.5 to 1.
            row[3] = 0.5 + 0.5 * (at % 100) as f32 / 100.0;
            row[5] = 1.0 - row[3];
            let comes = (at / 100) as f32 / 1_000.0 < row[3] * 0.9;
            calibrator.count(0, 0.0, &row, if comes { 3 } else { 5 });
        }
        (row[3], row[5]) = (0.9, 0.1);
        let calibration = calibrator.finish();
        calibration.apply(0, 0.0, Platt::default(), &mut row);
        assert!((row[3] - 0.81).abs() < 0.02, "{}", row[3]);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        (row[3], row[5]) = (0.51, 0.49);
        calibration.apply(0, 0.0, Platt::default(), &mut row);
        assert!(row[3] > row[5]);
    }
}
