//! What a kernel needs of one voice: where it reads, its filter, its gains, and how they move within a tick.

use super::maths::{exp2, sine_and_cosine};
use super::plan::Trace;
use super::pool::{SEAM_BEFORE, STRIDE};
use super::region::{Looping, Region};

/// Buses a voice plays into: left, right, reverb, chorus.
pub const BUSES: usize = 4;
/// Bits of the fraction of a place within a run.
pub const FRACTION_BITS: u32 = 23;
/// One sample on the scale of a lane's position.
const ONE: u64 = 1 << 32;
/// A centibel as a power of two: log2(10) / 200.
const CENTIBEL: f32 = 0.016_609_64;
/// The most samples a frame may move on; seven octaves above the recorded pitch at twice the rate.
const MOST_STEP: u64 = 64 * ONE;

/// How a lane sounds and moves, as kernels read it: rows of four.
///
/// The filter is a state-variable one, its integrators trapezoidal, so that it may be moved while it sounds. With the
/// integrators a and b and the input x it goes on to `m a + k (x - b)` and `b + k a + q (x - b)`; what leaves it is the
/// mean of the old b and the new.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct Course {
    /// Gains to the buses.
    pub gains: [f32; BUSES],
    /// How far each gain moves a frame.
    pub slopes: [f32; BUSES],
    /// The filter: m, k, q, and how much goes past it.
    pub filter: [f32; 4],
    /// How far each moves a frame.
    pub filter_slopes: [f32; 4],
    /// The filter's integrators; the others are padding.
    pub state: [f32; 4],
}

impl Course {
    /// Silence past a filter that does nothing.
    pub const OPEN: Self = Self {
        gains: [0.0; BUSES],
        slopes: [0.0; BUSES],
        filter: [0.0, 0.0, 0.0, 1.0],
        filter_slopes: [0.0; 4],
        state: [0.0; 4],
    };

    /// Where it is after so many frames, but for the integrators.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn advance(&mut self, frames: f32) {
        for n in 0..4 {
            self.gains[n] += self.slopes[n] * frames;
            self.filter[n] += self.filter_slopes[n] * frames;
        }
    }
}

/// One voice's lane.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// What it plays.
    pub region: Region,
    /// Whether it still loops.
    pub is_looping: bool,
    /// Where it is in the pool: 32 bits of samples, 32 of fraction.
    pub position: u64,
    /// How far it moves on a frame.
    pub step: u64,
    /// Whether the filter is in its way.
    pub is_filtered: bool,
    /// How it sounds.
    pub course: Course,
    /// A gain that makes up for the filter's resonance.
    pub compensation: f32,
    /// What damps the filter.
    inverse_q: f32,
    /// Where plans have it.
    pub trace: Trace,
}

/// Where a run of frames reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// The sample at the first frame, in the pool.
    pub base: u32,
    /// The fraction at the first frame.
    pub fraction: u32,
    /// How far each frame moves on, in units of the fraction.
    pub step: u32,
    /// One past the last sample that is read.
    pub reach: u32,
}

impl Run {
    /// Silence, for the rest of a stretch in which the sample ended: the filter rings on until it is over.
    pub const SILENT: Self = Self { base: 1, fraction: 0, step: 0, reach: 4 };
}

