//! The kernel for processors with AVX2 and FMA: eight voices in one register.

use super::group::{Buses, Group, Task, Wide, LANES};
use super::lane::{Course, FRACTION_BITS};
use super::voice::TICK;
use std::arch::x86_64::{
    __m256, _mm256_add_epi32, _mm256_add_ps, _mm256_and_si256, _mm256_castps128_ps256, _mm256_cvtepi32_ps,
    _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_insertf128_ps, _mm256_load_ps, _mm256_load_si256,
    _mm256_loadu_ps, _mm256_mul_ps, _mm256_permute2f128_ps, _mm256_set1_epi32, _mm256_set1_ps,
    _mm256_shuffle_ps, _mm256_srli_epi32, _mm256_store_ps, _mm256_store_si256, _mm256_storeu_ps,
    _mm256_sub_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps, _mm_loadu_ps,
};

/// Whether this processor can.
///
/// Realtime-safe: yes.
pub fn is_there() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// Where each lane reads in each frame, whole samples and fractions, found before anything is read: an address that
/// comes from memory costs less than one that comes out of a wide register.
///
/// # Safety
/// AVX2.
#[inline]
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
unsafe fn find_places(places: &mut [([u32; LANES], Wide)], group: &Group) {
    // SAFETY: the caller promised AVX2; the group and what it goes to are aligned to 32 bytes.
    unsafe {
        let whole = |values: &[u32; 8]| _mm256_load_si256(values.as_ptr().cast());
        let (base, step) = (whole(&group.base), whole(&group.step));
        let mut place = whole(&group.place);
        for (at, fraction) in places {
            let sample = _mm256_add_epi32(base, _mm256_srli_epi32::<{ FRACTION_BITS as i32 }>(place));
            _mm256_store_si256(at.as_mut_ptr().cast(), sample);
            let part = _mm256_and_si256(place, _mm256_set1_epi32((1 << FRACTION_BITS) - 1));
            let scale = _mm256_set1_ps(1.0 / (1u32 << FRACTION_BITS) as f32);
            _mm256_store_ps(fraction.as_mut_ptr(), _mm256_mul_ps(_mm256_cvtepi32_ps(part), scale));
            place = _mm256_add_epi32(place, step);
        }
    }
}

/// As [`Group::load`].
///
/// Realtime-safe: yes.
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
pub unsafe fn load(group: &mut Group, courses: [&Course; LANES]) {
    let rows = |row: fn(&Course) -> &[f32; 4], out: &mut [Wide; 4]| {
        let pair = |n: usize| {
            // SAFETY: each row is four floats.
            unsafe {
                let low = _mm_loadu_ps(row(courses[n]).as_ptr());
                let high = _mm_loadu_ps(row(courses[n + 4]).as_ptr());
                _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
            }
        };
        // SAFETY: the caller promised AVX2; every array of the group is 32 bytes long.
        unsafe {
            let columns = transpose([pair(0), pair(1), pair(2), pair(3)]);
            for n in 0..4 {
                _mm256_storeu_ps(out[n].as_mut_ptr(), columns[n]);
            }
        }
    };
    rows(|course| &course.gains, &mut group.gains);
    rows(|course| &course.slopes, &mut group.slopes);
    rows(|course| &course.filter, &mut group.filter);
    rows(|course| &course.filter_slopes, &mut group.filter_slopes);
    rows(|course| &course.state, &mut group.state);
}

/// As [`Group::render`], to the last few bits.
///
/// Realtime-safe: yes.
///
/// # Safety
/// The processor has AVX2 and FMA; [`Group::is_inside`] holds for the pool and the frames; `task`'s frames are no more
/// than a tick.
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
pub unsafe fn render(group: &mut Group, pool: &[f32], buses: &mut Buses, task: &Task) {
    // SAFETY: passed on.
    unsafe {
        match (task.is_filtered, task.is_gliding, task.is_first) {
            (false, _, false) => by_buses::<false, false, false>(group, pool, buses, task),
            (false, _, true) => by_buses::<false, false, true>(group, pool, buses, task),
            (true, false, false) => by_buses::<true, false, false>(group, pool, buses, task),
            (true, false, true) => by_buses::<true, false, true>(group, pool, buses, task),
            (true, true, false) => by_buses::<true, true, false>(group, pool, buses, task),
            (true, true, true) => by_buses::<true, true, true>(group, pool, buses, task),
        }
    }
}

#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
unsafe fn by_buses<const FILTERED: bool, const GLIDING: bool, const FIRST: bool>(
    group: &mut Group,
    pool: &[f32],
    buses: &mut Buses,
    task: &Task,
) {
    // SAFETY: passed on.
    unsafe {
        match task.buses {
            2 => kernel::<FILTERED, GLIDING, FIRST, 2>(group, pool, buses, task),
            3 => kernel::<FILTERED, GLIDING, FIRST, 3>(group, pool, buses, task),
            _ => kernel::<FILTERED, GLIDING, FIRST, 4>(group, pool, buses, task),
        }
    }
}

