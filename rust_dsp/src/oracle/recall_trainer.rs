//! Fitting the loudness of recalled places: gradients of the vote's own logarithmic loss.

use super::adam::Adam;
use super::places::follower;
use super::recall::{Memory, Recall, NUMBERS};
use super::session::Session;

/// One gate's numbers that learn.
pub struct RecallTrainer {
    /// The numbers as they are now.
    pub numbers: Vec<f32>,
    adam: Adam,
}

impl RecallTrainer {
    /// Starts from given numbers.
    ///
    /// Realtime-safe: no.
    pub fn new(numbers: &[f32]) -> Self {
        Self { numbers: numbers.to_vec(), adam: Adam::new(NUMBERS) }
    }

    /// One example: `token` came `step` events after now; `base` was its probability without recall.
    ///
    /// Realtime-safe: no.
    pub fn learn(&mut self, session: &Session, step: usize, token: u8, base: f32, rate: f32) {
        let vote = Recall::vote(&self.numbers, session, step);
        let kinds = Recall::kinds(session.timeline.now() > 0);
        let right = vote.votes[token as usize] + vote.doubt * base;
        let (for_all, for_right) = (1.0 / vote.sum, 1.0 / right.max(1e-9));
        let slope = |memory: &Memory| -> Option<f32> {
            let heard = follower(&session.past, memory.index as usize, step)?;
            let loud = Recall::loudness(&self.numbers, memory, kinds);
            Some(loud * (for_all - if heard == token { for_right } else { 0.0 }))
        };
        for memory in &session.memories {
            let Some(slope) = slope(memory) else { continue };
            for &kind in &memory.kinds[..kinds] {
                self.adam.gradient[kind as usize] += slope;
            }
        }
        self.adam.gradient[NUMBERS - 1] += vote.doubt * (for_all - base * for_right);
        self.adam.count(&mut self.numbers, rate * 4.0, 1e-5);
    }
}
