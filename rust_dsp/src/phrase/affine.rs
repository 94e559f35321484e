//! A matrix of 8 bits a weight, `weight = scale * q + offset` a group (mlx's affine quantisation), times a vector.
//!
//! The vector is rounded to 16 bits. A group's products sum to at most 128 * 255 * 32767, which 32 bits hold exactly,
//! so in whatever order a processor adds them the bits are the same. Scales are applied in one fixed order after that.

use super::maths::SIDE;
use crate::oracle::wide::widely;

/// What the largest number of a vector is rounded to.
const TOP: f32 = 32_767.0;
/// Weights that a processor takes at a time; every group is a multiple of it.
pub(super) const STEP: usize = 16;
/// Groups whose sums stand side by side.
pub(super) const LANES: usize = 4;

/// A vector in whole numbers.
#[derive(Clone, Debug, Default)]
pub struct Rounded {
    pub(super) values: Vec<i16>,
    /// The sum of each group's values.
    pub(super) sums: Vec<f32>,
    pub(super) scale: f32,
}

impl Rounded {
    /// Room for a vector of `most` numbers.
    ///
    /// Realtime-safe: no.
    pub fn with_room(most: usize) -> Self {
        Self { values: vec![0; most], sums: vec![0.0; (most / 32).next_multiple_of(LANES)], scale: 0.0 }
    }

    /// Takes over a vector, at most as long as there is room.
    ///
    /// Realtime-safe: yes.
    pub fn take(&mut self, vector: &[f32], group: usize) {
        round(vector, group, self);
    }
}

#[inline(always)]
fn round_plainly(vector: &[f32], group: usize, out: &mut Rounded) {
    // A sum with this rounds to whole numbers, and holds them in its low bits.
    const ROUND: f32 = 12_582_912.0;
    let mut lanes = [0.0f32; SIDE];
    for chunk in vector.chunks(SIDE) {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = if x.abs() > *lane { x.abs() } else { *lane };
        }
    }
    let top = lanes.iter().fold(0.0, |top, &lane| if lane > top { lane } else { top });
    let shrink = if top > 1e-30 { TOP / top } else { 0.0 };
    out.scale = top / TOP;
    for ((values, numbers), sum) in out.values.chunks_mut(group).zip(vector.chunks(group)).zip(&mut out.sums)
    {
        let mut whole = 0i32;
        for (value, &x) in values.iter_mut().zip(numbers) {
            *value = (x * shrink + ROUND).to_bits().wrapping_sub(ROUND.to_bits()) as i16;
            whole = whole.wrapping_add(i32::from(*value));
        }
        *sum = whole as f32;
    }
}

widely! { fn round(vector: &[f32], group: usize, out: &mut Rounded) does round_plainly }

/// The matrix; rows one after the other.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Weights of a row.
    pub columns: usize,
    /// Weights that share scale and offset: 32, 64 or 128; a divisor of `columns`.
    pub group: usize,
    pub(super) weights: Vec<u8>,
    /// One a group, each row filled up with zeros to a multiple of `LANES`.
    pub(super) scales: Vec<f32>,
    /// As `scales`.
    pub(super) offsets: Vec<f32>,
}

impl Affine {
    /// A matrix of these weights, 0 to 255, and one scale and one offset a group.
    ///
    /// Realtime-safe: no.
    pub fn new(columns: usize, group: usize, weights: Vec<u8>, scales: &[f32], offsets: &[f32]) -> Self {
        let count = columns / group;
        let filled = |numbers: &[f32]| -> Vec<f32> {
            let lacking = count.next_multiple_of(LANES) - count;
            let row = |row: &[f32]| {
                row.iter().copied().chain(std::iter::repeat_n(0.0, lacking)).collect::<Vec<_>>()
            };
            numbers.chunks_exact(count).flat_map(row).collect()
        };
        Self { columns, group, weights, scales: filled(scales), offsets: filled(offsets) }
    }

    /// How many weights it has.
    ///
    /// Realtime-safe: yes.
    pub fn size(&self) -> usize {
        self.weights.len()
    }

