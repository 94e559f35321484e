//! The low-frequency oscillator: a triangle that starts at nought and rises, after a delay.

/// A triangle between −1 and 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lfo {
    /// Turns a frame.
    pub step: f32,
    delay: f32,
    phase: f32,
}

impl Lfo {
    /// One that waits for `delay` frames and then makes `step` turns a frame.
    ///
    /// Realtime-safe: yes.
    pub fn new(delay: f32, step: f32) -> Self {
        Self { step, delay, phase: 0.0 }
    }

    /// Moves on.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn advance(&mut self, frames: f32) {
        if self.delay >= frames {
            self.delay -= frames;
            return;
        }
        self.phase += (frames - self.delay) * self.step;
        self.phase -= self.phase as i32 as f32;
        self.delay = 0.0;
    }

    /// Its value now.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn value(&self) -> f32 {
        let p = self.phase;
        if p < 0.25 {
            4.0 * p
        } else if p < 0.75 {
            2.0 - 4.0 * p
        } else {
            4.0 * p - 4.0
        }
    }
}
