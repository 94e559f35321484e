//! A sawtooth and a pulse without aliasing: tables that hold no more harmonics than fit below half the rate.

use crate::fourier::Fourier;
use std::f32::consts::PI;
use std::sync::LazyLock;

/// Harmonics in each table, half an octave apart; above the last a sound is dark anyway.
const HARMONICS: [u32; 18] = [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512];
/// Sixteen samples a cycle of the highest harmonic: the cubic's error lies 95 dB below the fundamental.
const SAMPLES_A_CYCLE: u32 = 16;
const SMALLEST: u32 = 512;
/// Samples that stand in front of a table's start and behind its end, so that no read wraps.
const BEFORE: usize = 1;
const BEHIND: usize = 2;

static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| HARMONICS.iter().map(|&count| Table::new(count)).collect());

/// One cycle of a sawtooth that rises from −1 to 1, with a fixed number of harmonics.
struct Table {
    samples: Vec<f32>,
    bits: u32,
}

impl Table {
    fn new(harmonics: u32) -> Self {
        let size = (SAMPLES_A_CYCLE * harmonics).next_power_of_two().max(SMALLEST) as usize;
        let mut plan = Fourier::new(size);
        let (re, mut im) = (vec![0.0; plan.bins()], vec![0.0; plan.bins()]);
        for k in 1..=harmonics as usize {
            im[k] = size as f32 / (PI * k as f32);
        }
        let mut cycle = vec![0.0; size];
        plan.inverse(&re, &im, &mut cycle);
        let behind = cycle[..BEHIND].to_vec();
        let mut samples = vec![cycle[size - 1]];
        samples.extend(cycle);
        samples.extend(behind);
        Self { samples, bits: size.trailing_zeros() }
    }
}

/// Makes the tables, so that no audio thread has to.
///
/// Realtime-safe: no (allocates on the first call).
pub fn prepare() {
    LazyLock::force(&TABLES);
}

/// A sawtooth for one pitch.
#[derive(Clone, Copy)]
pub struct Saw {
    samples: &'static [f32],
    bits: u32,
}

impl Saw {
    /// The sawtooth for an oscillator that moves by `step` of a 32-bit phase a sample, with every harmonic that
    /// fits below half the rate.
    ///
    /// Realtime-safe: yes, after [`prepare`].
    pub fn new(step: u32) -> Self {
        let most = (1u32 << 31) / step.max(1);
        let place = HARMONICS.iter().rposition(|&harmonics| harmonics <= most).unwrap_or(0);
        let table = &TABLES[place];
        Self { samples: &table.samples, bits: table.bits }
    }

    /// One sample of several sawtooths, each at its place between the channels: `seats` are (anything, left, right).
    /// Their phases move on.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn ensemble<const N: usize>(
        self,
        phases: &mut [u32; N],
        steps: &[u32; N],
        seats: &[(f32, f32, f32); N],
    ) -> (f32, f32) {
        let (mut left, mut right) = (0.0, 0.0);
        for n in 0..N {
            let wave = self.at(phases[n]);
            phases[n] = phases[n].wrapping_add(steps[n]);
            left += seats[n].1 * wave;
            right += seats[n].2 * wave;
        }
        (left, right)
    }

    /// The sawtooth at a phase, in about −1 to 1, without offset.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn at(self, phase: u32) -> f32 {
        let place = (phase >> (32 - self.bits)) as usize;
        // 24 bits of what is left; the sample after the next is there, see BEHIND.
        let t = ((phase << self.bits) >> 8) as f32 * (1.0 / 16_777_216.0);
        let Some(&[a, b, c, d]) = self.samples.get(place..place + BEFORE + 1 + BEHIND) else {
            return 0.0;
        };
        // Lagrange's cubic through four neighbours.
        let (cube, odd) = ((d - a) * (1.0 / 6.0) + 0.5 * (b - c), 0.5 * (a + c) - b);
        let line = c - (1.0 / 3.0) * a - 0.5 * b - (1.0 / 6.0) * d;
        b + t * (line + t * (odd + t * cube))
    }

    /// A pulse as the difference of two sawtooths, so its offset is zero at every width; `width` is a 32-bit phase.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn pulse(self, phase: u32, width: u32) -> f32 {
        self.at(phase) - self.at(phase.wrapping_add(width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::hz_to_step;
    use std::f64::consts::TAU;

    #[test]
    fn waves_have_no_offset() {
        let step = hz_to_step(100.0, 48_000.0);
        let saw = Saw::new(step);
        let (mut phase, mut saws, mut pulses) = (0u32, 0.0f64, 0.0f64);
        for _ in 0..48_000 {
            saws += f64::from(saw.at(phase));
            pulses += f64::from(saw.pulse(phase, 1 << 30));
            phase = phase.wrapping_add(step);
        }
        assert!((saws / 48_000.0).abs() < 1e-4 && (pulses / 48_000.0).abs() < 1e-4);
    }

    #[test]
    fn what_is_no_harmonic_lies_90_db_below_the_fundamental() {
        // A whole number of cycles in the window: every harmonic falls on a bin, and all else is error.
        const SIZE: usize = 16_384;
        for cycles in [9u32, 37, 151, 601, 1_201, 2_999, 7_001] {
            let step = ((u64::from(cycles) << 32) / SIZE as u64) as u32;
            let saw = Saw::new(step);
            let samples: Vec<f64> =
                (0..SIZE as u32).map(|n| f64::from(saw.at(step.wrapping_mul(n)))).collect();
            let total: f64 = samples.iter().map(|x| x * x).sum::<f64>() * SIZE as f64;
            let mut harmonics = 0.0;
            let mut fundamental = 0.0f64;
            for k in 1..=(SIZE as u32 / 2 / cycles) {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, sample) in samples.iter().enumerate() {
                    let angle = TAU * ((k * cycles) as usize * n % SIZE) as f64 / SIZE as f64;
                    re += sample * angle.cos();
                    im += sample * angle.sin();
                }
                let energy = 2.0 * (re * re + im * im);
                fundamental = if k == 1 { energy } else { fundamental };
                harmonics += energy;
            }
            let error_db = 10.0 * ((total - harmonics).abs() / fundamental).log10();
            assert!(error_db < -90.0, "{cycles} cycles: {error_db:.1} dB");
        }
    }
}