    /// Scales a row has, with those it is filled up with.
    #[inline(always)]
    pub(super) fn stride(&self) -> usize {
        (self.columns / self.group).next_multiple_of(LANES)
    }

    /// The matrix times a vector.
    ///
    /// Realtime-safe: yes.
    pub fn times(&self, vector: &Rounded, out: &mut [f32]) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { super::affine_avx2::times(self, vector, out) };
            return;
        }
        #[cfg(target_arch = "aarch64")]
        {
            self.times_by(vector, out, super::affine_neon::product);
            return;
        }
        #[allow(unreachable_code)]
        self.times_plainly(vector, out);
    }

    /// The same in plain code: the yardstick.
    ///
    /// Realtime-safe: yes.
    pub fn times_plainly(&self, vector: &Rounded, out: &mut [f32]) {
        self.times_by(vector, out, |weights, values| {
            weights.iter().zip(values).map(|(&weight, &value)| i32::from(weight) * i32::from(value)).sum()
        });
    }

    /// The same with whatever sums the products of a group.
    #[inline(always)]
    fn times_by(&self, vector: &Rounded, out: &mut [f32], product: impl Fn(&[u8], &[i16]) -> i32) {
        let (group, stride) = (self.group, self.stride());
        for (row, out) in out.iter_mut().enumerate() {
            let weights = &self.weights[row * self.columns..][..self.columns];
            let mut lanes = [0.0f32; LANES];
            for (at, (weights, values)) in
                weights.chunks_exact(group).zip(vector.values.chunks_exact(group)).enumerate()
            {
                let which = row * stride + at;
                let sum = product(weights, values) as f32;
                lanes[at % LANES] += self.scales[which] * sum + self.offsets[which] * vector.sums[at];
            }
            *out = total(lanes) * vector.scale;
        }
    }

    /// A row's weights as floats.
    ///
    /// Realtime-safe: yes.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        for (at, out) in out.iter_mut().enumerate() {
            let which = row * self.stride() + at / self.group;
            let q = f32::from(self.weights[row * self.columns + at]);
            *out = self.scales[which] * q + self.offsets[which];
        }
    }
}

#[inline(always)]
pub(super) fn total(lanes: [f32; LANES]) -> f32 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::chance::Chance;

    fn random(rows: usize, columns: usize, group: usize) -> (Affine, Vec<f32>) {
        let mut chance = Chance::new((rows * columns + group) as u64);
        let mut floats = |count: usize| (0..count).map(|_| chance.share() * 0.1 - 0.05).collect::<Vec<f32>>();
        let (scales, offsets) = (floats(rows * columns / group), floats(rows * columns / group));
        let vector = floats(columns);
        let weights = (0..rows * columns).map(|_| chance.below(256) as u8).collect();
        (Affine::new(columns, group, weights, &scales, &offsets), vector)
    }

    #[test]
    fn every_processor_gives_the_same_bits_close_to_the_real_product() {
        for (rows, columns, group) in [(7, 64, 64), (33, 256, 64), (5, 704, 64), (9, 96, 32), (4, 1280, 128)]
        {
            let (matrix, vector) = random(rows, columns, group);
            let mut rounded = Rounded::with_room(columns);
            rounded.take(&vector, group);
            let (mut quick, mut plain) = (vec![0.0; rows], vec![0.0; rows]);
            matrix.times(&rounded, &mut quick);
            matrix.times_plainly(&rounded, &mut plain);
            assert_eq!(quick, plain);
            let mut weights = vec![0.0; columns];
            for (row, &product) in plain.iter().enumerate() {
                matrix.row(row, &mut weights);
                let real: f64 = weights.iter().zip(&vector).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                assert!((f64::from(product) - real).abs() < 2e-3, "{product} {real}");
            }
        }
    }

    #[test]
    fn the_largest_sums_are_exact() {
        let matrix = Affine::new(128, 128, vec![255; 128], &[1.0], &[0.0]);
        let mut rounded = Rounded::with_room(128);
        rounded.take(&[-1.0; 128], 128);
        let mut out = [0.0];
        matrix.times(&rounded, &mut out);
        assert!((out[0] + 255.0 * 128.0).abs() < 0.01);
    }
}
