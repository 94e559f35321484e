//! The chord net: twelve looks at the same evidence, one from each root, each with a memory, and the same weights.
//!
//! `realtime.core.chord_net` says what it is, and why its answer is the same on every machine: whatever is multiplied
//! by a matrix are whole numbers whose sums single precision holds exactly. So zeros may be passed over, and wide
//! registers add in any order.

use super::sight::CHANNELS;
use super::OCTAVE as LOOKS;
use crate::oracle::wide::widely;

/// Features are rounded to this many steps, activations to so many at most, states to so many either way.
const LEVELS: f32 = 240.0;
const MOST_ACTIVE: f32 = 255.0;
const STATE_LEVELS: f32 = 127.0;

/// Adding and taking away this number leaves a small one rounded to a whole, halves to even.
const WHOLE: f32 = 12_582_912.0;

/// Whole numbers, what one is worth in each column, and what is added there.
#[derive(Clone, Debug)]
pub struct Layer {
    /// One row for each input.
    pub weights: Vec<f32>,
    /// One for each column.
    pub worth: Vec<f32>,
    /// One for each column; none of them: nothing is added.
    pub bias: Vec<f32>,
}

impl Layer {
    fn columns(&self) -> usize {
        self.worth.len()
    }

    fn rows(&self) -> usize {
        self.weights.len() / self.columns().max(1)
    }

    fn has_shape(&self, rows: usize, biased: bool) -> bool {
        let columns = self.columns();
        let bias = if biased { columns } else { 0 };
        columns > 0 && self.weights.len() == rows * columns && self.bias.len() == bias
    }

    /// `LOOKS` rows of inputs through the layer.
    fn pass(&self, active: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; LOOKS * self.columns()];
        multiply(active, &self.weights, &mut out);
        for row in out.chunks_exact_mut(self.columns()) {
            for (sum, worth) in row.iter_mut().zip(&self.worth) {
                *sum *= worth;
            }
            for (sum, bias) in row.iter_mut().zip(&self.bias) {
                *sum += bias;
            }
        }
        out
    }
}

/// The layers of a net; `realtime.core.chord_net` says what each is for.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Features to code.
    pub encode: Layer,
    /// Code to gates.
    pub enter: Layer,
    /// State to gates.
    pub recur: Layer,
    /// Code to the head's hidden layer.
    pub mix: Layer,
    /// State to the head's hidden layer.
    pub recall: Layer,
    /// The hidden layer to the families of a look's root.
    pub family: Layer,
    /// The hidden layer, over all looks, to "no chord".
    pub none: Layer,
    /// What a step of code and of the hidden layer is worth.
    pub steps: [f32; 2],
}

/// A net that is ready to judge.
#[derive(Clone, Debug)]
pub struct ChordNet {
    layers: Layers,
    /// The state that was multiplied last, and what came of it: a beat is judged several times from the same one.
    recurred: (Vec<f32>, Vec<f32>),
}

impl ChordNet {
    /// None where the layers do not fit together.
    pub fn new(layers: Layers, facts: usize) -> Option<Self> {
        let (code, state) = (layers.encode.columns(), layers.recur.rows());
        let hidden = layers.mix.columns();
        let fits = layers.encode.has_shape(CHANNELS * LOOKS + facts, true)
            && layers.enter.has_shape(code, true)
            && layers.recur.has_shape(state, true)
            && layers.enter.columns() == 3 * state
            && layers.recur.columns() == 3 * state
            && layers.mix.has_shape(code, true)
            && layers.recall.has_shape(state, false)
            && layers.recall.columns() == hidden
            && layers.family.has_shape(hidden, true)
            && layers.none.has_shape(hidden, true)
            && layers.none.columns() == 1;
        fits.then(|| Self { layers, recurred: (Vec::new(), Vec::new()) })
    }

    /// How many numbers a state has.
    pub fn state_len(&self) -> usize {
        LOOKS * self.layers.recur.rows()
    }

    /// How many facts it wants.
    pub fn facts_len(&self) -> usize {
        self.layers.encode.rows() - CHANNELS * LOOKS
    }

