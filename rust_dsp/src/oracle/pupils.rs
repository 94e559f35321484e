//! Everything that is fitted while songs are played: the gates, and how loud recalled places vote.

use super::chance::Chance;
use super::experts::COLD;
use super::gate::{gate_of, Gate, COLD_GATE, GATES};
use super::gate_trainer::GateTrainer;
use super::kernel::Kernel;
use super::mixer::Outlook;
use super::pool::barred;
use super::recall::Recall;
use super::recall_trainer::RecallTrainer;
use super::review::Review;
use super::review_trainer::ReviewTrainer;

/// Everything that learns, by gate.
pub struct Pupils {
    gates: Vec<GateTrainer>,
    recalls: Vec<RecallTrainer>,
    reviews: Vec<ReviewTrainer>,
}

impl Pupils {
    /// Before the first lesson.
    ///
    /// Realtime-safe: no.
    pub fn new(chance: &mut Chance) -> Self {
        let recall = Recall::plain();
        let mut gates: Vec<_> = (0..GATES).map(|_| GateTrainer::new(Gate::plain())).collect();
        for pupil in &mut gates {
            pupil.scatter(chance);
        }
        let reviews = (0..GATES).map(|_| ReviewTrainer::new(chance)).collect();
        let recalls = (0..GATES).map(|gate| RecallTrainer::new(recall.of(gate))).collect();
        Self { gates, recalls, reviews }
    }

    /// `token` comes `step` events ahead.
    ///
    /// Realtime-safe: no.
    pub fn learn(&mut self, kernel: &mut Kernel, step: usize, token: u8, rate: f32, outlook: &mut Outlook) {
        let gate = gate_of(step);
        let recalled = Recall::gate_of(kernel.session(), step);
        kernel.set_recall(recalled, &self.recalls[recalled].numbers);
        kernel.outlook(step, outlook);
        let mixed = self.gates[gate].learn(outlook, barred(kernel.session(), step), token, rate);
        let candidates = kernel.mixer().candidates(kernel.session(), step, outlook, &mixed);
        self.reviews[gate].learn(&candidates, token, rate);
        let general = outlook.opinions[..COLD].iter().map(|row| row[token as usize].exp());
        let base = general.sum::<f32>() / COLD as f32;
        self.recalls[recalled].learn(kernel.session(), step, token, base, rate);
    }

    /// `token` comes next, for those who know nothing of the session.
    ///
    /// Realtime-safe: no.
    pub fn learn_cold(&mut self, kernel: &mut Kernel, token: u8, rate: f32, outlook: &mut Outlook) {
        kernel.outlook_cold(outlook);
        let mixed = self.gates[COLD_GATE].learn(outlook, barred(kernel.session(), 1), token, rate);
        let candidates = kernel.mixer().candidates_cold(kernel.session(), outlook, &mixed);
        self.reviews[COLD_GATE].learn(&candidates, token, rate);
    }

    /// Bits an event of every gate, since this was last asked.
    ///
    /// Realtime-safe: no.
    pub fn bits(&mut self) -> Vec<f64> {
        let take = |pupil: &mut GateTrainer| {
            let (loss, count) = std::mem::take(&mut pupil.loss);
            loss / count.max(1) as f64 / std::f64::consts::LN_2
        };
        self.gates.iter_mut().map(take).collect()
    }

    /// What was learnt.
    ///
    /// Realtime-safe: no.
    pub fn finish(self) -> (Recall, Review, Vec<Gate>) {
        let recall =
            Recall { numbers: self.recalls.iter().flat_map(|pupil| pupil.numbers.clone()).collect() };
        let review = Review { numbers: self.reviews.into_iter().flat_map(|pupil| pupil.numbers).collect() };
        (recall, review, self.gates.into_iter().map(|pupil| pupil.gate).collect())
    }
}
