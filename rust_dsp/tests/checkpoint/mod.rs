//! Tiny checkpoints as mlx-lm writes them, with random weights.

#![allow(dead_code)]

use sideman_dsp::oracle::chance::Chance;

/// What a checkpoint is made of.
pub struct Checkpoint {
    pub hidden: usize,
    pub layers: usize,
    pub kv_heads: usize,
    pub intermediate: usize,
    pub vocabulary: usize,
    pub context: usize,
    /// Whether weights have 8 bits.
    pub affine: bool,
    pub seed: u64,
}

impl Default for Checkpoint {
    fn default() -> Self {
        Self {
            hidden: 64,
            layers: 2,
            kv_heads: 1,
            intermediate: 64,
            vocabulary: 24,
            context: 64,
            affine: true,
            seed: 1,
        }
    }
}

/// A tensor of a file that is being written.
type Entry = (String, &'static str, Vec<usize>, Vec<u8>);

impl Checkpoint {
    /// `config.json`.
    pub fn config(&self) -> Vec<u8> {
        let group = if self.affine { r#", "quantization": {"bits": 8, "group_size": 64}"# } else { "" };
        format!(
            r#"{{"model_type": "qwen2", "hidden_size": {}, "num_hidden_layers": {}, "intermediate_size": {},
                "num_attention_heads": 2, "num_key_value_heads": {}, "vocab_size": {}, "rms_norm_eps": 1e-6,
                "rope_theta": 10000.0, "max_position_embeddings": {}, "tie_word_embeddings": true{group}}}"#,
            self.hidden, self.layers, self.intermediate, self.kv_heads, self.vocabulary, self.context
        )
        .into_bytes()
    }

    /// `model.safetensors`.
    pub fn weights(&self) -> Vec<u8> {
        let mut entries = Vec::new();
        let (hidden, kv, wide) = (self.hidden, self.hidden / 2 * self.kv_heads, self.intermediate);
        let mut chance = Chance::new(self.seed);
        self.matrix(&mut entries, &mut chance, "model.embed_tokens", self.vocabulary, hidden);
        for layer in 0..self.layers {
            let at = format!("model.layers.{layer}");
            let matrices = [
                ("self_attn.q_proj", hidden, hidden),
                ("self_attn.k_proj", kv, hidden),
                ("self_attn.v_proj", kv, hidden),
                ("self_attn.o_proj", hidden, hidden),
                ("mlp.gate_proj", wide, hidden),
                ("mlp.up_proj", wide, hidden),
                ("mlp.down_proj", hidden, wide),
            ];
            for (name, rows, columns) in matrices {
                self.matrix(&mut entries, &mut chance, &format!("{at}.{name}"), rows, columns);
            }
            for (name, width) in [("q_proj", hidden), ("k_proj", kv), ("v_proj", kv)] {
                entries.push(row(format!("{at}.self_attn.{name}.bias"), width, &mut chance));
            }
            for name in ["input_layernorm", "post_attention_layernorm"] {
                entries.push(row(format!("{at}.{name}.weight"), hidden, &mut chance));
            }
        }
        entries.push(row("model.norm.weight".into(), hidden, &mut chance));
        file(&entries)
    }

    fn matrix(&self, entries: &mut Vec<Entry>, chance: &mut Chance, name: &str, rows: usize, columns: usize) {
        if !self.affine {
            let bytes = floats(rows * columns, chance);
            entries.push((format!("{name}.weight"), "F32", vec![rows, columns], bytes));
            return;
        }
        let weights = (0..rows * columns).map(|_| chance.below(256) as u8).collect();
        entries.push((format!("{name}.weight"), "U32", vec![rows, columns / 4], weights));
        let groups = columns / 64;
        let same = |number: f32| (0..rows * groups).flat_map(|_| number.to_le_bytes()).collect::<Vec<u8>>();
        entries.push((format!("{name}.scales"), "F32", vec![rows, groups], same(0.002)));
        entries.push((format!("{name}.biases"), "F32", vec![rows, groups], same(-0.255)));
    }
}

fn floats(count: usize, chance: &mut Chance) -> Vec<u8> {
    (0..count).flat_map(|_| (chance.share() - 0.5).to_le_bytes()).collect()
}

fn row(name: String, width: usize, chance: &mut Chance) -> Entry {
    (name, "F32", vec![width], floats(width, chance))
}

fn file(entries: &[Entry]) -> Vec<u8> {
    let (mut header, mut at) = (Vec::new(), 0);
    for (name, kind, shape, bytes) in entries {
        let end = at + bytes.len();
        header.push(format!(
            r#""{name}": {{"dtype": "{kind}", "shape": {shape:?}, "data_offsets": [{at}, {end}]}}"#
        ));
        at = end;
    }
    let header = format!("{{{}}}", header.join(", "));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.into_bytes());
    for (.., data) in entries {
        bytes.extend(data);
    }
    bytes
}
