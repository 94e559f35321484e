//! How well chords fit keys.

use super::token::{root, seen_from, CHORDS, SILENCE};

/// Log-likelihoods of chords, seen from the tonic, in major and in minor.
#[derive(Clone, Debug)]
pub struct Profile {
    fit: [[f32; CHORDS]; 2],
}

impl Profile {
    /// From counts of chords, seen from the tonic, in pieces in major and in minor.
    ///
    /// Realtime-safe: no.
    pub fn from_counts(counts: &[[f32; CHORDS]; 2]) -> Self {
        let mut fit = [[0.0; CHORDS]; 2];
        for (row, counts) in fit.iter_mut().zip(counts) {
            let total: f32 = counts.iter().sum::<f32>() + CHORDS as f32;
            for (fit, count) in row.iter_mut().zip(counts) {
                *fit = ((count + 1.0) / total * CHORDS as f32).ln();
            }
            row[SILENCE as usize] = 0.0;
        }
        Self { fit }
    }

    /// Without counts: the chords of the scale are likely, the tonic most.
    ///
    /// Realtime-safe: no.
    pub fn plain() -> Self {
        let mut counts = [[1.0; CHORDS]; 2];
        let major =
            [(0, 0, 90), (0, 3, 20), (2, 1, 25), (2, 4, 25), (4, 1, 15), (4, 4, 12), (5, 0, 70), (5, 3, 15)];
        let rest = [(7, 0, 60), (7, 2, 40), (9, 1, 40), (9, 4, 20), (10, 0, 10), (7, 6, 8)];
        let minor =
            [(0, 1, 90), (0, 4, 40), (3, 0, 40), (5, 1, 35), (5, 4, 15), (7, 1, 15), (7, 2, 25), (8, 0, 40)];
        let more = [(10, 0, 45), (3, 3, 10), (8, 3, 12), (2, 5, 12), (7, 4, 12), (7, 0, 12)];
        for (mode, chords) in [(0, &major[..]), (0, &rest[..]), (1, &minor[..]), (1, &more[..])] {
            for &(root, family, count) in chords {
                counts[mode][root * super::token::FAMILIES + family] += count as f32;
            }
        }
        Self::from_counts(&counts)
    }

    /// From numbers as [`Profile::numbers`] gives them; None where they are no such numbers.
    ///
    /// Realtime-safe: no.
    pub fn from_numbers(numbers: &[f32]) -> Option<Self> {
        let mut fit = [[0.0; CHORDS]; 2];
        if numbers.len() != 2 * CHORDS || numbers.iter().any(|x| !x.is_finite()) {
            return None;
        }
        fit[0].copy_from_slice(&numbers[..CHORDS]);
        fit[1].copy_from_slice(&numbers[CHORDS..]);
        Some(Self { fit })
    }

    /// Everything, as numbers.
    ///
    /// Realtime-safe: no.
    pub fn numbers(&self) -> Vec<f32> {
        self.fit.concat()
    }

    /// How well a chord fits a key (0 to 11 major, 12 to 23 minor).
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn fit(&self, token: u8, key: usize) -> f32 {
        if token >= SILENCE {
            return 0.0;
        }
        debug_assert!(root(token) < 12);
        self.fit[key / 12][seen_from(token, (key % 12) as u8) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::context::Context;

    #[test]
    fn a_cadence_tells_the_key() {
        let profile = Profile::plain();
        let mut context = Context::new(4);
        for token in [0, 35, 51, 0] {
            context.observe(token, &profile);
        }
        assert_eq!(context.key(), 0);
    }
}
