//! A model that listens: tokens go in one after the other and are remembered; back to any of them it goes at once.

use super::attention::Remembered;
use super::layer::Slate;
use super::maths::norm;
use super::matrix::Vector;
use super::model::Model;
use std::sync::Arc;

/// A model and what it has heard. Copies share the weights.
#[derive(Clone, Debug)]
pub struct Decoder {
    model: Arc<Model>,
    heard: Vec<u32>,
    remembered: Vec<Remembered>,
    state: Vec<f32>,
    /// Whether `state` is that of a token that was taken back.
    is_stale: bool,
    last: Vector,
    slate: Slate,
    logits: Vec<f32>,
}

impl Decoder {
    /// A decoder that has heard nothing.
    ///
    /// Realtime-safe: no.
    pub fn new(model: Arc<Model>) -> Self {
        let config = &model.config;
        Self {
            heard: Vec::with_capacity(config.context),
            remembered: vec![Remembered::new(config); config.layers],
            state: vec![0.0; config.hidden],
            is_stale: false,
            last: Vector::with_room(config.hidden),
            slate: Slate::new(config),
            logits: vec![0.0; config.vocabulary],
            model,
        }
    }

    /// The weights.
    ///
    /// Realtime-safe: yes.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The tokens heard.
    ///
    /// Realtime-safe: yes.
    pub fn heard(&self) -> &[u32] {
        &self.heard
    }

    /// How many more tokens can be heard.
    ///
    /// Realtime-safe: yes.
    pub fn room(&self) -> usize {
        self.model.config.context - self.heard.len()
    }

    /// Hears tokens.
    ///
    /// # Errors
    /// One is outside the vocabulary, or there is no room for all; none was heard then.
    ///
    /// Realtime-safe: yes.
    pub fn hear(&mut self, tokens: &[u32]) -> Result<(), String> {
        self.check(tokens, self.heard.len())?;
        for &token in tokens {
            self.step(token);
        }
        Ok(())
    }

    /// Whether `tokens` can be heard after `heard` others.
    fn check(&self, tokens: &[u32], heard: usize) -> Result<(), String> {
        let most = self.model.config.vocabulary;
        if let Some(token) = tokens.iter().find(|&&token| token as usize >= most) {
            return Err(format!("token {token} is outside 0 to {}", most - 1));
        }
        if tokens.len() > self.model.config.context - heard {
            return Err(format!(
                "{} tokens are more than there is room for ({heard} of {} are heard)",
                tokens.len(),
                self.model.config.context
            ));
        }
        Ok(())
    }

    fn step(&mut self, token: u32) {
        let Self { model, heard, remembered, state, slate, .. } = self;
        model.embedding.row(token as usize, state);
        for (layer, remembered) in model.layers.iter().zip(remembered) {
            layer.pass(&model.config, &model.rotary, state, heard.len(), remembered, slate);
        }
        heard.push(token);
        self.is_stale = false;
    }

    /// Goes back to when `length` tokens were heard; to more than were heard it cannot go.
    ///
    /// Realtime-safe: yes.
    pub fn roll_back(&mut self, length: usize) {
        self.is_stale |= length < self.heard.len();
        self.heard.truncate(length);
    }

    /// Goes back to where what was heard and `tokens` part, and hears the rest: how many.
    ///
    /// # Errors
    /// As `hear`; nothing has changed then.
    ///
    /// Realtime-safe: yes.
    pub fn attune(&mut self, tokens: &[u32]) -> Result<usize, String> {
        let same = self.heard.iter().zip(tokens).take_while(|(heard, token)| heard == token).count();
        self.check(&tokens[same..], same)?;
        self.roll_back(same);
        self.hear(&tokens[same..])?;
        Ok(tokens.len() - same)
    }

    /// How likely each token is to come next, as scores: about the token heard last, or zeros before any.
    ///
    /// Realtime-safe: yes.
    pub fn logits(&mut self) -> &mut [f32] {
        let Some(&newest) = self.heard.last() else {
            self.logits.fill(0.0);
            return &mut self.logits;
        };
        if self.is_stale {
            self.heard.pop();
            self.step(newest);
        }
        let Self { model, state, last, logits, .. } = self;
        let matrix = model.head.as_ref().unwrap_or(&model.embedding);
        norm(state, &model.last_norm, model.config.norm_epsilon, &mut last.floats);
        last.ready(model.config.hidden, matrix);
        matrix.times(last, logits);
        logits
    }
}
