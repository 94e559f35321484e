//! What the session teaches of its own probabilities: Platt scaling (Platt 1999), learnt as it plays.
//!
//! Who knows nothing of a piece but its last chords is too sure in one piece and not sure enough in the next. How often
//! the likeliest chord came, where it was held so likely, puts that right.

/// How fast it learns, and forgets.
const RATE: f32 = 0.1;
const MEMORY: f32 = 0.998;
/// How much slower the slope learns.
const SLOPE_RATE: f32 = 0.5;
/// No correction is larger.
const MOST: f32 = 1.0;

/// Numbers that are kept of one.
pub const NUMBERS: usize = 2;

/// A line that log odds are moved by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Platt {
    offset: f32,
    slope: f32,
}

impl Platt {
    /// What a probability, between 0 and 1, is worth.
    ///
    /// Realtime-safe: yes.
    pub fn worth(self, probability: f32) -> f32 {
        if self == Self::default() {
            return probability;
        }
        let odds = log_odds(probability);
        1.0 / (1.0 + (-(odds + self.offset + self.slope * odds)).exp())
    }

    /// The likeliest chord was held this likely, and came or did not.
    ///
    /// Realtime-safe: yes.
    pub fn judge(&mut self, said: f32, came: bool) {
        let error = f32::from(u8::from(came)) - said;
        let odds = log_odds(said);
        self.offset = (self.offset * MEMORY + RATE * error).clamp(-MOST, MOST);
        self.slope = (self.slope * MEMORY + RATE * SLOPE_RATE * odds * error).clamp(-MOST / 2.0, MOST / 2.0);
    }

    /// Its numbers, to be kept.
    ///
    /// Realtime-safe: yes.
    pub fn numbers(self) -> [f32; NUMBERS] {
        [self.offset, self.slope]
    }

    /// From what [`Platt::numbers`] gave.
    ///
    /// Realtime-safe: yes.
    pub fn from_numbers(numbers: [f32; NUMBERS]) -> Self {
        Self { offset: numbers[0].clamp(-MOST, MOST), slope: numbers[1].clamp(-MOST / 2.0, MOST / 2.0) }
    }
}

fn log_odds(probability: f32) -> f32 {
    let inside = probability.clamp(1e-3, 1.0 - 1e-3);
    (inside / (1.0 - inside)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overconfidence_is_unlearnt() {
        let mut platt = Platt::default();
        assert!((platt.worth(0.8) - 0.8).abs() < 1e-6);
        for turn in 0..1_000 {
            let said = platt.worth(0.8);
            platt.judge(said, turn % 2 == 0);
        }
        assert!((platt.worth(0.8) - 0.5).abs() < 0.1, "{}", platt.worth(0.8));
        assert_eq!(Platt::from_numbers(platt.numbers()), platt);
    }
}
