//! The reverb for several samples at once: each stage takes all of them in turn, as every delay is longer than they are.

use super::{hadamard, Diffuser, Line, Reverb, DIFFUSION, LINES};
use crate::smoother::GRID;

impl Line {
    /// What [`Line::read`] gives after `pushed` more samples.
    #[inline(always)]
    fn read_at(&self, delay: usize, pushed: usize) -> f32 {
        self.samples[(self.write + pushed).wrapping_sub(delay) & (self.samples.len() - 1)]
    }

    /// Reads on from `delay` frames ago; the run is no longer than that.
    #[inline]
    fn read_run(&self, delay: usize, run: &mut [f32]) {
        let start = self.write.wrapping_sub(delay) & (self.samples.len() - 1);
        if let Some(samples) = self.samples.get(start..start + run.len()) {
            run.copy_from_slice(samples);
            return;
        }
        for (n, sample) in run.iter_mut().enumerate() {
            *sample = self.read_at(delay, n);
        }
    }

    #[inline]
    fn push_run(&mut self, run: &[f32]) {
        let mask = self.samples.len() - 1;
        if let Some(samples) = self.samples.get_mut(self.write..self.write + run.len()) {
            samples.copy_from_slice(run);
            self.write = (self.write + run.len()) & mask;
            return;
        }
        for (n, sample) in run.iter().enumerate() {
            self.samples[(self.write + n) & mask] = *sample;
        }
        self.write = (self.write + run.len()) & mask;
    }

    /// Reads between samples, from `delay + step` frames before each place on; the delay hardly moves.
    #[inline]
    fn read_between_run(&self, delay: f32, step: f32, run: &mut [f32]) {
        let count = run.len();
        let (first, last) = ((delay + step) as usize, (delay + step * count as f32) as usize);
        let start = self.write.wrapping_sub(first + 1) & (self.samples.len() - 1);
        if first == last && start + count < self.samples.len() {
            // The usual case: the same two neighbours all the way, without a wrap.
            let neighbours = &self.samples[start..=start + count];
            let part = delay - first as f32;
            for n in 0..count {
                let part = part + step * (n + 1) as f32;
                run[n] = neighbours[n + 1] + (neighbours[n] - neighbours[n + 1]) * part;
            }
            return;
        }
        for (n, sample) in run.iter_mut().enumerate() {
            let delay = delay + step * (n + 1) as f32;
            let whole = delay as usize;
            let part = delay - whole as f32;
            let (near, far) = (self.read_at(whole, n), self.read_at(whole + 1, n));
            *sample = near + (far - near) * part;
        }
    }
}

impl Diffuser {
    /// As `process` for a run no longer than the delay.
    #[inline]
    fn process_run(&mut self, run: &mut [f32]) {
        let (mut late, mut fed) = ([0.0; GRID], [0.0; GRID]);
        let (late, fed) = (&mut late[..run.len()], &mut fed[..run.len()]);
        self.line.read_run(self.delay, late);
        for n in 0..run.len() {
            fed[n] = run[n] - DIFFUSION * late[n];
            run[n] = late[n] + DIFFUSION * fed[n];
        }
        self.line.push_run(fed);
    }
}

impl Reverb {
    /// As [`Reverb::process`] for several samples of one grid step, in place.
    ///
    /// Realtime-safe: yes.
    pub fn process_block(&mut self, mut buses: [&mut [f32]; 2]) {
        let shortest = self.diffusers.iter().flatten().map(|diffuser| diffuser.delay).min().unwrap_or(1);
        let most = shortest.min(self.predelay_frames - 1).min(GRID);
        while !buses[0].is_empty() {
            let count = most.min(buses[0].len());
            let [left, right] = buses;
            let (left, left_rest) = left.split_at_mut(count);
            let (right, right_rest) = right.split_at_mut(count);
            self.process_run([left, right]);
            buses = [left_rest, right_rest];
        }
    }

    fn process_run(&mut self, buses: [&mut [f32]; 2]) {
        let count = buses[0].len();
        for (side, bus) in buses.iter().enumerate() {
            let mut late = [0.0; GRID];
            self.predelay[side].read_run(self.predelay_frames - 1, &mut late[..count]);
            self.predelay[side].push_run(bus);
            let entering = &mut self.entering[side][..count];
            entering.copy_from_slice(&late[..count]);
            for diffuser in &mut self.diffusers[side] {
                diffuser.process_run(entering);
            }
        }
        let mut arrived = [[0.0; GRID]; LINES];
        for line in 0..LINES {
            let (delay, step) = (self.delays[line], self.delay_steps[line]);
            self.lines[line].read_between_run(delay, step, &mut arrived[line][..count]);
            self.delays[line] += step * count as f32;
        }
        let [left, right] = buses;
        for n in 0..count {
            let mut x = [0.0; LINES];
            for line in 0..LINES {
                x[line] = self.feedback[line] * self.damping[line].process(arrived[line][n]);
            }
            left[n] = x[0] - x[2] + x[4] - x[6];
            right[n] = x[1] - x[3] + x[5] - x[7];
            let mixed = hadamard(x);
            for line in 0..LINES {
                arrived[line][n] = mixed[line] + self.entering[line & 1][n] * 0.5;
            }
        }
        for line in 0..LINES {
            self.lines[line].push_run(&arrived[line][..count]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_samples_sound_as_one_by_one_at_any_rate() {
        for rate in [8_000.0, 44_100.0, 48_000.0, 96_000.0] {
            let (mut single, mut block) = (Reverb::new(rate), Reverb::new(rate));
            for step in 0..400u32 {
                single.tick(2.0, 5_000.0);
                block.tick(2.0, 5_000.0);
                let wave = |n: usize, side: u32| ((step * 64 + n as u32 + side * 7) % 97) as f32 / 97.0 - 0.5;
                let mut left: Vec<f32> = (0..GRID).map(|n| wave(n, 0)).collect();
                let mut right: Vec<f32> = (0..GRID).map(|n| wave(n, 1)).collect();
                let expected: Vec<_> = (0..GRID).map(|n| single.process(left[n], right[n])).collect();
                let (first_l, rest_l) = left.split_at_mut(step as usize % GRID);
                let (first_r, rest_r) = right.split_at_mut(step as usize % GRID);
                block.process_block([first_l, first_r]);
                block.process_block([rest_l, rest_r]);
                for n in 0..GRID {
                    let (l, r) = expected[n];
                    let off = (left[n] - l).abs().max((right[n] - r).abs());
                    // One by one, a delay's steps are as small as its last bit, and rounding moves it.
                    assert!(off < 4e-3, "{rate} Hz, step {step}, frame {n}: {off}");
                }
            }
        }
    }
}
