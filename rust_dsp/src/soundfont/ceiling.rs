//! The limiter, left out as long as it would do nothing.

use crate::limiter::{Limiter, CEILING};
use crate::smoother::GRID;

/// How long after the last peak the limiter has let go entirely, in seconds: twenty of its recovery times.
const REST_SECONDS: f32 = 1.2;

/// A limiter that costs next to nothing while all is below the ceiling.
pub struct Ceiling {
    limiter: Limiter,
    /// The last frames, as many as the limiter delays.
    past: Vec<[f32; 2]>,
    at: usize,
    rest_frames: usize,
    /// Frames since the last peak.
    quiet: usize,
}

impl Ceiling {
    /// A limiter at rest.
    ///
    /// Realtime-safe: no (allocates its delay).
    pub fn new(rate_hz: f32) -> Self {
        let limiter = Limiter::new(rate_hz);
        let rest_frames = (REST_SECONDS * rate_hz) as usize;
        Self {
            past: vec![[0.0; 2]; limiter.latency_frames()],
            limiter,
            at: 0,
            rest_frames,
            quiet: rest_frames,
        }
    }

    /// The delay in frames.
    ///
    /// Realtime-safe: yes.
    pub fn latency_frames(&self) -> usize {
        self.past.len()
    }

    /// Limits the left and the right into interleaved `out`; what comes out went in as much earlier as the delay.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, left: &[f32], right: &[f32], out: &mut [f32]) {
        let highest = left.iter().chain(right).fold(0.0f32, |highest, sample| highest.max(sample.abs()));
        let was_resting = self.quiet >= self.rest_frames;
        let is_high = highest > CEILING;
        self.quiet = if is_high { 0 } else { (self.quiet + left.len()).min(self.rest_frames + GRID) };
        if was_resting && !is_high {
            for ((frame, &l), &r) in out.chunks_exact_mut(2).zip(left).zip(right) {
                frame.copy_from_slice(&self.remember([l, r]));
            }
            return;
        }
        if was_resting {
            self.limiter.reset();
            let (old, older) = (&self.past[self.at..], &self.past[..self.at]);
            for &[l, r] in old.iter().chain(older) {
                self.limiter.process(l, r);
            }
        }
        for ((frame, &l), &r) in out.chunks_exact_mut(2).zip(left).zip(right) {
            self.remember([l, r]);
            (frame[0], frame[1]) = self.limiter.process(l, r);
        }
    }

    /// Keeps a frame and gives the one that is as old as the delay.
    #[inline(always)]
    fn remember(&mut self, frame: [f32; 2]) -> [f32; 2] {
        let old = std::mem::replace(&mut self.past[self.at], frame);
        self.at += 1;
        if self.at == self.past.len() {
            self.at = 0;
        }
        old
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.limiter.reset();
        self.past.fill([0.0; 2]);
        (self.at, self.quiet) = (0, self.rest_frames);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    #[test]
    fn it_sounds_as_the_limiter_does() {
        let (mut ceiling, mut limiter) = (Ceiling::new(48_000.0), Limiter::new(48_000.0));
        let mut noise = Noise::new(5);
        for block in 0..4_000usize {
            let gain = if block % 1_500 == 700 { 4.0 } else { 0.8 };
            let frames = 1 + block * 7 % 64;
            let left: Vec<f32> = (0..frames).map(|_| gain * noise.sample()).collect();
            let right: Vec<f32> = (0..frames).map(|_| gain * noise.sample()).collect();
            let mut out = vec![0.0; 2 * frames];
            ceiling.process(&left, &right, &mut out);
            for n in 0..frames {
                let (l, r) = limiter.process(left[n], right[n]);
                assert!((out[2 * n] - l).abs() < 2e-6 && (out[2 * n + 1] - r).abs() < 2e-6, "block {block}");
            }
        }
    }
}
