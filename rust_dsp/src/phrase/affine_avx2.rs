//! A matrix of 8 bits times a vector on processors with AVX2: four groups side by side.

use super::affine::{total, Affine, Rounded, LANES, STEP};
use std::arch::x86_64::{
    __m128i, __m256i, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepu8_epi16,
    _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_setzero_si256,
    _mm_add_epi32, _mm_add_ps, _mm_cvtepi32_ps, _mm_loadu_ps, _mm_loadu_si128, _mm_mul_ps, _mm_setzero_ps,
    _mm_storeu_ps,
};

/// The sums of products of a group, spread over eight lanes.
///
/// # Safety
/// The processor has AVX2, and as many weights and values can be read as the group has.
#[inline]
#[target_feature(enable = "avx2")]
#[allow(clippy::cast_ptr_alignment)] // the loads are unaligned ones
unsafe fn spread(weights: *const u8, values: *const i16, group: usize) -> __m256i {
    let mut sums = _mm256_setzero_si256();
    for at in (0..group).step_by(STEP) {
        // SAFETY: `at + STEP` is at most `group`, a multiple of it.
        let (q, v) = unsafe {
            (
                _mm256_cvtepu8_epi16(_mm_loadu_si128(weights.add(at).cast::<__m128i>())),
                _mm256_loadu_si256(values.add(at).cast::<__m256i>()),
            )
        };
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(q, v));
    }
    sums
}

/// The matrix times a vector.
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn times(matrix: &Affine, vector: &Rounded, out: &mut [f32]) {
    let (columns, group, stride) = (matrix.columns, matrix.group, matrix.stride());
    let count = columns / group;
    let values = &vector.values[..columns];
    let sums = &vector.sums[..stride];
    for (row, out) in out.iter_mut().enumerate() {
        let weights = &matrix.weights[row * columns..][..columns];
        let scales = &matrix.scales[row * stride..][..stride];
        let offsets = &matrix.offsets[row * stride..][..stride];
        let mut lanes = _mm_setzero_ps();
        for first in (0..count).step_by(LANES) {
            // SAFETY: groups up to `count` are in `weights` and `values`, `first + LANES` numbers in the others.
            unsafe {
                let of = |at: usize| {
                    if first + at >= count {
                        return _mm256_setzero_si256();
                    }
                    let begin = (first + at) * group;
                    spread(weights.as_ptr().add(begin), values.as_ptr().add(begin), group)
                };
                let pairs =
                    _mm256_hadd_epi32(_mm256_hadd_epi32(of(0), of(1)), _mm256_hadd_epi32(of(2), of(3)));
                let dots = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs));
                let scaled = _mm_mul_ps(_mm_loadu_ps(scales.as_ptr().add(first)), _mm_cvtepi32_ps(dots));
                let offset = _mm_mul_ps(
                    _mm_loadu_ps(offsets.as_ptr().add(first)),
                    _mm_loadu_ps(sums.as_ptr().add(first)),
                );
                lanes = _mm_add_ps(lanes, _mm_add_ps(scaled, offset));
            }
        }
        let mut four = [0.0; LANES];
        // SAFETY: there is room for four.
        unsafe { _mm_storeu_ps(four.as_mut_ptr(), lanes) };
        *out = total(four) * vector.scale;
    }
}
