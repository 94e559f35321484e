//! Convolution with a long response without delay: a direct head, short blocks, and long blocks for the tail.
//!
//! After Gardner (1995) with two sizes: the first block's worth of taps is summed sample by sample, so an input is
//! heard at once; the next are short blocks on the audio thread; all that is later is a [`Tail`].

use super::partition::Partitioned;
use super::response::{Response, LONG_IN_SHORT};
use super::tail::Tail;
use std::sync::Arc;

/// The convolver: stereo in, stereo out, wet only.
pub struct Convolver {
    response: Arc<Response>,
    middle: [Partitioned; 2],
    tail: Tail,
    /// The short block that is being filled, behind the one before it, which the head still needs.
    recent: [Vec<f32>; 2],
    /// What the short blocks answered for the present one.
    answer: [Vec<f32>; 2],
    at: usize,
    /// The long block that is being filled, and the tail's answers for the present one.
    long: [Vec<f32>; 2],
    late: [Vec<f32>; 2],
    is_late_sound: bool,
    long_at: usize,
    /// Frames of silence since the last sound that came in.
    silent: usize,
}

impl Convolver {
    /// A silent convolver; the tail is computed by a worker where `is_live`.
    ///
    /// Realtime-safe: no (allocates, may start a thread).
    pub fn new(response: Arc<Response>, is_live: bool) -> Self {
        let (short, long) = (response.short, response.short * LONG_IN_SHORT);
        let silence = |frames: usize| [vec![0.0; frames], vec![0.0; frames]];
        Self {
            middle: std::array::from_fn(|side| Partitioned::new(&response.middle[side])),
            tail: Tail::new(&response.tail, long, is_live),
            recent: silence(2 * short),
            answer: silence(short),
            at: 0,
            long: silence(long),
            late: silence(long),
            is_late_sound: false,
            long_at: 0,
            silent: usize::MAX / 2,
            response,
        }
    }

    /// Long blocks whose answer came too late to be heard.
    ///
    /// Realtime-safe: yes.
    pub fn late(&self) -> u64 {
        self.tail.late()
    }

    /// Whether all has died away, and only silence would come out of silence.
    ///
    /// Realtime-safe: yes.
    pub fn is_idle(&self) -> bool {
        self.silent > self.response.frames + 4 * self.tail.size()
    }

