//! The kernel for processors with AVX2 and FMA: eight voices in one register.

use super::group::{Buses, Group};
use super::lane::FRACTION_BITS;
use std::arch::x86_64::{
    __m256, _mm256_add_epi32, _mm256_add_ps, _mm256_and_si256, _mm256_castps128_ps256, _mm256_cvtepi32_ps,
    _mm256_fmadd_ps, _mm256_fmsub_ps, _mm256_fnmadd_ps, _mm256_insertf128_ps, _mm256_load_ps,
    _mm256_load_si256, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_shuffle_ps,
    _mm256_srli_epi32, _mm256_store_ps, _mm256_store_si256, _mm256_sub_ps, _mm256_unpackhi_ps,
    _mm256_unpacklo_ps, _mm_loadu_ps,
};

/// Whether this processor can.
///
/// Realtime-safe: yes.
pub fn is_there() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// A register's worth of places in the pool, aligned as the register wants it.
#[repr(align(32))]
struct Places([u32; 8]);

/// As [`Group::render`], to the last few bits; without `GLIDING` the filters' coefficients stand still.
///
/// Realtime-safe: yes.
///
/// # Safety
/// The processor has AVX2 and FMA; [`Group::is_inside`] holds for the pool and the frames; `first + frames` is no
/// more than a tick.
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
pub unsafe fn render<const FILTERED: bool, const GLIDING: bool>(
    group: &mut Group,
    pool: &[f32],
    buses: &mut Buses,
    first: usize,
    frames: usize,
) {
    let load = |values: &[f32; 8]| -> __m256 {
        // SAFETY: the group is aligned to 32 bytes and every array in it is 32 bytes long.
        unsafe { _mm256_load_ps(values.as_ptr()) }
    };
    let whole = |values: &[u32; 8]| {
        // SAFETY: as above.
        unsafe { _mm256_load_si256(values.as_ptr().cast()) }
    };
    let (base, step) = (whole(&group.base), whole(&group.step));
    let mut place = whole(&group.place);
    let mut gains = group.gains.each_ref().map(load);
    let slopes = group.slopes.each_ref().map(load);
    let mut state = group.state.each_ref().map(load);
    let mut coefficients = group.coefficients.each_ref().map(load);
    let coefficient_slopes = group.coefficient_slopes.each_ref().map(load);
    let mut places = Places([0; 8]);
    for frame in first..first + frames {
        // SAFETY: the features are there; `places` is aligned; the caller promised that every place has one sample
        // before it and two after it in the pool, and that the frame is one of the tick's.
        unsafe {
            let at = _mm256_add_epi32(base, _mm256_srli_epi32::<{ FRACTION_BITS as i32 }>(place));
            _mm256_store_si256(places.0.as_mut_ptr().cast(), at);
            let part = _mm256_and_si256(place, _mm256_set1_epi32((1 << FRACTION_BITS) - 1));
            let t =
                _mm256_mul_ps(_mm256_cvtepi32_ps(part), _mm256_set1_ps(1.0 / (1u32 << FRACTION_BITS) as f32));
            place = _mm256_add_epi32(place, step);
            let mut y = interpolate(points(pool.as_ptr(), &places), t);
            if FILTERED {
                let [a1, a2, a3, gain] = coefficients;
                let over = _mm256_sub_ps(y, state[1]);
                let band = _mm256_fmadd_ps(a1, state[0], _mm256_mul_ps(a2, over));
                let low = _mm256_fmadd_ps(a3, over, _mm256_fmadd_ps(a2, state[0], state[1]));
                let two = _mm256_set1_ps(2.0);
                state = [_mm256_fmsub_ps(two, band, state[0]), _mm256_fmsub_ps(two, low, state[1])];
                y = _mm256_mul_ps(low, gain);
                for n in 0..if GLIDING { 4 } else { 0 } {
                    coefficients[n] = _mm256_add_ps(coefficients[n], coefficient_slopes[n]);
                }
            }
            for bus in 0..4 {
                gains[bus] = _mm256_add_ps(gains[bus], slopes[bus]);
                let out = buses.0[bus].as_mut_ptr().add(frame).cast::<f32>();
                _mm256_store_ps(out, _mm256_fmadd_ps(y, gains[bus], _mm256_load_ps(out)));
            }
        }
    }
    // SAFETY: as for the loads.
    unsafe {
        _mm256_store_si256(group.place.as_mut_ptr().cast(), place);
        for n in 0..4 {
            _mm256_store_ps(group.gains[n].as_mut_ptr(), gains[n]);
            _mm256_store_ps(group.coefficients[n].as_mut_ptr(), coefficients[n]);
        }
        for n in 0..2 {
            _mm256_store_ps(group.state[n].as_mut_ptr(), state[n]);
        }
    }
}

/// The four points around each lane's place: eight short loads, then a transposition.
///
/// # Safety
/// AVX2; every place has one sample before it and two after it.
#[inline]
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
unsafe fn points(pool: *const f32, places: &Places) -> [__m256; 4] {
    let pair = |n: usize| {
        // SAFETY: the caller's promise.
        unsafe {
            let low = _mm_loadu_ps(pool.add(places.0[n] as usize - 1));
            let high = _mm_loadu_ps(pool.add(places.0[n + 4] as usize - 1));
            _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
        }
    };
    let (a, b, c, d) = (pair(0), pair(1), pair(2), pair(3));
    // SAFETY: the caller promised AVX2.
    unsafe {
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (xy, zw) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        [
            _mm256_shuffle_ps::<0x44>(ab, cd),
            _mm256_shuffle_ps::<0xee>(ab, cd),
            _mm256_shuffle_ps::<0x44>(xy, zw),
            _mm256_shuffle_ps::<0xee>(xy, zw),
        ]
    }
}

/// As the plain kernel's interpolation.
///
/// # Safety
/// AVX2 and FMA.
#[inline]
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
unsafe fn interpolate([before, here, next, after]: [__m256; 4], t: __m256) -> __m256 {
    // SAFETY: the caller promised the features.
    unsafe {
        let half = _mm256_set1_ps(0.5);
        let slope = _mm256_mul_ps(half, _mm256_sub_ps(next, before));
        let bend = _mm256_fnmadd_ps(_mm256_set1_ps(2.5), here, before);
        let bend = _mm256_fmadd_ps(_mm256_set1_ps(2.0), next, bend);
        let bend = _mm256_fnmadd_ps(half, after, bend);
        let twist = _mm256_mul_ps(half, _mm256_sub_ps(after, before));
        let twist = _mm256_fmadd_ps(_mm256_set1_ps(1.5), _mm256_sub_ps(here, next), twist);
        let y = _mm256_fmadd_ps(twist, t, bend);
        let y = _mm256_fmadd_ps(y, t, slope);
        _mm256_fmadd_ps(y, t, here)
    }
}
