//! Eight voices side by side as two times four, with NEON, which every 64-bit ARM processor has.

use super::group::{Buses, Group, Task, Wide, LANES};
use super::lane::{Course, FRACTION_BITS};
use super::voice::TICK;
use std::arch::aarch64::{
    float32x4_t, vaddq_f32, vaddq_u32, vandq_u32, vcvtq_f32_u32, vdupq_n_f32, vdupq_n_u32, vfmaq_f32,
    vfmsq_f32, vld1q_f32, vld1q_u32, vmulq_f32, vpaddq_f32, vreinterpretq_f32_f64, vreinterpretq_f64_f32,
    vshrq_n_u32, vst1q_f32, vst1q_u32, vsubq_f32, vtrn1q_f32, vtrn1q_f64, vtrn2q_f32, vtrn2q_f64,
};

/// One value a lane.
type Eight = [float32x4_t; 2];

#[inline]
fn read(values: &Wide) -> Eight {
    // SAFETY: eight floats.
    unsafe { [vld1q_f32(values.as_ptr()), vld1q_f32(values.as_ptr().add(4))] }
}

#[inline]
fn write(values: Eight, out: &mut Wide) {
    // SAFETY: eight floats.
    unsafe {
        vst1q_f32(out.as_mut_ptr(), values[0]);
        vst1q_f32(out.as_mut_ptr().add(4), values[1]);
    }
}

/// Four rows to four columns.
#[inline]
#[allow(unused_unsafe)]
fn transpose([a, b, c, d]: [float32x4_t; 4]) -> [float32x4_t; 4] {
    // SAFETY: every processor of this kind has NEON.
    unsafe {
        let (even_ab, odd_ab) = (vtrn1q_f32(a, b), vtrn2q_f32(a, b));
        let (even_cd, odd_cd) = (vtrn1q_f32(c, d), vtrn2q_f32(c, d));
        let wide = |x: float32x4_t| vreinterpretq_f64_f32(x);
        [
            vreinterpretq_f32_f64(vtrn1q_f64(wide(even_ab), wide(even_cd))),
            vreinterpretq_f32_f64(vtrn1q_f64(wide(odd_ab), wide(odd_cd))),
            vreinterpretq_f32_f64(vtrn2q_f64(wide(even_ab), wide(even_cd))),
            vreinterpretq_f32_f64(vtrn2q_f64(wide(odd_ab), wide(odd_cd))),
        ]
    }
}

