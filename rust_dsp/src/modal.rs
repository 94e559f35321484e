//! A bank of decaying sines: what a struck or plucked body does.
//!
//! Each mode is a complex number turned and shrunk once a sample. Sixteen modes are advanced together so the
//! compiler keeps them in vector registers, and the order of additions never depends on the callback size.

use std::f32::consts::TAU;

/// Modes advanced together.
const LANES: usize = 16;
/// Groups of modes in a bank.
const GROUPS: usize = 8;
/// The most modes one bank holds.
pub const MAX_MODES: usize = LANES * GROUPS;
/// The most frames rendered at once.
const MAX_FRAMES: usize = 32;
/// Modes above this share of the rate are left out.
const HIGHEST: f32 = 0.42;

/// One decaying sine.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// Frequency in hertz.
    pub frequency_hz: f32,
    /// Amplitude at the start; may be negative.
    pub gain: f32,
    /// Seconds to fall by 60 dB.
    pub t60_seconds: f32,
}

type Lanes = [f32; LANES];

#[derive(Clone, Copy)]
struct Group {
    re: Lanes,
    im: Lanes,
    cos: Lanes,
    sin: Lanes,
}

const SILENT: Group = Group { re: [0.0; LANES], im: [0.0; LANES], cos: [0.0; LANES], sin: [0.0; LANES] };

/// A fixed bank of modes.
pub struct ModalBank {
    groups: [Group; GROUPS],
    omega: [f32; MAX_MODES],
    radius: [f32; MAX_MODES],
    count: usize,
    live_groups: usize,
    rate_hz: f32,
    bend_ratio: f32,
}

impl ModalBank {
    /// An empty bank.
    ///
    /// Realtime-safe: yes.
    pub fn new(rate_hz: f32) -> Self {
        Self {
            groups: [SILENT; GROUPS],
            omega: [0.0; MAX_MODES],
            radius: [0.0; MAX_MODES],
            count: 0,
            live_groups: 0,
            rate_hz,
            bend_ratio: 1.0,
        }
    }

    /// Adds a mode that starts at phase zero, so it begins without a step; says whether there was room.
    /// Inaudible and too high ones are accepted but cost nothing.
    ///
    /// Realtime-safe: yes.
    pub fn add(&mut self, mode: Mode) -> bool {
        if mode.frequency_hz > HIGHEST * self.rate_hz || mode.gain.abs() < 1e-6 {
            return true;
        }
        if self.count == MAX_MODES {
            return false;
        }
        let index = self.count;
        self.omega[index] = TAU * mode.frequency_hz / self.rate_hz;
        self.radius[index] = crate::units::t60_to_factor(mode.t60_seconds, self.rate_hz);
        self.groups[index / LANES].re[index % LANES] = mode.gain;
        self.count += 1;
        self.live_groups = self.count.div_ceil(LANES);
        self.turn(index);
        true
    }

    /// Multiplies every amplitude.
    ///
    /// Realtime-safe: yes.
    pub fn scale(&mut self, gain: f32) {
        for group in &mut self.groups[..self.live_groups] {
            for lane in 0..LANES {
                group.re[lane] *= gain;
                group.im[lane] *= gain;
            }
        }
    }

    /// The root of the summed squares of all amplitudes.
    ///
    /// Realtime-safe: yes.
    pub fn norm(&self) -> f32 {
        self.groups[..self.live_groups].iter().map(energy).sum::<f32>().sqrt()
    }

    /// Makes every mode decay at least as fast as `t60_seconds`, as a damper does.
    ///
    /// Realtime-safe: yes.
    pub fn damp(&mut self, t60_seconds: f32) {
        let limit = crate::units::t60_to_factor(t60_seconds, self.rate_hz);
        for index in 0..self.count {
            if self.radius[index] > limit {
                let ratio = limit / self.radius[index];
                self.radius[index] = limit;
                let group = &mut self.groups[index / LANES];
                group.cos[index % LANES] *= ratio;
                group.sin[index % LANES] *= ratio;
            }
        }
    }

    /// Moves every frequency to `ratio` times what it was at the start.
    ///
    /// Realtime-safe: yes.
    pub fn bend(&mut self, ratio: f32) {
        if ratio != self.bend_ratio {
            self.bend_ratio = ratio;
            for index in 0..self.live_groups.min(GROUPS) * LANES {
                self.turn(index);
            }
        }
    }

    /// Lets go of groups that can no longer be heard; call it once a tick.
    ///
    /// Realtime-safe: yes.
    pub fn prune(&mut self, threshold: f32) {
        while self.live_groups > 0 && energy(&self.groups[self.live_groups - 1]) < threshold * threshold {
            self.live_groups -= 1;
        }
    }

