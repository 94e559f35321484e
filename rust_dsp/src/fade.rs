//! Sound that begins and ends on a device without a click: ten milliseconds up, ten down.

/// How long a fade lasts, in seconds.
pub const FADE_SECONDS: f32 = 0.01;

/// A gain that walks to 0 or 1.
#[derive(Clone, Copy, Debug)]
pub struct Fade {
    gain: f32,
    step: f32,
}

impl Fade {
    /// A fade that has not begun: silent.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate: u32) -> Self {
        Self { gain: 0.0, step: 1.0 / (FADE_SECONDS * rate as f32) }
    }

    /// Scales interleaved stereo, on the way to silence or away from it; whether all is silent now.
    ///
    /// Realtime-safe: yes.
    pub fn apply(&mut self, out: &mut [f32], is_leaving: bool) -> bool {
        let (target, step) = if is_leaving { (0.0, -self.step) } else { (1.0, self.step) };
        if self.gain == 1.0 && !is_leaving {
            return false;
        }
        for frame in out.chunks_exact_mut(2) {
            self.gain = (self.gain + step).clamp(0.0, 1.0);
            frame[0] *= self.gain;
            frame[1] *= self.gain;
        }
        self.gain == target && is_leaving
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_ten_milliseconds_up_and_down_without_a_jump() {
        let mut fade = Fade::new(48_000);
        let mut out = vec![1.0; 2 * 600];
        assert!(!fade.apply(&mut out, false));
        assert!(out[0] > 0.0 && out[2 * 470] < 1.0 && out[2 * 481] == 1.0);
        let mut down = vec![1.0; 2 * 600];
        assert!(fade.apply(&mut down, true));
        assert!(down[0] > 0.99 && down[2 * 481] == 0.0);
        for samples in [out, down] {
            assert!(samples
                .chunks(2)
                .zip(samples.chunks(2).skip(1))
                .all(|(a, b)| (a[0] - b[0]).abs() < 0.0022));
        }
    }
}