#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
unsafe fn kernel<const FILTERED: bool, const GLIDING: bool, const FIRST: bool, const COUNT: usize>(
    group: &mut Group,
    pool: &[f32],
    buses: &mut Buses,
    task: &Task,
) {
    let load = |values: &[f32; 8]| -> __m256 {
        // SAFETY: the group is aligned to 32 bytes and every array in it is 32 bytes long.
        unsafe { _mm256_load_ps(values.as_ptr()) }
    };
    let mut gains = group.gains.each_ref().map(load);
    let slopes = group.slopes.each_ref().map(load);
    let [mut a, mut b, ..] = group.state.each_ref().map(load);
    let [mut m, mut k, mut q, past] = group.filter.each_ref().map(load);
    let filter_slopes = group.filter_slopes.each_ref().map(load);
    let Buses(rows, places) = buses;
    let places = &mut places[..task.frames];
    // SAFETY: the caller promised AVX2.
    unsafe { find_places(places, group) };
    for (n, (at, fraction)) in places.iter().enumerate() {
        // SAFETY: the features are there; the caller promised that every place has one sample before it and two after
        // it in the pool, and that the frame is one of the tick's.
        unsafe {
            let mut y = interpolate(points(pool.as_ptr(), at), _mm256_load_ps(fraction.as_ptr()));
            if FILTERED {
                // Written so that each integrator waits for the last frame's only through two multiplications.
                let from_a = _mm256_fmadd_ps(k, a, b);
                let next_a = _mm256_fmadd_ps(m, a, _mm256_fnmadd_ps(k, b, _mm256_mul_ps(k, y)));
                let next_b = _mm256_add_ps(from_a, _mm256_fnmadd_ps(q, b, _mm256_mul_ps(q, y)));
                let low = _mm256_add_ps(b, next_b);
                y = _mm256_fmadd_ps(_mm256_set1_ps(0.5), low, _mm256_mul_ps(past, y));
                (a, b) = (next_a, next_b);
                if GLIDING {
                    m = _mm256_add_ps(m, filter_slopes[0]);
                    k = _mm256_add_ps(k, filter_slopes[1]);
                    q = _mm256_add_ps(q, filter_slopes[2]);
                }
            }
            for bus in 0..COUNT {
                gains[bus] = _mm256_add_ps(gains[bus], slopes[bus]);
                let out = rows[bus].as_mut_ptr().add(task.first + n).cast::<f32>();
                let sum = if FIRST {
                    _mm256_mul_ps(y, gains[bus])
                } else {
                    _mm256_fmadd_ps(y, gains[bus], _mm256_load_ps(out))
                };
                _mm256_store_ps(out, sum);
            }
        }
    }
    // SAFETY: as for the loads.
    unsafe {
        _mm256_store_ps(group.state[0].as_mut_ptr(), a);
        _mm256_store_ps(group.state[1].as_mut_ptr(), b);
    }
}

/// As [`Buses::sum`].
///
/// Realtime-safe: yes.
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
pub unsafe fn sum(bus: &[Wide; TICK], out: &mut [f32]) {
    for (frames, eight) in bus.chunks_exact(8).zip(out.chunks_mut(8)) {
        // SAFETY: eight frames of eight floats; the caller promised AVX2.
        unsafe {
            let frame = |n: usize| _mm256_loadu_ps(frames[n].as_ptr());
            let low = transpose([frame(0), frame(1), frame(2), frame(3)]);
            let high = transpose([frame(4), frame(5), frame(6), frame(7)]);
            let fold = |x: [__m256; 4]| _mm256_add_ps(_mm256_add_ps(x[0], x[1]), _mm256_add_ps(x[2], x[3]));
            let (low, high) = (fold(low), fold(high));
            let near = _mm256_permute2f128_ps::<0x20>(low, high);
            let far = _mm256_permute2f128_ps::<0x31>(low, high);
            let sums = _mm256_add_ps(near, far);
            if eight.len() == 8 {
                _mm256_storeu_ps(eight.as_mut_ptr(), sums);
            } else {
                let mut all = [0.0; 8];
                _mm256_storeu_ps(all.as_mut_ptr(), sums);
                eight.copy_from_slice(&all[..eight.len()]);
            }
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
unsafe fn points(pool: *const f32, places: &[u32; LANES]) -> [__m256; 4] {
    let pair = |n: usize| {
        // SAFETY: the caller's promise.
        unsafe {
            let low = _mm_loadu_ps(pool.add(places[n] as usize - 1));
            let high = _mm_loadu_ps(pool.add(places[n + 4] as usize - 1));
            _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
        }
    };
    let (a, b, c, d) = (pair(0), pair(1), pair(2), pair(3));
    // SAFETY: the caller promised AVX2.
    unsafe { transpose([a, b, c, d]) }
}

/// Four rows to four columns, in each half.
///
/// # Safety
/// AVX2.
#[inline]
#[target_feature(enable = "avx2,fma")]
#[allow(unused_unsafe)]
unsafe fn transpose([a, b, c, d]: [__m256; 4]) -> [__m256; 4] {
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
