//! One layer: attention, then a gated feed-forward part, each added to the state.

use super::attention::{attend, Heads, Remembered};
use super::config::Config;
use super::maths::{add, norm, swiglu};
use super::matrix::{Matrix, Vector};
use super::rotary::Rotary;
use super::tensors::Tensors;

/// A layer's weights.
#[derive(Clone, Debug)]
pub struct Layer {
    before: Vec<f32>,
    queries: Matrix,
    keys: Matrix,
    values: Matrix,
    query_bias: Vec<f32>,
    key_bias: Vec<f32>,
    value_bias: Vec<f32>,
    output: Matrix,
    between: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// What a layer writes on while it works.
#[derive(Clone, Debug)]
pub struct Slate {
    input: Vector,
    wide: Vector,
    queries: Vec<f32>,
    up: Vec<f32>,
    update: Vec<f32>,
    scores: Vec<f32>,
}

impl Slate {
    /// Room for everything.
    ///
    /// Realtime-safe: no.
    pub fn new(config: &Config) -> Self {
        Self {
            input: Vector::with_room(config.hidden),
            wide: Vector::with_room(config.intermediate),
            queries: vec![0.0; config.hidden],
            up: vec![0.0; config.intermediate],
            update: vec![0.0; config.hidden],
            scores: vec![0.0; config.context],
        }
    }
}

impl Layer {
    /// Reads layer `number`.
    ///
    /// # Errors
    /// A tensor is missing or broken: which, and how.
    ///
    /// Realtime-safe: no.
    pub fn read(tensors: &Tensors<'_>, config: &Config, number: usize) -> Result<Self, String> {
        let at = format!("model.layers.{number}");
        let (hidden, kv, wide) = (config.hidden, config.kv_width(), config.intermediate);
        let matrix = |name: &str, rows, columns| {
            Matrix::read(tensors, &format!("{at}.{name}"), rows, columns, config.group)
        };
        let row = |name: &str, width| tensors.row(&format!("{at}.{name}"), width);
        Ok(Self {
            before: row("input_layernorm.weight", hidden)?,
            queries: matrix("self_attn.q_proj", hidden, hidden)?,
            keys: matrix("self_attn.k_proj", kv, hidden)?,
            values: matrix("self_attn.v_proj", kv, hidden)?,
            query_bias: row("self_attn.q_proj.bias", hidden)?,
            key_bias: row("self_attn.k_proj.bias", kv)?,
            value_bias: row("self_attn.v_proj.bias", kv)?,
            output: matrix("self_attn.o_proj", hidden, hidden)?,
            between: row("post_attention_layernorm.weight", hidden)?,
            gate: matrix("mlp.gate_proj", wide, hidden)?,
            up: matrix("mlp.up_proj", wide, hidden)?,
            down: matrix("mlp.down_proj", hidden, wide)?,
        })
    }

    /// How many numbers it has.
    ///
    /// Realtime-safe: yes.
    pub fn size(&self) -> usize {
        let matrices =
            [&self.queries, &self.keys, &self.values, &self.output, &self.gate, &self.up, &self.down];
        let rows = [&self.before, &self.query_bias, &self.key_bias, &self.value_bias, &self.between];
        matrices.map(Matrix::size).iter().sum::<usize>() + rows.map(Vec::len).iter().sum::<usize>()
    }

    /// Takes the state of the token at `place` through the layer; all before it are remembered.
    ///
    /// Realtime-safe: yes.
    pub fn pass(
        &self,
        config: &Config,
        rotary: &Rotary,
        state: &mut [f32],
        place: usize,
        remembered: &mut Remembered,
        slate: &mut Slate,
    ) {
        self.listen(config, rotary, state, place, remembered, slate);
        self.think(config, state, slate);
    }

    fn listen(
        &self,
        config: &Config,
        rotary: &Rotary,
        state: &mut [f32],
        place: usize,
        remembered: &mut Remembered,
        slate: &mut Slate,
    ) {
        let (hidden, kv_width) = (config.hidden, config.kv_width());
        norm(state, &self.before, config.norm_epsilon, &mut slate.input.floats);
        slate.input.ready(hidden, &self.queries);
        let row = place * kv_width..(place + 1) * kv_width;
        let (keys, values) = (&mut remembered.keys[row.clone()], &mut remembered.values[row]);
        self.queries.times(&slate.input, &mut slate.queries);
        self.keys.times(&slate.input, keys);
        self.values.times(&slate.input, values);
        add(&mut slate.queries, &self.query_bias);
        add(keys, &self.key_bias);
        add(values, &self.value_bias);
        rotary.turn(&mut slate.queries, place);
        rotary.turn(keys, place);
        let heads = Heads { shared: config.heads / config.kv_heads, width: config.head_width(), kv_width };
        attend(heads, &slate.queries, remembered, &mut slate.scores[..=place], &mut slate.input.floats);
        slate.input.ready(hidden, &self.output);
        self.output.times(&slate.input, &mut slate.update);
        add(state, &slate.update);
    }

    fn think(&self, config: &Config, state: &mut [f32], slate: &mut Slate) {
        norm(state, &self.between, config.norm_epsilon, &mut slate.input.floats);
        slate.input.ready(config.hidden, &self.gate);
        self.gate.times(&slate.input, &mut slate.wide.floats);
        self.up.times(&slate.input, &mut slate.up);
        swiglu(&mut slate.wide.floats, &slate.up);
        slate.wide.ready(config.intermediate, &self.down);
        self.down.times(&slate.wide, &mut slate.update);
        add(state, &slate.update);
    }
}
