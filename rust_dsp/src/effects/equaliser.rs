//! A three-band equaliser: a shelf below, a bell in the middle that can be moved, a shelf above.
//!
//! The bands are state-variable filters in trapezoidal form (Simper, 2013), which stay well behaved while they move.
//! At 0 dB a band passes every sample unchanged, to the bit.

use crate::smoother::Smoother;
use std::f32::consts::PI;

const LOW_HZ: f32 = 120.0;
const HIGH_HZ: f32 = 6_000.0;
const SHELF_Q: f32 = 0.65;
const BELL_Q: f32 = 0.8;
/// Gains nearer to nothing than this are nothing.
const LEAST_DB: f32 = 0.01;

#[derive(Clone, Copy)]
enum Shape {
    LowShelf,
    Bell,
    HighShelf,
}

/// One band of one stereo signal.
#[derive(Clone, Copy)]
struct Band {
    shape: Shape,
    g: f32,
    k: f32,
    a1: f32,
    /// What of the input, the band and the low output is heard.
    mix: [f32; 3],
    states: [[f32; 2]; 2],
}

impl Band {
    fn new(shape: Shape) -> Self {
        Self { shape, g: 0.0, k: 1.0, a1: 1.0, mix: [1.0, 0.0, 0.0], states: [[0.0; 2]; 2] }
    }

    fn set(&mut self, centre_hz: f32, gain_db: f32, rate_hz: f32) {
        let root = 10f32.powf(gain_db * (1.0 / 40.0));
        let square = root * root;
        let tan = (PI * centre_hz.min(0.45 * rate_hz) / rate_hz).tan();
        (self.g, self.k, self.mix) = match self.shape {
            Shape::LowShelf => {
                let k = 1.0 / SHELF_Q;
                (tan / root.sqrt(), k, [1.0, k * (root - 1.0), square - 1.0])
            }
            Shape::Bell => {
                let k = 1.0 / (BELL_Q * root);
                (tan, k, [1.0, k * (square - 1.0), 0.0])
            }
            Shape::HighShelf => {
                let k = 1.0 / SHELF_Q;
                (tan * root.sqrt(), k, [square, k * (1.0 - root) * root, 1.0 - square])
            }
        };
        self.a1 = 1.0 / (1.0 + self.g * (self.g + self.k));
    }

    /// Both sides in one loop: two chains of sums that the processor runs side by side.
    #[inline(always)]
    fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        let Self { g, a1, mix: [direct, band_gain, low_gain], .. } = *self;
        let mut states = self.states;
        let mut step = |sample: &mut f32, side: usize| {
            let [first, second] = states[side];
            let rest = *sample - second;
            let band = a1 * (first + g * rest);
            let low = second + g * band;
            states[side] = [2.0 * band - first, 2.0 * low - second];
            *sample = direct * *sample + band_gain * band + low_gain * low;
        };
        for (l, r) in left.iter_mut().zip(right) {
            step(l, 0);
            step(r, 1);
        }
        self.states = states;
    }
}

/// The equaliser of one stereo bus.
pub struct Equaliser {
    rate_hz: f32,
    bands: [Band; 3],
    gains: [Smoother; 3],
    centre: Smoother,
    settings: [f32; 4],
    is_active: bool,
}