    /// One step from `state`: the log-probabilities of all tokens, and the state that follows.
    ///
    /// `channels` are `CHANNELS` rows of twelve, `facts` and `state` as long as this net wants them.
    pub fn judge(&mut self, channels: &[f32], facts: &[f32], state: &[f32]) -> (Vec<f64>, Vec<f32>) {
        let layers = &self.layers;
        let mut inputs = Vec::with_capacity(LOOKS * layers.encode.rows());
        for root in 0..LOOKS {
            for channel in channels.chunks_exact(LOOKS) {
                inputs.extend((0..LOOKS).map(|step| whole(channel[(step + root) % LOOKS] * LEVELS)));
            }
            inputs.extend(facts.iter().map(|fact| whole(fact * LEVELS)));
        }
        let code = activated(layers.encode.pass(&inputs), 1.0 / layers.steps[0]);
        if self.recurred.0 != state {
            self.recurred = (state.to_vec(), layers.recur.pass(&seen(state)));
        }
        let mut after = state.to_vec();
        pass_gates(&mut after, &layers.enter.pass(&code), &self.recurred.1);
        let mut mixed = layers.mix.pass(&code);
        for (sum, recalled) in mixed.iter_mut().zip(layers.recall.pass(&seen(&after))) {
            *sum += recalled;
        }
        let hidden = activated(mixed, 1.0 / layers.steps[1]);
        let mut scores: Vec<f64> = layers.family.pass(&hidden).into_iter().map(f64::from).collect();
        scores.push(none_score(&layers.none, &hidden));
        (log_shares(scores), after)
    }
}

/// What "no chord" scores: all looks have a say.
fn none_score(none: &Layer, hidden: &[f32]) -> f64 {
    let looks = hidden.chunks_exact(none.weights.len());
    let pooled: f64 =
        looks.flat_map(|row| row.iter().zip(&none.weights)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    pooled * f64::from(none.worth[0]) / LOOKS as f64 + f64::from(none.bias[0])
}

fn log_shares(mut scores: Vec<f64>) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let all = libm::log(scores.iter().map(|score| libm::exp(score - top)).sum());
    for score in &mut scores {
        *score -= top + all;
    }
    scores
}

widely! { fn pass_gates(state: &mut [f32], entering: &[f32], again: &[f32]) does step }

/// The gated recurrent unit (Cho et al. 2014, the reset gate after the product).
#[inline(always)]
fn step(state: &mut [f32], entering: &[f32], again: &[f32]) {
    let size = state.len() / LOOKS;
    let rows = entering.chunks_exact(3 * size).zip(again.chunks_exact(3 * size));
    for (row, (entering, again)) in state.chunks_exact_mut(size).zip(rows) {
        let (entering_keep, rest) = entering.split_at(size);
        let (entering_use, entering_new) = rest.split_at(size);
        let (again_keep, rest) = again.split_at(size);
        let (again_use, again_new) = rest.split_at(size);
        for at in 0..size {
            let keep = 0.5 + 0.5 * bend((entering_keep[at] + again_keep[at]) * 0.5);
            let open = 0.5 + 0.5 * bend((entering_use[at] + again_use[at]) * 0.5);
            let new = bend(entering_new[at] + open * again_new[at]);
            // The mean of two numbers within -1..1 can be rounded to just beyond.
            row[at] = (keep * row[at] + (1.0 - keep) * new).clamp(-1.0, 1.0);
        }
    }
}

/// Nearly the hyperbolic tangent, by x (27 + x²) / (27 + 9 x²): exactly ±1 from ±3 on.
#[inline(always)]
fn bend(x: f32) -> f32 {
    let x = x.clamp(-3.0, 3.0);
    let square = x * x;
    x * (27.0 + square) / (27.0 + 9.0 * square)
}

fn whole(x: f32) -> f32 {
    (x + WHOLE) - WHOLE
}

/// A state as whole numbers.
fn seen(state: &[f32]) -> Vec<f32> {
    state.iter().map(|x| whole(x * STATE_LEVELS)).collect()
}

/// Rectified, as whole numbers of steps; `scale` is one over the step.
fn activated(mut sums: Vec<f32>, scale: f32) -> Vec<f32> {
    for sum in &mut sums {
        *sum = whole((*sum * scale).clamp(0.0, MOST_ACTIVE));
    }
    sums
}

widely! { fn multiply(active: &[f32], weights: &[f32], out: &mut [f32]) does add_products }

/// Adds `LOOKS` rows of `active`, each times the matrix `weights`, to the rows of `out`.
#[inline(always)]
fn add_products(active: &[f32], weights: &[f32], out: &mut [f32]) {
    let (rows, columns) = (active.len() / LOOKS, out.len() / LOOKS);
    for (place, row) in weights.chunks_exact(columns).enumerate() {
        for (look, sums) in out.chunks_exact_mut(columns).enumerate() {
            let factor = active[look * rows + place];
            if factor != 0.0 {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += factor * weight;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_to_even_as_everywhere() {
        for step in -4_000..4_000 {
            let x = step as f32 * 0.25;
            assert_eq!(whole(x), x.round_ties_even(), "{x}");
        }
    }

    #[test]
    fn it_bends_like_a_tangent_and_ends_at_one() {
        assert_eq!((bend(3.0), bend(-9.0), bend(0.0)), (1.0, -1.0, 0.0));
        for step in -600..600 {
            let x = step as f32 * 0.01;
            assert!((bend(x) - x.tanh()).abs() < 0.025, "{x}");
            assert!(bend(x + 0.01) >= bend(x) - 1e-6, "{x}");
        }
    }
}
