//! An impulse response, cut and transformed for the convolver.

use super::partition::Partitions;
use std::sync::Arc;

/// A short block: frames at rates up to 48 kHz, twice that up to 96 kHz, and so on. The mixer's grid divides it.
const SHORT: usize = 64;
/// A long block in short ones.
pub(super) const LONG_IN_SHORT: usize = 32;

/// Frames of a short block at a rate.
fn short_block(rate_hz: f32) -> usize {
    SHORT * ((rate_hz / 48_000.0).ceil().max(1.0) as usize).next_power_of_two()
}

/// A stereo impulse response, cut and transformed for one rate.
pub struct Response {
    pub(super) short: usize,
    pub(super) head: [Vec<f32>; 2],
    pub(super) middle: [Partitions; 2],
    pub(super) tail: Arc<[Partitions; 2]>,
    pub(super) frames: usize,
}

impl Response {
    /// Cuts a response: samples of the left and of the right channel.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(samples: [&[f32]; 2], rate_hz: f32) -> Self {
        let short = short_block(rate_hz);
        let long = short * LONG_IN_SHORT;
        let cut = |side: usize, from: usize, to: usize| {
            let all = samples[side];
            &all[from.min(all.len())..to.min(all.len())]
        };
        let parts = |from: usize, to: usize, block: usize| {
            [Partitions::new(cut(0, from, to), block), Partitions::new(cut(1, from, to), block)]
        };
        let head = [0, 1].map(|side| {
            let taps = cut(side, 0, short);
            // A hall begins with silence, which need not be summed.
            if taps.iter().all(|tap| *tap == 0.0) {
                Vec::new()
            } else {
                taps.to_vec()
            }
        });
        Self {
            short,
            head,
            middle: parts(short, 2 * long, short),
            tail: Arc::new(parts(2 * long, usize::MAX, long)),
            frames: samples[0].len().max(samples[1].len()),
        }
    }
}
