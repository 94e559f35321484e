//! The low-frequency oscillator: a triangle that starts at nought and rises, after a delay.

/// A triangle between −1 and 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lfo {
    delay: f32,
    phase: f32,
}

impl Lfo {
    /// One that waits for `delay` frames.
    ///
    /// Realtime-safe: yes.
    pub fn new(delay: f32) -> Self {
        Self { delay, phase: 0.0 }
    }

    /// Moves on, `step` turns a frame.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn advance(&mut self, step: f32, frames: f32) {
        if self.delay >= frames {
            self.delay -= frames;
            return;
        }
        self.phase += (frames - self.delay) * step;
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
