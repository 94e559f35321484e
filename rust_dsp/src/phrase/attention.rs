//! Attention of one token to all before it, the keys and values of which are remembered.

use super::config::Config;
use super::maths::{dot, exp, sum, SIDE};
use crate::oracle::wide::widely;

/// Keys and values of one layer, a row a token.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Keys.
    pub keys: Vec<f32>,
    /// Values.
    pub values: Vec<f32>,
}

impl Remembered {
    /// Room for a whole context.
    ///
    /// Realtime-safe: no.
    pub fn new(config: &Config) -> Self {
        let size = config.context * config.kv_width();
        Self { keys: vec![0.0; size], values: vec![0.0; size] }
    }
}

/// The sizes of attention.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    /// Query heads that share one of keys and values.
    pub shared: usize,
    /// The width of one.
    pub width: usize,
    /// The width of the keys of all.
    pub kv_width: usize,
}

#[inline(always)]
fn softmax(scores: &mut [f32]) {
    let top = scores.iter().fold(f32::NEG_INFINITY, |top, &score| if score > top { score } else { top });
    let mut lanes = [0.0; SIDE];
    let mut chunks = scores.chunks_exact_mut(SIDE);
    for chunk in &mut chunks {
        for at in 0..SIDE {
            chunk[at] = exp(chunk[at] - top);
            lanes[at] += chunk[at];
        }
    }
    let mut total = 0.0;
    for score in chunks.into_remainder() {
        *score = exp(*score - top);
        total += *score;
    }
    let scale = 1.0 / (total + sum(&lanes));
    for score in scores {
        *score *= scale;
    }
}

#[inline(always)]
fn attend_plainly(
    heads: Heads,
    queries: &[f32],
    remembered: &Remembered,
    scores: &mut [f32],
    out: &mut [f32],
) {
    let Heads { shared, width, kv_width } = heads;
    let scale = 1.0 / (width as f32).sqrt();
    for (head, (query, out)) in queries.chunks_exact(width).zip(out.chunks_exact_mut(width)).enumerate() {
        let begin = head / shared * width;
        for (score, key) in scores.iter_mut().zip(remembered.keys.chunks_exact(kv_width)) {
            *score = scale * dot(query, &key[begin..begin + width]);
        }
        softmax(scores);
        out.fill(0.0);
        for (&score, value) in scores.iter().zip(remembered.values.chunks_exact(kv_width)) {
            for (out, &value) in out.iter_mut().zip(&value[begin..begin + width]) {
                *out += score * value;
            }
        }
    }
}

widely! {
    /// What the newest token takes from those remembered, as many as there are `scores`: a row as wide as `queries`.
    ///
    /// Realtime-safe: yes.
    pub fn attend(
        heads: Heads,
        queries: &[f32],
        remembered: &Remembered,
        scores: &mut [f32],
        out: &mut [f32],
    ) does attend_plainly
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_registers_give_the_same_bits() {
        let wave = |count: usize, step: usize| -> Vec<f32> {
            (0..count).map(|at| ((at * step % 211) as f32 - 105.0) * 0.02).collect()
        };
        let heads = Heads { shared: 2, width: 24, kv_width: 48 };
        let remembered = Remembered { keys: wave(48 * 50, 37), values: wave(48 * 50, 53) };
        let queries = wave(96, 29);
        let (mut wide, mut plain) = (vec![0.0; 96], vec![0.0; 96]);
        attend(heads, &queries, &remembered, &mut [0.0; 41], &mut wide);
        attend_plainly(heads, &queries, &remembered, &mut [0.0; 41], &mut plain);
        assert_eq!(wide, plain);
    }
}