impl Lane {
    /// A lane at the start of its region, silent.
    ///
    /// Realtime-safe: yes.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            is_looping: region.looping != Looping::Off,
            position: u64::from(region.start) << 32,
            step: ONE,
            is_filtered: false,
            course: Course::OPEN,
            compensation: 1.0,
            inverse_q: std::f32::consts::SQRT_2,
            trace: Trace::default(),
        }
    }

    /// Begins so many samples later, but before its end.
    ///
    /// Realtime-safe: yes.
    pub fn skip(&mut self, samples: f32) {
        let end = if self.is_looping { self.region.loop_end } else { self.region.end };
        let most = end.saturating_sub(self.region.start + 1);
        // A number below nought becomes nought.
        self.position += u64::from((samples as u32).min(most)) << 32;
    }

    /// The key went up: a loop that lasts until then ends.
    ///
    /// Realtime-safe: yes.
    pub fn release(&mut self) {
        // What was heard of the loop's next turn came from its seam: go on from where that really is.
        self.wrap();
        self.is_looping &= self.region.looping == Looping::Always;
    }

    /// Sets how far a frame moves on, in samples.
    ///
    /// Realtime-safe: yes.
    pub fn set_step(&mut self, samples: f64) {
        self.step = ((samples * ONE as f64) as u64).min(MOST_STEP);
    }

    /// The most frames that one run may have, where that is less than `frames`.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn most_frames(&self, frames: usize) -> usize {
        const MOST: u64 = (STRIDE as u64) << 32;
        if self.step * frames as u64 <= MOST {
            return frames;
        }
        ((MOST / self.step) as usize).max(1)
    }

    /// Where the next `frames` (no more than [`Lane::most_frames`]) read; `None` if the sample is over.
    ///
    /// Realtime-safe: yes.
    pub fn run(&mut self, frames: usize) -> Option<Run> {
        let region = &self.region;
        let (end, seam) =
            if self.is_looping { (region.loop_end, region.loop_seam) } else { (region.end, region.end_seam) };
        self.wrap();
        if !self.is_looping && self.position >= (u64::from(end) + 2) << 32 {
            return None;
        }
        let at = (self.position >> 32) as u32;
        let last = (self.position + self.step * frames as u64) >> 32;
        let base = if last + 3 <= u64::from(end) { at } else { seam + SEAM_BEFORE + at - end };
        Some(Run {
            base,
            fraction: (self.position as u32) >> (32 - FRACTION_BITS),
            step: (self.step >> (32 - FRACTION_BITS)) as u32,
            reach: base + (last as u32 - at) + 3,
        })
    }

    /// Goes back by as many turns of the loop as were played.
    #[inline]
    fn wrap(&mut self) {
        let Region { loop_start, loop_end, .. } = self.region;
        // The sample before the place is read too: only one past the end may the loop begin again.
        let over = (u64::from(loop_end) + 1) << 32;
        if self.is_looping && self.position >= over {
            let length = u64::from(loop_end - loop_start) << 32;
            self.position -= ((self.position - over) / length + 1) * length;
        }
    }

    /// Moves on by a run.
    ///
    /// Realtime-safe: yes.
    pub fn advance(&mut self, frames: usize) {
        self.position += self.step * frames as u64;
        self.course.advance(frames as f32);
    }

    /// Asks for the samples of the next tick, which would else be waited for.
    ///
    /// Realtime-safe: yes.
    #[inline]
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables, reason = "only there can one ask"))]
    pub fn prefetch(&self, pool: &[f32]) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
            let at = (self.position >> 32) as usize;
            let count = (self.step >> 26) as usize + 4;
            for n in (0..count.min(256)).step_by(16) {
                // SAFETY: asking is allowed anywhere.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(pool.as_ptr().wrapping_add(at + n).cast()) };
            }
        }
    }

    /// Sets where the gains shall be after `frames`.
    ///
    /// Realtime-safe: yes.
    pub fn glide_gains(&mut self, targets: [f32; BUSES], frames: f32) {
        let share = 1.0 / frames;
        for bus in 0..BUSES {
            self.course.slopes[bus] = (targets[bus] - self.course.gains[bus]) * share;
        }
    }

    /// Sets the filter's resonance, in centibels above the flattest.
    ///
    /// Realtime-safe: yes.
    pub fn set_resonance(&mut self, resonance: f32) {
        self.inverse_q = exp2((30.1 - resonance) * CENTIBEL);
        // The standard's compensation: half the resonance, in decibels, is taken off the whole.
        self.compensation = exp2(-0.5 * resonance * CENTIBEL);
    }

    /// Sets where the filter shall be after `frames`: its cutoff in hertz.
    ///
    /// Realtime-safe: yes.
    pub fn glide_filter(&mut self, cutoff_hz: f32, rate_hz: f32, frames: f32, jump: bool) {
        let cutoff_hz = cutoff_hz.clamp(5.0, 0.45 * rate_hz);
        // g is the tangent; multiplied through by the cosine's square there is one division instead of three.
        let (sine, cosine) = sine_and_cosine(std::f32::consts::PI * cutoff_hz / rate_hz);
        let scale = 2.0 / (cosine * cosine + sine * (sine + self.inverse_q * cosine));
        let targets = [cosine * cosine * scale - 1.0, sine * cosine * scale, sine * sine * scale, 0.0];
        let share = 1.0 / frames;
        let course = &mut self.course;
        if jump {
            course.filter = targets;
        }
        for n in 0..4 {
            course.filter_slopes[n] = (targets[n] - course.filter[n]) * share;
        }
    }

    /// Leaves the filter where it is.
    ///
    /// Realtime-safe: yes.
    pub fn hold_filter(&mut self) {
        self.course.filter_slopes = [0.0; 4];
    }
}
