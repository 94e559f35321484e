//! Portamento: a note that begins at another's pitch and moves to its own.

/// Seconds that a glide of three octaves takes for some values of controller 5, as measured on Roland's GS synthesisers
/// for an emulator of sound cards (`dosbox-staging`, pull request 2705); between them the logarithm is interpolated.
const SECONDS: [(f32, f32); 12] = [
    (1.0, 0.006),
    (2.0, 0.023),
    (4.0, 0.05),
    (8.0, 0.11),
    (16.0, 0.25),
    (32.0, 0.5),
    (64.0, 2.06),
    (80.0, 4.2),
    (96.0, 8.4),
    (112.0, 19.5),
    (120.0, 40.0),
    (127.0, 480.0),
];
const KEYS: f32 = 36.0;

/// How far below or above its pitch a note still is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glide {
    /// What is left, in cents.
    pub cents: f32,
    /// Cents a frame, towards nothing.
    step: f32,
}

impl Glide {
    /// A glide over so many cents, at the speed that the time controller (0 to 127, with a fraction) sets.
    ///
    /// Realtime-safe: yes.
    pub fn new(cents: f32, time: f32, rate_hz: f32) -> Self {
        let frames = seconds(time) * rate_hz;
        if frames < 1.0 {
            return Self::default();
        }
        Self { cents, step: 100.0 * KEYS / frames }
    }

    /// Moves on.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn advance(&mut self, frames: f32) {
        if self.cents != 0.0 {
            let left = self.cents.abs() - self.step * frames;
            self.cents = left.max(0.0).copysign(self.cents);
        }
    }
}

/// Seconds for three octaves.
fn seconds(time: f32) -> f32 {
    let [first, .., last] = SECONDS;
    if time < first.0 {
        return first.1 * time.max(0.0);
    }
    let after = SECONDS.iter().position(|&(value, _)| value > time);
    let Some(after) = after else {
        return last.1;
    };
    let ((low, from), (high, to)) = (SECONDS[after - 1], SECONDS[after]);
    from * (to / from).powf((time - low) / (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_time_is_a_slower_glide_and_the_measured_ones_are_met() {
        for (value, wanted) in SECONDS {
            assert!((seconds(value) / wanted - 1.0).abs() < 1e-5);
        }
        assert!((0..127).all(|value| seconds(value as f32) < seconds(value as f32 + 1.0)));
    }

    #[test]
    fn a_glide_ends_where_it_should_and_stays() {
        let mut glide = Glide::new(-1_200.0, 32.0, 48_000.0);
        glide.advance(4_000.0);
        assert!((glide.cents + 600.0).abs() < 1.0, "{glide:?}");
        for _ in 0..100 {
            glide.advance(100.0);
        }
        assert!(glide.cents == 0.0);
        assert_eq!(Glide::new(500.0, 0.0, 48_000.0), Glide::default());
    }
}