    /// Convolves frames in place, however many: blocks are the convolver's own affair.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, mut left: &mut [f32], mut right: &mut [f32]) {
        while !left.is_empty() {
            let count = left.len().min(self.response.short - self.at);
            let (now_left, rest_left) = left.split_at_mut(count);
            let (now_right, rest_right) = right.split_at_mut(count);
            self.process_within_block([now_left, now_right]);
            (left, right) = (rest_left, rest_right);
        }
    }

    fn process_within_block(&mut self, sides: [&mut [f32]; 2]) {
        let count = sides[0].len();
        let is_silent = sides.iter().all(|side| side.iter().all(|sample| *sample == 0.0));
        self.silent = if is_silent { self.silent.saturating_add(count).min(usize::MAX / 2) } else { 0 };
        let (short, at, long_at) = (self.response.short, self.at, self.long_at);
        for (side, samples) in sides.into_iter().enumerate() {
            let now = short + at;
            self.recent[side][now..now + count].copy_from_slice(samples);
            self.long[side][long_at..long_at + count].copy_from_slice(samples);
            samples.copy_from_slice(&self.answer[side][at..at + count]);
            if self.is_late_sound {
                for (sample, late) in samples.iter_mut().zip(&self.late[side][long_at..]) {
                    *sample += late;
                }
            }
            let recent = &self.recent[side];
            // Tap by tap over all frames: the sums keep their order however the frames are cut.
            for (tap, gain) in self.response.head[side].iter().enumerate() {
                for (sample, past) in samples.iter_mut().zip(&recent[now - tap..]) {
                    *sample += gain * past;
                }
            }
        }
        self.at += count;
        self.long_at += count;
        if self.at == short {
            self.end_short_block();
        }
    }

    fn end_short_block(&mut self) {
        let short = self.response.short;
        self.at = 0;
        let is_idle = self.is_idle();
        for side in 0..2 {
            if is_idle {
                self.answer[side].fill(0.0);
            } else {
                let block = &self.recent[side][short..];
                let answer = self.middle[side].process(&self.response.middle[side], block);
                self.answer[side].copy_from_slice(answer);
            }
            self.recent[side].copy_within(short.., 0);
        }
        if self.long_at == self.long[0].len() {
            self.long_at = 0;
            self.end_long_block(is_idle);
        }
    }

    fn end_long_block(&mut self, is_idle: bool) {
        let [left, right] = &self.long;
        let input = if is_idle { None } else { Some([left.as_slice(), right.as_slice()]) };
        let [late_left, late_right] = &mut self.late;
        self.is_late_sound = self.tail.advance(input, [late_left, late_right]);
    }

    /// Forgets the past.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.middle.iter_mut().for_each(Partitioned::reset);
        self.tail.reset();
        for side in [&mut self.recent, &mut self.answer, &mut self.long].into_iter().flatten() {
            side.fill(0.0);
        }
        (self.at, self.long_at) = (0, 0);
        self.is_late_sound = false;
        self.silent = usize::MAX / 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::Noise;

    fn noise(seed: u32, frames: usize) -> Vec<f32> {
        let mut noise = Noise::new(seed);
        (0..frames).map(|_| noise.sample()).collect()
    }

    fn convolver(frames: usize, is_live: bool) -> (Convolver, [Vec<f32>; 2]) {
        let response = [noise(1, frames), noise(2, frames)];
        let cut = Arc::new(Response::new([&response[0], &response[1]], 48_000.0));
        (Convolver::new(cut, is_live), response)
    }

    #[test]
    fn it_is_the_sum_that_defines_it_to_110_db_without_delay() {
        let (mut convolver, response) = convolver(9_000, false);
        let input = noise(3, 14_000);
        let (mut left, mut right) = (input.clone(), input.clone());
        convolver.process(&mut left, &mut right);
        for (side, output) in [left, right].iter().enumerate() {
            let (mut error, mut power) = (0.0f64, 0.0f64);
            for n in (0..14_000).step_by(7) {
                let exact: f64 =
                    (0..=n.min(8_999)).map(|k| f64::from(response[side][k]) * f64::from(input[n - k])).sum();
                error += (f64::from(output[n]) - exact).powi(2);
                power += exact * exact;
            }
            assert!(error < 1e-11 * power, "{}", 10.0 * (error / power).log10());
        }
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let input = noise(4, 10_000);
        let (mut whole, _) = convolver(7_000, false);
        let (mut left, mut right) = (input.clone(), input.clone());
        whole.process(&mut left, &mut right);
        let (mut split, _) = convolver(7_000, false);
        let (mut l, mut r) = (input.clone(), input);
        let (mut done, mut size) = (0, 1);
        while done < l.len() {
            let end = (done + size).min(l.len());
            split.process(&mut l[done..end], &mut r[done..end]);
            (done, size) = (end, (size * 29 + 3) % 341 + 1);
        }
        assert_eq!((left, right), (l, r));
    }

    #[test]
    fn a_worker_in_time_gives_the_same_bits_and_one_that_is_late_is_not_waited_for() {
        let input = noise(5, 40_000);
        let (mut here, _) = convolver(20_000, false);
        let (mut left, mut right) = (input.clone(), input.clone());
        here.process(&mut left, &mut right);
        let (mut there, _) = convolver(20_000, true);
        let (mut l, mut r) = (input.clone(), input.clone());
        for at in (0..l.len()).step_by(64) {
            let end = (at + 64).min(l.len());
            there.process(&mut l[at..end], &mut r[at..end]);
            while there.long_at == 0 && there.tail.is_waited_for() {
                std::thread::yield_now();
            }
        }
        assert_eq!(there.late(), 0);
        assert_eq!((&left, &right), (&l, &r));
        // At a stretch, faster than the worker looks: this thread does the blocks, and nothing is missing.
        let (mut stretch, _) = convolver(20_000, true);
        let (mut l, mut r) = (input.clone(), input);
        stretch.process(&mut l, &mut r);
        assert!(stretch.late() > 0 || (left, right) == (l, r));
    }

    #[test]
    fn after_silence_it_rests_and_wakes_as_if_new() {
        let (mut convolver, _) = convolver(6_000, false);
        let input = noise(6, 3_000);
        let (mut first_l, mut first_r) = (input.clone(), input.clone());
        convolver.process(&mut first_l, &mut first_r);
        let mut silence = [vec![0.0; 64 * 32 * 10], vec![0.0; 64 * 32 * 10]];
        let [l, r] = &mut silence;
        // Up to a long block's edge, so that blocks fall where they fell.
        let to_edge = 2_048 * 2 - 3_000;
        convolver.process(&mut l[..to_edge], &mut r[..to_edge]);
        convolver.process(l, r);
        assert!(convolver.is_idle());
        let (mut l, mut r) = (input.clone(), input);
        convolver.process(&mut l, &mut r);
        assert_eq!((l, r), (first_l, first_r));
    }
}
