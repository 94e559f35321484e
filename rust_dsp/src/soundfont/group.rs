//! Eight voices side by side: the plain kernel, which every other one must equal.

use super::lane::{Lane, Run, BUSES, FRACTION_BITS};
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
pub struct Buses(pub [[Wide; TICK]; BUSES]);

impl Buses {
    /// Silence.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new() -> Box<Self> {
        Box::new(Self([[[0.0; LANES]; TICK]; BUSES]))
    }

    /// Clears the first frames.
    ///
    /// Realtime-safe: yes.
    pub fn clear(&mut self, frames: usize) {
        for bus in &mut self.0 {
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
    /// The filters' integrators.
    pub state: [Wide; 2],
    /// The filters' coefficients.
    pub coefficients: [Wide; 4],
    /// How far they move a frame.
    pub coefficient_slopes: [Wide; 4],
    /// Gains to the buses.
    pub gains: [Wide; BUSES],
    /// How far they move a frame.
    pub slopes: [Wide; BUSES],
}

impl Group {
    /// Eight lanes that read the silence at the start of the pool.
    pub const EMPTY: Self = Self {
        base: [1; LANES],
        place: [0; LANES],
        step: [0; LANES],
        state: [[0.0; LANES]; 2],
        coefficients: [[0.0; LANES]; 4],
        coefficient_slopes: [[0.0; LANES]; 4],
        gains: [[0.0; LANES]; BUSES],
        slopes: [[0.0; LANES]; BUSES],
    };

    /// Puts a voice on a lane.
    ///
    /// Realtime-safe: yes.
    pub fn load(&mut self, n: usize, lane: &Lane, run: Run) {
        self.base[n] = run.base;
        self.place[n] = run.fraction;
        self.step[n] = run.step;
        if lane.is_filtered {
            self.state[0][n] = lane.filter.state[0];
            self.state[1][n] = lane.filter.state[1];
            for k in 0..4 {
                self.coefficients[k][n] = lane.filter.now[k];
                self.coefficient_slopes[k][n] = lane.filter.slope[k];
            }
        }
        for bus in 0..BUSES {
            self.gains[bus][n] = lane.gains[bus];
            self.slopes[bus][n] = lane.slopes[bus];
        }
    }

    /// Takes a lane's state back.
    ///
    /// Realtime-safe: yes.
    pub fn store(&self, n: usize, lane: &mut Lane, frames: usize) {
        if lane.is_filtered {
            lane.filter.state = [self.state[0][n], self.state[1][n]];
            for k in 0..4 {
                lane.filter.now[k] = self.coefficients[k][n];
            }
        }
        for bus in 0..BUSES {
            lane.gains[bus] = self.gains[bus][n];
        }
        lane.advance(frames);
    }

    /// Whether any filter's coefficients move.
    ///
    /// Realtime-safe: yes.
    pub fn is_gliding(&self) -> bool {
        self.coefficient_slopes.iter().flatten().any(|slope| *slope != 0.0)
    }

    /// Whether every lane stays inside a pool of this many samples for `frames`.
    ///
    /// Realtime-safe: yes.
    pub fn is_inside(&self, length: usize, frames: usize) -> bool {
        (0..LANES).all(|n| {
            let last = u64::from(self.place[n]) + u64::from(self.step[n]) * frames as u64;
            let reach = last >> FRACTION_BITS;
            u32::try_from(last).is_ok()
                && self.base[n] >= 1
                && u64::from(self.base[n]) + reach + 3 <= length as u64
        })
    }

    /// Adds the group to the buses from `first` on. Four-point Hermite interpolation, filter, gains.
    ///
    /// Realtime-safe: yes.
    pub fn render<const FILTERED: bool>(
        &mut self,
        pool: &[f32],
        buses: &mut Buses,
        first: usize,
        frames: usize,
    ) {
        for frame in first..first + frames {
            let mut y = [0.0; LANES];
            for n in 0..LANES {
                let at = self.base[n] as usize + (self.place[n] >> FRACTION_BITS) as usize;
                let fraction = (self.place[n] & ((1 << FRACTION_BITS) - 1)) as f32 * FRACTION;
                self.place[n] = self.place[n].wrapping_add(self.step[n]);
                let points = pool.get(at - 1..at + 3).unwrap_or(&[0.0; 4]);
                y[n] = interpolate([points[0], points[1], points[2], points[3]], fraction);
            }
            if FILTERED {
                self.filter(&mut y);
            }
            for bus in 0..BUSES {
                let out = &mut buses.0[bus][frame];
                for n in 0..LANES {
                    self.gains[bus][n] += self.slopes[bus][n];
                    out[n] += y[n] * self.gains[bus][n];
                }
            }
        }
    }

    #[inline(always)]
    fn filter(&mut self, y: &mut Wide) {
        let [a1, a2, a3, gain] = &mut self.coefficients;
        let [first, second] = &mut self.state;
        for n in 0..LANES {
            let over = y[n] - second[n];
            let band = a1[n] * first[n] + a2[n] * over;
            let low = second[n] + a2[n] * first[n] + a3[n] * over;
            first[n] = 2.0 * band - first[n];
            second[n] = 2.0 * low - second[n];
            y[n] = low * gain[n];
        }
        for (now, slope) in self.coefficients.iter_mut().zip(&self.coefficient_slopes) {
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
