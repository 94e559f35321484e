//! A model's weights, read from what mlx-lm writes: every size is checked before anything is made.

use super::config::Config;
use super::layer::Layer;
use super::matrix::Matrix;
use super::rotary::Rotary;
use super::tensors::Tensors;

/// The largest `model.safetensors` that is read, in bytes: more than a processor's cache holds is too slow to answer.
pub const MOST_WEIGHT_BYTES: usize = 256 << 20;

/// The weights.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its sizes.
    pub config: Config,
    /// What each token begins as.
    pub embedding: Matrix,
    /// The layers, first to last.
    pub layers: Vec<Layer>,
    /// Weighs the last state.
    pub last_norm: Vec<f32>,
    /// Turns the last state into scores; None: the embedding does.
    pub head: Option<Matrix>,
    /// Where a token stands.
    pub rotary: Rotary,
}

impl Model {
    /// Reads `config.json` and `model.safetensors`.
    ///
    /// # Errors
    /// A text that says what is wrong in which of them.
    ///
    /// Realtime-safe: no.
    pub fn parse(config: &[u8], weights: &[u8]) -> Result<Self, String> {
        let config = Config::parse(config)?;
        if weights.len() > MOST_WEIGHT_BYTES {
            return Err(format!("model.safetensors: is larger than {MOST_WEIGHT_BYTES} bytes"));
        }
        let tensors = Tensors::parse(weights)?;
        let (vocabulary, hidden) = (config.vocabulary, config.hidden);
        let embedding = Matrix::read(&tensors, "model.embed_tokens", vocabulary, hidden, config.group)?;
        // Each layer's bytes are in the file before memory is asked for.
        let layers = (0..config.layers)
            .map(|number| Layer::read(&tensors, &config, number))
            .collect::<Result<Vec<_>, _>>()?;
        let last_norm = tensors.row("model.norm.weight", hidden)?;
        let head = if config.is_tied {
            None
        } else {
            Some(Matrix::read(&tensors, "lm_head", vocabulary, hidden, config.group)?)
        };
        let rotary = Rotary::new(config.head_width(), config.context, config.rope_theta);
        Ok(Self { config, embedding, layers, last_norm, head, rotary })
    }

    /// How many numbers it has.
    ///
    /// Realtime-safe: yes.
    pub fn size(&self) -> usize {
        self.embedding.size()
            + self.layers.iter().map(Layer::size).sum::<usize>()
            + self.last_norm.len()
            + self.head.as_ref().map_or(0, Matrix::size)
    }
}
