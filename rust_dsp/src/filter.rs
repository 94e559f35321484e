//! Filters: a state-variable filter that may be swept, a one-pole lowpass, a DC blocker.

use std::f32::consts::{PI, TAU};

/// Which output of the state-variable filter is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// Passes what is below the cutoff.
    Lowpass,
    /// Passes what is around the cutoff, unity at the centre.
    Bandpass,
    /// Passes what is above the cutoff.
    Highpass,
}

/// A second-order filter in the trapezoidal form, which stays well behaved while it is swept.
#[derive(Clone, Copy, Debug)]
pub struct StateVariable {
    response: Response,
    g: f32,
    k: f32,
    a1: f32,
    ic1: f32,
    ic2: f32,
}

impl StateVariable {
    /// A filter at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(response: Response, cutoff_hz: f32, q: f32, rate_hz: f32) -> Self {
        let mut filter = Self { response, g: 0.0, k: 1.0, a1: 1.0, ic1: 0.0, ic2: 0.0 };
        filter.set(cutoff_hz, q, rate_hz);
        filter
    }

    /// Moves the cutoff and the resonance; the state is kept.
    ///
    /// Realtime-safe: yes.
    pub fn set(&mut self, cutoff_hz: f32, q: f32, rate_hz: f32) {
        let cutoff_hz = cutoff_hz.clamp(10.0, 0.45 * rate_hz);
        self.g = (PI * cutoff_hz / rate_hz).tan();
        self.k = 1.0 / q.max(0.1);
        self.a1 = 1.0 / (1.0 + self.g * (self.g + self.k));
    }

    /// Filters one sample.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, input: f32) -> f32 {
        let v3 = input - self.ic2;
        let band = self.a1 * (self.ic1 + self.g * v3);
        let low = self.ic2 + self.g * band;
        self.ic1 = 2.0 * band - self.ic1;
        self.ic2 = 2.0 * low - self.ic2;
        match self.response {
            Response::Lowpass => low,
            Response::Bandpass => self.k * band,
            Response::Highpass => input - self.k * band - low,
        }
    }
}

/// A first-order lowpass.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnePole {
    coefficient: f32,
    state: f32,
}

impl OnePole {
    /// A lowpass at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(cutoff_hz: f32, rate_hz: f32) -> Self {
        let mut filter = Self::default();
        filter.set(cutoff_hz, rate_hz);
        filter
    }

    /// Moves the cutoff; the state is kept.
    ///
    /// Realtime-safe: yes.
    pub fn set(&mut self, cutoff_hz: f32, rate_hz: f32) {
        self.coefficient = 1.0 - (-TAU * cutoff_hz.min(0.45 * rate_hz) / rate_hz).exp();
    }

    /// Filters one sample.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, input: f32) -> f32 {
        self.state += self.coefficient * (input - self.state);
        self.state
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.state = 0.0;
    }
}

/// A first-order highpass at a few hertz that takes out any constant offset.
#[derive(Clone, Copy, Debug)]
pub struct DcBlocker {
    pole: f32,
    last_input: f32,
    last_output: f32,
}

impl DcBlocker {
    /// A blocker at rest.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate_hz: f32) -> Self {
        // 5 Hz: below every instrument, above every drift.
        Self { pole: 1.0 - TAU * 5.0 / rate_hz, last_input: 0.0, last_output: 0.0 }
    }

    /// Filters one sample.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, input: f32) -> f32 {
        self.last_output = input - self.last_input + self.pole * self.last_output;
        self.last_input = input;
        self.last_output
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.last_input = 0.0;
        self.last_output = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain_at(mut process: impl FnMut(f32) -> f32, frequency_hz: f32) -> f32 {
        let mut peak = 0.0f32;
        for n in 0..48_000 {
            let y = process((TAU * frequency_hz * n as f32 / 48_000.0).sin());
            if n > 24_000 {
                peak = peak.max(y.abs());
            }
        }
        peak
    }

    #[test]
    fn the_lowpass_passes_lows_and_stops_highs() {
        let mut filter = StateVariable::new(Response::Lowpass, 1_000.0, 0.707, 48_000.0);
        assert!((gain_at(|x| filter.process(x), 100.0) - 1.0).abs() < 0.01);
        let mut filter = StateVariable::new(Response::Lowpass, 1_000.0, 0.707, 48_000.0);
        assert!(gain_at(|x| filter.process(x), 10_000.0) < 0.012);
    }

    #[test]
    fn the_blocker_removes_an_offset_and_keeps_the_bass() {
        let mut blocker = DcBlocker::new(48_000.0);
        let mut last = 1.0;
        for _ in 0..48_000 {
            last = blocker.process(1.0);
        }
        assert!(last.abs() < 1e-3);
        let mut blocker = DcBlocker::new(48_000.0);
        assert!(gain_at(|x| blocker.process(x), 40.0) > 0.98);
    }
}