impl Equaliser {
    /// A flat equaliser; `smoothing_seconds` is how gains and frequency glide.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate_hz: f32, smoothing_seconds: f32) -> Self {
        Self {
            rate_hz,
            bands: [Shape::LowShelf, Shape::Bell, Shape::HighShelf].map(Band::new),
            gains: [Smoother::new(0.0, smoothing_seconds, rate_hz); 3],
            centre: Smoother::new(1_000.0, smoothing_seconds, rate_hz),
            settings: [0.0; 4],
            is_active: false,
        }
    }

    /// Moves on by one grid step towards these gains in decibels and this middle frequency in hertz.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, gains_db: [f32; 3], mid_hz: f32) {
        for (gain, wanted) in self.gains.iter_mut().zip(gains_db) {
            gain.tick(if wanted.abs() < LEAST_DB { 0.0 } else { wanted });
        }
        self.centre.tick(mid_hz);
        let [low, mid, high] = self.gains.map(|gain| gain.value());
        let settings = [low, mid, high, self.centre.value()];
        if settings == self.settings {
            return;
        }
        self.settings = settings;
        self.is_active = low != 0.0 || mid != 0.0 || high != 0.0;
        if !self.is_active {
            // Flat again: what is left in the filters is heard no more.
            self.bands.iter_mut().for_each(|band| band.states = [[0.0; 2]; 2]);
            return;
        }
        self.bands[0].set(LOW_HZ, low, self.rate_hz);
        self.bands[1].set(settings[3], mid, self.rate_hz);
        self.bands[2].set(HIGH_HZ, high, self.rate_hz);
    }

    /// Equalises frames of one grid step, in place; does nothing at all while it is flat.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        if !self.is_active {
            return;
        }
        for (band, gain) in self.bands.iter_mut().zip(&self.settings) {
            if *gain != 0.0 {
                band.process(left, right);
            }
        }
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        for band in &mut self.bands {
            *band = Band::new(band.shape);
        }
        self.gains.iter_mut().for_each(|gain| gain.snap(0.0));
        self.centre.snap(1_000.0);
        self.settings = [0.0; 4];
        self.is_active = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smoother::GRID;
    use std::f32::consts::TAU;

    /// The settled gain at a frequency, in decibels.
    fn gain_at(gains_db: [f32; 3], mid_hz: f32, frequency_hz: f32) -> f32 {
        let mut equaliser = Equaliser::new(48_000.0, 0.02);
        let mut peak = 0.0f32;
        for block in 0..750usize {
            equaliser.tick(gains_db, mid_hz);
            let mut left: [f32; GRID] = std::array::from_fn(|n| {
                let t = (block * GRID + n) as f64 * f64::from(frequency_hz) / 48_000.0;
                (t.fract() as f32 * TAU).sin()
            });
            let mut right = left;
            equaliser.process(&mut left, &mut right);
            assert_eq!(left, right);
            if block > 600 {
                peak = left.iter().fold(peak, |peak, x| peak.max(x.abs()));
            }
        }
        20.0 * peak.log10()
    }

    #[test]
    fn each_band_does_what_it_says_where_it_says() {
        assert!((gain_at([9.0, 0.0, 0.0], 1_000.0, 30.0) - 9.0).abs() < 0.6);
        assert!(gain_at([9.0, 0.0, 0.0], 1_000.0, 4_000.0).abs() < 0.1);
        assert!((gain_at([0.0, -12.0, 0.0], 700.0, 700.0) + 12.0).abs() < 0.1);
        assert!(gain_at([0.0, -12.0, 0.0], 700.0, 40.0).abs() < 0.2);
        assert!((gain_at([0.0, 0.0, 6.0], 1_000.0, 18_000.0) - 6.0).abs() < 0.4);
        assert!(gain_at([0.0, 0.0, 6.0], 1_000.0, 300.0).abs() < 0.1);
    }

    #[test]
    fn a_flat_equaliser_changes_no_bit_and_one_that_becomes_flat_stops() {
        let mut equaliser = Equaliser::new(48_000.0, 0.02);
        let wave: [f32; GRID] = std::array::from_fn(|n| (n as f32 * 0.3).sin());
        for gain_db in [0.0, 12.0, 0.0] {
            for _ in 0..2_000 {
                equaliser.tick([gain_db, 0.0, -gain_db], 1_000.0);
                let (mut left, mut right) = (wave, wave);
                equaliser.process(&mut left, &mut right);
                assert!(left.iter().all(|x| x.is_finite()));
            }
        }
        assert!(!equaliser.is_active);
        let (mut left, mut right) = (wave, wave);
        equaliser.process(&mut left, &mut right);
        assert_eq!(left, wave);
    }
}
