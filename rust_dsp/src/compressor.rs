//! A gentle compressor on the mix bus.

use crate::param::GlobalParameter;
use crate::smoother::{Smoother, GRID};
use crate::units::{db_to_gain, gain_to_db};
use crate::values::ParameterValues;

/// Width of the bend around the threshold, in decibels.
const KNEE_DB: f32 = 8.0;

/// A compressor that listens to the mean square of both channels and moves once a grid step.
pub struct Compressor {
    rate_hz: f32,
    sum: f32,
    mean_square: f32,
    gain: Smoother,
    reduction_db: f32,
}

impl Compressor {
    /// A compressor at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate_hz: f32) -> Self {
        Self {
            rate_hz,
            sum: 0.0,
            mean_square: 0.0,
            gain: Smoother::new(1.0, GlobalParameter::Makeup.smoothing_seconds(), rate_hz),
            reduction_db: 0.0,
        }
    }

    /// Moves on by one grid step.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, values: &ParameterValues) {
        let threshold_db = values.global(GlobalParameter::Threshold);
        let ratio = values.global(GlobalParameter::Ratio);
        let makeup_db = values.global(GlobalParameter::Makeup);
        let now = self.sum * (0.5 / GRID as f32);
        self.sum = 0.0;
        let step_seconds = GRID as f32 / self.rate_hz;
        let share = 1.0 - (-step_seconds / 0.010).exp();
        self.mean_square += (now - self.mean_square) * share;
        let over_db = gain_to_db(self.mean_square.sqrt()) - threshold_db;
        let wanted_db = knee(over_db) * (1.0 - 1.0 / ratio.max(1.0));
        let is_grabbing = wanted_db > self.reduction_db;
        let side = if is_grabbing { GlobalParameter::Attack } else { GlobalParameter::Release };
        let seconds = values.global(side);
        let share = 1.0 - (-step_seconds / seconds).exp();
        self.reduction_db += (wanted_db - self.reduction_db) * share;
        self.gain.tick(db_to_gain(makeup_db - self.reduction_db));
    }

    /// Compresses one stereo sample, `frame` frames into the grid step.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, left: f32, right: f32, frame: usize) -> (f32, f32) {
        self.sum += left * left + right * right;
        let gain = self.gain.at(frame);
        (left * gain, right * gain)
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        *self = Self::new(self.rate_hz);
    }
}

/// Decibels above the threshold, bent smoothly from nothing.
fn knee(over_db: f32) -> f32 {
    if over_db <= -KNEE_DB / 2.0 {
        0.0
    } else if over_db >= KNEE_DB / 2.0 {
        over_db
    } else {
        (over_db + KNEE_DB / 2.0).powi(2) / (2.0 * KNEE_DB)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled_gain(level: f32) -> f32 {
        let mut compressor = Compressor::new(48_000.0);
        let mut out = 0.0;
        let mut values = ParameterValues::default();
        values.set(crate::param::global_id(GlobalParameter::Threshold), -20.0);
        for n in 0..48_000usize {
            if n % GRID == 0 {
                compressor.tick(&values);
            }
            out = compressor.process(level, level, n % GRID).0;
        }
        gain_to_db(out / level)
    }

    #[test]
    fn half_of_what_is_over_the_threshold_goes_and_nothing_below_it() {
        assert!((settled_gain(1.0) + 10.0).abs() < 0.2);
        assert!(settled_gain(0.01).abs() < 0.01);
    }
}