    /// Adds up to 32 frames of the bank to `out`.
    ///
    /// Realtime-safe: yes.
    pub fn render_add(&mut self, out: &mut [f32]) {
        let groups = &mut self.groups[..self.live_groups];
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { render_groups_avx2(groups, out) };
            return;
        }
        render_groups(groups, out);
    }

    fn turn(&mut self, index: usize) {
        let omega = (self.omega[index] * self.bend_ratio).min(3.0);
        let (sin, cos) = omega.sin_cos();
        let group = &mut self.groups[index / LANES];
        group.cos[index % LANES] = cos * self.radius[index];
        group.sin[index % LANES] = sin * self.radius[index];
    }
}

fn energy(group: &Group) -> f32 {
    let mut sum = 0.0;
    for lane in 0..LANES {
        sum += group.re[lane] * group.re[lane] + group.im[lane] * group.im[lane];
    }
    sum
}

/// The same arithmetic in the same order as [`render_groups`], in wider registers; no fused
/// multiply-add, so both give the same bits.
// SAFETY: callers check for AVX2 first.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn render_groups_avx2(groups: &mut [Group], out: &mut [f32]) {
    render_groups(groups, out);
}

#[inline(always)]
fn render_groups(groups: &mut [Group], out: &mut [f32]) {
    const HALF: usize = LANES / 2;
    let mut sums = [[0.0f32; HALF]; MAX_FRAMES];
    let frames = out.len().min(MAX_FRAMES);
    for group in groups {
        let Group { mut re, mut im, cos, sin } = *group;
        for sum in &mut sums[..frames] {
            for lane in 0..LANES {
                let turned = re[lane] * cos[lane] - im[lane] * sin[lane];
                im[lane] = re[lane] * sin[lane] + im[lane] * cos[lane];
                re[lane] = turned;
            }
            for lane in 0..HALF {
                sum[lane] += im[lane] + im[lane + HALF];
            }
        }
        group.re = re;
        group.im = im;
    }
    for (sample, sum) in out.iter_mut().zip(&sums) {
        let [a, b, c, d, e, f, g, h] = *sum;
        *sample += ((a + b) + (c + d)) + ((e + f) + (g + h));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank(frequency_hz: f32, t60_seconds: f32) -> ModalBank {
        let mut bank = ModalBank::new(48_000.0);
        bank.add(Mode { frequency_hz, gain: 1.0, t60_seconds });
        bank
    }

    #[test]
    fn a_mode_falls_60_db_in_its_time() {
        let mut bank = bank(440.0, 0.5);
        for _ in 0..24_000 / 32 {
            bank.render_add(&mut [0.0; 32]);
        }
        assert!((bank.norm() - 1e-3).abs() < 2e-5);
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let (mut whole, mut split) = (bank(440.0, 1.0), bank(440.0, 1.0));
        let (mut a, mut b) = ([0.0; 32], [0.0; 32]);
        whole.render_add(&mut a);
        split.render_add(&mut b[..5]);
        split.render_add(&mut b[5..]);
        assert_eq!(a, b);
    }

    #[test]
    fn wide_and_plain_loops_have_the_same_bits() {
        let mut wide = ModalBank::new(48_000.0);
        for n in 1..=MAX_MODES {
            wide.add(Mode {
                frequency_hz: 97.3 * n as f32,
                gain: 1.0 / n as f32,
                t60_seconds: 3.0 / n as f32,
            });
        }
        let mut plain = wide.groups;
        let live = wide.live_groups;
        for _ in 0..200 {
            let (mut a, mut b) = ([0.0; 32], [0.0; 32]);
            wide.render_add(&mut a);
            render_groups(&mut plain[..live], &mut b);
            assert_eq!(a.map(f32::to_bits), b.map(f32::to_bits));
        }
    }

    #[test]
    fn modes_that_died_cost_nothing() {
        let mut bank = bank(440.0, 0.01);
        for _ in 0..200 {
            bank.render_add(&mut [0.0; 32]);
        }
        bank.prune(1e-5);
        assert_eq!(bank.live_groups, 0);
    }

    #[test]
    fn a_full_bank_refuses_more() {
        let mut bank = ModalBank::new(48_000.0);
        let mode = Mode { frequency_hz: 100.0, gain: 1.0, t60_seconds: 1.0 };
        assert!((0..MAX_MODES).all(|_| bank.add(mode)));
        assert!(!bank.add(mode));
    }
}
