//! Eight voices side by side: the plain kernel, which every other one must equal.

use super::lane::{Course, Run, BUSES, FRACTION_BITS};
use super::voice::TICK;

/// Voices in a group.
pub const LANES: usize = 8;
/// One value a lane.
pub type Wide = [f32; LANES];

/// A fraction of a place as a float in [0, 1).
const FRACTION: f32 = 1.0 / (1u32 << FRACTION_BITS) as f32;

/// Where groups add what they play: for each bus and frame of a tick one value a lane, summed up at the end.
#[derive(Clone)]
#[repr(C, align(64))]
pub struct Buses(pub [[Wide; TICK]; BUSES], pub Places);

/// Where each lane of a group reads in each frame, as whole samples and fractions: a kernel's notes.
pub type Places = [([u32; LANES], Wide); TICK];

impl Buses {
    /// Silence.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new() -> Box<Self> {
        Box::new(Self([[[0.0; LANES]; TICK]; BUSES], [([0; LANES], [0.0; LANES]); TICK]))
    }

    /// Clears the first frames of some buses.
    ///
    /// Realtime-safe: yes.
    pub fn clear(&mut self, buses: std::ops::Range<usize>, frames: usize) {
        for bus in &mut self.0[buses] {
            bus[..frames].fill([0.0; LANES]);
        }
    }

    /// Writes what one bus holds to `out`.
    ///
    /// Realtime-safe: yes.
    pub fn sum(&self, bus: usize, out: &mut [f32]) {
        for (sample, lanes) in out.iter_mut().zip(&self.0[bus]) {
            let [a, b, c, d, e, f, g, h] = *lanes;
            *sample = ((a + e) + (b + f)) + ((c + g) + (d + h));
        }
    }
}

/// What a group is to be rendered to, and what of it can be left out.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The first frame of the buses.
    pub first: usize,
    /// How many frames.
    pub frames: usize,
    /// Whether any lane has a filter.
    pub is_filtered: bool,
    /// Whether any filter moves.
    pub is_gliding: bool,
    /// Whether the buses hold nothing yet, so that they are written and not added to.
    pub is_first: bool,
    /// How many of the buses are played into: 2, 3 or 4.
    pub buses: usize,
}

/// The lanes of eight voices, value by value.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub struct Group {
    /// Where each reads.
    pub base: [u32; LANES],
    /// Where it is, from there.
    pub place: [u32; LANES],
    /// How far a frame moves on.
    pub step: [u32; LANES],
    /// Gains to the buses.
    pub gains: [Wide; BUSES],
    /// How far they move a frame.
    pub slopes: [Wide; BUSES],
    /// The filters: m, k, q, and how much goes past.
    pub filter: [Wide; 4],
    /// How far they move a frame.
    pub filter_slopes: [Wide; 4],
    /// The filters' integrators, and padding.
    pub state: [Wide; 4],
    /// One past the last sample that any lane reads.
    reach: u32,
}

impl Group {
    /// Eight lanes that read the silence at the start of the pool.
    pub const EMPTY: Self = Self {
        base: [1; LANES],
        place: [0; LANES],
        step: [0; LANES],
        gains: [[0.0; LANES]; BUSES],
        slopes: [[0.0; LANES]; BUSES],
        filter: [[0.0; LANES]; 4],
        filter_slopes: [[0.0; LANES]; 4],
        state: [[0.0; LANES]; 4],
        reach: 4,
    };

    /// Says where a lane reads.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn place(&mut self, n: usize, run: Run) {
        self.base[n] = run.base.max(1);
        self.place[n] = run.fraction;
        self.step[n] = run.step;
        self.reach = self.reach.max(run.reach);
    }

    /// Takes the courses of all lanes.
    ///
    /// Realtime-safe: yes.
    pub fn load(&mut self, courses: [&Course; LANES]) {
        for (n, course) in courses.into_iter().enumerate() {
            for k in 0..4 {
                self.gains[k][n] = course.gains[k];
                self.slopes[k][n] = course.slopes[k];
                self.filter[k][n] = course.filter[k];
                self.filter_slopes[k][n] = course.filter_slopes[k];
                self.state[k][n] = course.state[k];
            }
        }
    }

    /// Whether everything that is read lies inside a pool of this length.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn is_inside(&self, length: usize) -> bool {
        self.reach as usize <= length
    }

    /// Adds the group to the buses. Four-point Hermite interpolation, filter, gains.
    ///
    /// Realtime-safe: yes.
    pub fn render(&mut self, pool: &[f32], buses: &mut Buses, task: &Task) {
        for frame in task.first..task.first + task.frames {
            let mut y = [0.0; LANES];
            for n in 0..LANES {
                let at = self.base[n] as usize + (self.place[n] >> FRACTION_BITS) as usize;
                let fraction = (self.place[n] & ((1 << FRACTION_BITS) - 1)) as f32 * FRACTION;
                self.place[n] = self.place[n].wrapping_add(self.step[n]);
                let points = pool.get(at - 1..at + 3).unwrap_or(&[0.0; 4]);
                y[n] = interpolate([points[0], points[1], points[2], points[3]], fraction);
            }
            if task.is_filtered {
                self.filter(&mut y);
            }
            for bus in 0..task.buses {
                let out = &mut buses.0[bus][frame];
                for n in 0..LANES {
                    self.gains[bus][n] += self.slopes[bus][n];
                    let before = if task.is_first { 0.0 } else { out[n] };
                    out[n] = before + y[n] * self.gains[bus][n];
                }
            }
        }
    }

    #[inline(always)]
    fn filter(&mut self, y: &mut Wide) {
        let [m, k, q, past] = &self.filter;
        let [a, b, ..] = &mut self.state;
        for n in 0..LANES {
            let over = y[n] - b[n];
            let next = (b[n] + k[n] * a[n]) + q[n] * over;
            a[n] = m[n] * a[n] + k[n] * over;
            y[n] = past[n] * y[n] + 0.5 * (b[n] + next);
            b[n] = next;
        }
        for (now, slope) in self.filter.iter_mut().zip(&self.filter_slopes) {
            for n in 0..LANES {
                now[n] += slope[n];
            }
        }
    }
}

/// The value at `fraction` between the second and the third of four points: Hermite, third order.
#[inline(always)]
fn interpolate([before, here, next, after]: [f32; 4], fraction: f32) -> f32 {
    let slope = 0.5 * (next - before);
    let bend = before - 2.5 * here + 2.0 * next - 0.5 * after;
    let twist = 0.5 * (after - before) + 1.5 * (here - next);
    ((twist * fraction + bend) * fraction + slope) * fraction + here
}
