//! A value that glides to its target instead of jumping.

/// Frames between two updates of the mixer's gains, counted from the start of the stream.
pub const GRID: usize = 64;

/// A value that closes in on its target once a grid step and is a straight line in between.
#[derive(Clone, Copy, Debug)]
pub struct Smoother {
    start: f32,
    end: f32,
    share: f32,
}

impl Smoother {
    /// A value at rest; `seconds` is the time constant of its glide.
    ///
    /// Realtime-safe: yes.
    pub fn new(value: f32, seconds: f32, rate_hz: f32) -> Self {
        Self { start: value, end: value, share: 1.0 - (-(GRID as f32) / (seconds * rate_hz)).exp() }
    }

    /// Moves on by one grid step towards `target`.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, target: f32) {
        self.start = self.end;
        self.end += (target - self.end) * self.share;
        if (target - self.end).abs() < 1e-6 {
            self.end = target;
        }
    }

    /// Jumps.
    ///
    /// Realtime-safe: yes.
    pub fn snap(&mut self, value: f32) {
        self.start = value;
        self.end = value;
    }

    /// The value `frame` frames into the grid step.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn at(&self, frame: usize) -> f32 {
        self.start + (self.end - self.start) * (frame as f32 * (1.0 / GRID as f32))
    }

    /// Whether it is nothing all through the grid step.
    ///
    /// Realtime-safe: yes.
    pub fn is_zero(&self) -> bool {
        self.start == 0.0 && self.end == 0.0
    }

    /// The value at the end of the grid step.
    ///
    /// Realtime-safe: yes.
    pub fn value(&self) -> f32 {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_arrives_and_never_overshoots() {
        let mut smoother = Smoother::new(0.0, 0.01, 48_000.0);
        for _ in 0..500 {
            smoother.tick(1.0);
            assert!(smoother.value() <= 1.0);
        }
        assert_eq!(smoother.value(), 1.0);
    }
}