/// As [`Group::load`].
///
/// Realtime-safe: yes.
pub fn load(group: &mut Group, courses: [&Course; LANES]) {
    let rows = |row: fn(&Course) -> &[f32; 4], out: &mut [Wide; 4]| {
        for half in [0, 4] {
            // SAFETY: each row is four floats; each column of the group has eight, of which four are written.
            unsafe {
                let four = [0, 1, 2, 3].map(|n| vld1q_f32(row(courses[half + n]).as_ptr()));
                for (column, values) in out.iter_mut().zip(transpose(four)) {
                    vst1q_f32(column.as_mut_ptr().add(half), values);
                }
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
/// [`Group::is_inside`] holds for the pool and the frames; `task`'s frames are no more than a tick.
pub unsafe fn render(group: &mut Group, pool: &[f32], buses: &mut Buses, task: &Task) {
    // SAFETY: passed on.
    unsafe {
        match (task.is_filtered, task.is_gliding) {
            (false, _) => by_first::<false, false>(group, pool, buses, task),
            (true, false) => by_first::<true, false>(group, pool, buses, task),
            (true, true) => by_first::<true, true>(group, pool, buses, task),
        }
    }
}

unsafe fn by_first<const FILTERED: bool, const GLIDING: bool>(
    group: &mut Group,
    pool: &[f32],
    buses: &mut Buses,
    task: &Task,
) {
    // SAFETY: passed on.
    unsafe {
        match (task.is_first, task.buses) {
            (false, 2) => kernel::<FILTERED, GLIDING, false, 2>(group, pool, buses, task),
            (false, 3) => kernel::<FILTERED, GLIDING, false, 3>(group, pool, buses, task),
            (false, _) => kernel::<FILTERED, GLIDING, false, 4>(group, pool, buses, task),
            (true, 2) => kernel::<FILTERED, GLIDING, true, 2>(group, pool, buses, task),
            (true, 3) => kernel::<FILTERED, GLIDING, true, 3>(group, pool, buses, task),
            (true, _) => kernel::<FILTERED, GLIDING, true, 4>(group, pool, buses, task),
        }
    }
}

/// Where each lane reads in each frame.
#[inline]
#[allow(unused_unsafe)]
fn find_places(places: &mut [([u32; LANES], Wide)], group: &Group) {
    // SAFETY: every array is of eight; every processor of this kind has NEON.
    unsafe {
        let scale = vdupq_n_f32(1.0 / (1u32 << FRACTION_BITS) as f32);
        let mask = vdupq_n_u32((1 << FRACTION_BITS) - 1);
        for half in [0, 4] {
            let base = vld1q_u32(group.base.as_ptr().add(half));
            let step = vld1q_u32(group.step.as_ptr().add(half));
            let mut place = vld1q_u32(group.place.as_ptr().add(half));
            for (at, fraction) in places.iter_mut() {
                let sample = vaddq_u32(base, vshrq_n_u32::<{ FRACTION_BITS as i32 }>(place));
                vst1q_u32(at.as_mut_ptr().add(half), sample);
                let part = vmulq_f32(vcvtq_f32_u32(vandq_u32(place, mask)), scale);
                vst1q_f32(fraction.as_mut_ptr().add(half), part);
                place = vaddq_u32(place, step);
            }
        }
    }
}

#[allow(unused_unsafe)]
unsafe fn kernel<const FILTERED: bool, const GLIDING: bool, const FIRST: bool, const COUNT: usize>(
    group: &mut Group,
    pool: &[f32],
    buses: &mut Buses,
    task: &Task,
) {
    let mut gains = group.gains.each_ref().map(read);
    let slopes = group.slopes.each_ref().map(read);
    let [mut a, mut b, ..] = group.state.each_ref().map(read);
    let [mut m, mut k, mut q, past] = group.filter.each_ref().map(read);
    let filter_slopes = group.filter_slopes.each_ref().map(read);
    let Buses(rows, places) = buses;
    let places = &mut places[..task.frames];
    find_places(places, group);
    for (n, (at, fraction)) in places.iter().enumerate() {
        let fraction = read(fraction);
        let outs = rows.each_mut().map(|row| row[task.first + n].as_mut_ptr());
        for half in 0..2 {
            // SAFETY: the caller promised that every place has one sample before it and two after it in the pool; a
            // frame of a bus is eight floats.
            unsafe {
                let four = [0, 1, 2, 3].map(|n| vld1q_f32(pool.as_ptr().add(at[4 * half + n] as usize - 1)));
                let mut y = interpolate(transpose(four), fraction[half]);
                if FILTERED {
                    let (old_a, old_b) = (a[half], b[half]);
                    let from_a = vfmaq_f32(old_b, k[half], old_a);
                    let next_a = vfmaq_f32(vfmsq_f32(vmulq_f32(k[half], y), k[half], old_b), m[half], old_a);
                    let next_b = vaddq_f32(from_a, vfmsq_f32(vmulq_f32(q[half], y), q[half], old_b));
                    let low = vaddq_f32(old_b, next_b);
                    y = vfmaq_f32(vmulq_f32(past[half], y), vdupq_n_f32(0.5), low);
                    (a[half], b[half]) = (next_a, next_b);
                    if GLIDING {
                        m[half] = vaddq_f32(m[half], filter_slopes[0][half]);
                        k[half] = vaddq_f32(k[half], filter_slopes[1][half]);
                        q[half] = vaddq_f32(q[half], filter_slopes[2][half]);
                    }
                }
                for bus in 0..COUNT {
                    gains[bus][half] = vaddq_f32(gains[bus][half], slopes[bus][half]);
                    let out = outs[bus].add(4 * half);
                    let before = if FIRST { vdupq_n_f32(0.0) } else { vld1q_f32(out) };
                    vst1q_f32(out, vfmaq_f32(before, y, gains[bus][half]));
                }
            }
        }
    }
    write(a, &mut group.state[0]);
    write(b, &mut group.state[1]);
}

/// As the plain kernel's interpolation.
#[inline]
#[allow(unused_unsafe)]
fn interpolate([before, here, next, after]: [float32x4_t; 4], t: float32x4_t) -> float32x4_t {
    // SAFETY: every processor of this kind has NEON.
    unsafe {
        let half = vdupq_n_f32(0.5);
        let slope = vmulq_f32(half, vsubq_f32(next, before));
        let bend = vfmsq_f32(before, vdupq_n_f32(2.5), here);
        let bend = vfmaq_f32(bend, vdupq_n_f32(2.0), next);
        let bend = vfmsq_f32(bend, half, after);
        let twist = vmulq_f32(half, vsubq_f32(after, before));
        let twist = vfmaq_f32(twist, vdupq_n_f32(1.5), vsubq_f32(here, next));
        let y = vfmaq_f32(bend, twist, t);
        let y = vfmaq_f32(slope, y, t);
        vfmaq_f32(here, y, t)
    }
}

/// As [`Buses::sum`].
///
/// Realtime-safe: yes.
#[allow(unused_unsafe)]
pub fn sum(bus: &[Wide; TICK], out: &mut [f32]) {
    for (frames, four) in bus.chunks_exact(4).zip(out.chunks_mut(4)) {
        // SAFETY: every processor of this kind has NEON.
        let sums = unsafe {
            let folded = [0, 1, 2, 3].map(|n| {
                let [low, high] = read(&frames[n]);
                vaddq_f32(low, high)
            });
            vpaddq_f32(vpaddq_f32(folded[0], folded[1]), vpaddq_f32(folded[2], folded[3]))
        };
        let mut all = [0.0f32; 4];
        // SAFETY: four floats.
        unsafe { vst1q_f32(all.as_mut_ptr(), sums) };
        four.copy_from_slice(&all[..four.len()]);
    }
}
