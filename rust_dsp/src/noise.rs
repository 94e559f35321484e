//! White noise from a small linear congruential generator.

/// A source of white noise, uniform in −1 to 1, the same for the same seed.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    state: u32,
}

impl Noise {
    /// A source that starts from `seed`.
    ///
    /// Realtime-safe: yes.
    pub fn new(seed: u32) -> Self {
        // Neighbouring seeds must not sound alike: scramble once.
        Self { state: seed.wrapping_mul(0x9E37_79B9) ^ 0x85EB_CA6B }
    }

    /// The next sample.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn sample(&mut self) -> f32 {
        // The constants are those of Numerical Recipes; the low bits are poor, the float uses the high ones.
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.state as i32 as f32 * (1.0 / 2_147_483_648.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_near_zero_and_every_sample_is_in_range() {
        let mut noise = Noise::new(1);
        let mut sum = 0.0;
        for _ in 0..100_000 {
            let x = noise.sample();
            assert!((-1.0..=1.0).contains(&x));
            sum += x;
        }
        assert!((sum / 100_000.0).abs() < 0.01);
    }
}
