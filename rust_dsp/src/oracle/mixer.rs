//! The mixture: a product of the experts' opinions, each to the power the gate gives it, corrected as it goes.

use super::evidence::Evidence;
use super::experts::{Opinions, COLD, EXPERTS, RECALL};
use super::gate::{gate_of, Beliefs, Features, COLD_GATE, FEATURES};
use super::maths::highest;
use super::platt::{self, Platt};
use super::pool::{barred, expected, general_leader, leader, phrases, product, wait};
use super::review::{self, likeliest, Candidates};
use super::session::Session;
use super::tables::Tables;
use super::token::{Row, GAP, WIDTH};

/// How fast the experts' late losses are forgotten.
const LOSS_MEMORY: f32 = 0.9;
/// The same, of what is remembered for longer.
const LONG_MEMORY: f32 = 0.98;
/// A loss is never worse than this.
const WORST: f32 = 6.0;
/// How fast the session corrects the gate, and forgets the corrections.
const LEARNING: f32 = 0.0007;
const CORRECTION_MEMORY: f32 = 0.995;

/// No opinion's logarithm counts as less.
const LEAST_LOG: f32 = -12.0;
/// What is known in general loses so much more than the session.
const GENERAL_LOSS: f32 = 1.0;

/// Numbers that are kept of a mixer.
pub const NUMBERS: usize = 2 + 3 * EXPERTS + platt::NUMBERS;

/// What is expected one step ahead, with what led to it.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// What the experts say, as logarithms.
    pub opinions: Opinions,
    /// What the gate saw.
    pub features: Features,
    /// The mixture: probabilities.
    pub mixed: Row,
}

impl Outlook {
    /// Nothing yet.
    ///
    /// Realtime-safe: no.
    pub fn empty() -> Self {
        Self { opinions: [[0.0; WIDTH]; EXPERTS], features: [0.0; FEATURES], mixed: [0.0; WIDTH] }
    }
}

/// How the experts have done, and what follows from it.
#[derive(Clone, Debug)]
pub struct Mixer {
    losses: [f32; EXPERTS],
    own_loss: f32,
    long_losses: [f32; EXPERTS],
    own_long_loss: f32,
    corrections: Beliefs,
    silenced: [bool; EXPERTS],
    /// What the piece taught of the probabilities of those that know nothing of it.
    cold: Platt,
    /// Whether it teaches that: not in training.
    teaches: bool,
}

impl Mixer {
    /// Nobody has been judged yet.
    ///
    /// Realtime-safe: no.
    pub fn new() -> Self {
        Self {
            losses: [2.0; EXPERTS],
            own_loss: 2.0,
            long_losses: [2.0; EXPERTS],
            own_long_loss: 2.0,
            corrections: [0.0; EXPERTS],
            silenced: [false; EXPERTS],
            cold: Platt::default(),
            teaches: true,
        }
    }

    /// What the gate is to see.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn look(&self, session: &Session, known: [usize; 2], step: usize, outlook: &mut Outlook) {
        let features = &mut outlook.features;
        let leader = leader(&outlook.opinions[RECALL]);
        for (expert, row) in outlook.opinions.iter().enumerate() {
            features[2 * EXPERTS + expert] = row[leader] * 0.5;
            features[expert] = highest(row).max(LEAST_LOG) * 0.5;
            features[EXPERTS + expert] = self.losses[expert] * 0.5;
            features[3 * EXPERTS + expert] = self.long_losses[expert] * 0.5;
        }
        let context = &session.context;
        let rest = &mut features[4 * EXPERTS..];
        let length = u32::from(context.beats_per_bar);
        let position = (u32::from(context.position) + step as u32 - 1) % length;
        rest[0] = (1.0 + session.past.len() as f32).ln() * 0.3;
        rest[1..5].copy_from_slice(&session.strengths);
        rest[5] = self.losses.iter().copied().fold(WORST, f32::min) * 0.5;
        rest[6] = f32::from(context.recent[0].1.min(16)) * 0.125;
        rest[7] = f32::from(context.recent[1].1.min(16)) * 0.125;
        let four = length == 4;
        for place in 0..4 {
            let here = if four { position == place } else { position.min(1) == place };
            rest[8 + place as usize] = f32::from(u8::from(here));
        }
        rest[12] = known[0] as f32 * 0.1;
        rest[13] = known[1] as f32 * 0.1;
        rest[14] = (step as f32 - 1.0) * 0.2;
        rest[15] = self.own_loss * 0.5;
        rest[16] = self.own_long_loss * 0.5;
        rest[17..22].copy_from_slice(&phrases(session));
    }

    /// Looks and mixes with those experts alone that know nothing of the session but its last chords, and how well these
    /// were foretold.
    ///
    /// Realtime-safe: yes.
    pub fn look_cold(&self, tables: &Tables, session: &Session, known: [usize; 2], outlook: &mut Outlook) {
        self.look(session, known, 1, outlook);
        let leader = general_leader(&outlook.opinions);
        for (expert, row) in outlook.opinions.iter().enumerate() {
            outlook.features[2 * EXPERTS + expert] = row[leader] * 0.5;
        }
        for expert in COLD..EXPERTS - 1 {
            outlook.opinions[expert].fill(0.0);
            for kind in 0..3 {
                outlook.features[kind * EXPERTS + expert] = 0.0;
            }
        }
        let rest = &mut outlook.features[3 * EXPERTS..];
        rest[..EXPERTS + 6].fill(0.0);
        rest[EXPERTS + 15..EXPERTS + 17].fill(0.0);
        let gate = &tables.gates[COLD_GATE];
        let mut beliefs = gate.beliefs(&gate.hidden(&outlook.features));
        self.silence(&mut beliefs);
        outlook.mixed = product(&outlook.opinions, &beliefs, barred(session, 1));
        let candidates = self.candidates_cold(session, outlook, &outlook.mixed);
        review::apply(tables.review.of(COLD_GATE), &candidates, &mut outlook.mixed);
        tables.calibration.apply(COLD_GATE, self.general_loss(), self.cold, &mut outlook.mixed);
    }

    /// All numbers, to be kept.
    ///
    /// Realtime-safe: no.
    pub fn numbers(&self) -> Vec<f32> {
        let mut numbers = vec![self.own_loss, self.own_long_loss];
        numbers.extend_from_slice(&self.losses);
        numbers.extend_from_slice(&self.long_losses);
        numbers.extend_from_slice(&self.corrections);
        numbers.extend_from_slice(&self.cold.numbers());
        numbers
    }

    /// Puts back what [`Mixer::numbers`] gave.
    ///
    /// Realtime-safe: yes.
    pub fn set_numbers(&mut self, numbers: &[f32]) {
        (self.own_loss, self.own_long_loss) = (numbers[0], numbers[1]);
        self.losses.copy_from_slice(&numbers[2..2 + EXPERTS]);
        self.long_losses.copy_from_slice(&numbers[2 + EXPERTS..2 + 2 * EXPERTS]);
        self.corrections.copy_from_slice(&numbers[2 + 2 * EXPERTS..2 + 3 * EXPERTS]);
        self.cold = Platt::from_numbers([numbers[NUMBERS - 2], numbers[NUMBERS - 1]]);
    }

    /// From now on probabilities are not put right by the piece: training does that for all.
    ///
    /// Realtime-safe: yes.
    pub fn practise(&mut self) {
        self.teaches = false;
    }

    /// The experts' late losses, in nats.
    ///
    /// Realtime-safe: yes.
    pub fn losses(&self) -> &[f32; EXPERTS] {
        &self.losses
    }

    /// The mixture's late loss, in nats.
    ///
    /// Realtime-safe: yes.
    pub fn own_loss(&self) -> f32 {
        self.own_loss
    }

    /// The late loss of what is known in general, less what the mixture of it gains.
    ///
    /// Realtime-safe: yes.
    pub fn general_loss(&self) -> f32 {
        self.losses[..COLD].iter().sum::<f32>() / COLD as f32 - GENERAL_LOSS
    }

    /// How far each expert is believed now.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn beliefs(&self, tables: &Tables, step: usize, outlook: &Outlook) -> Beliefs {
        let gate = &tables.gates[gate_of(step)];
        let mut beliefs = gate.beliefs(&gate.hidden(&outlook.features));
        if step == 1 {
            for (belief, correction) in beliefs.iter_mut().zip(&self.corrections) {
                *belief += correction;
            }
        }
        self.silence(&mut beliefs);
        beliefs
    }

    /// An expert is not believed any more: to find out what it is worth.
    ///
    /// Realtime-safe: yes.
    pub fn leave_out(&mut self, expert: usize) {
        self.silenced[expert] = true;
    }

    fn silence(&self, beliefs: &mut Beliefs) {
        for (belief, &silenced) in beliefs.iter_mut().zip(&self.silenced) {
            if silenced {
                *belief = 0.0;
            }
        }
    }

    /// Mixes.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn mix(&self, tables: &Tables, session: &Session, step: usize, outlook: &mut Outlook) {
        let beliefs = self.beliefs(tables, step, outlook);
        outlook.mixed = product(&outlook.opinions, &beliefs, barred(session, step));
        let candidates = self.candidates(session, step, outlook, &outlook.mixed);
        review::apply(tables.review.of(gate_of(step)), &candidates, &mut outlook.mixed);
        tables.calibration.apply(gate_of(step), self.own_loss, Platt::default(), &mut outlook.mixed);
        if session.context.recent[0].0 == GAP {
            wait(&mut outlook.mixed);
        }
    }

    /// The likeliest chords of a mixture, with what is known of each.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn candidates(&self, session: &Session, step: usize, outlook: &Outlook, mixed: &Row) -> Candidates {
        let evidence = Evidence::collect(session, step, likeliest(mixed));
        Candidates::look(mixed, outlook, &evidence, &self.silenced, session.general())
    }

    /// The likeliest chords of the mixture of those that know nothing of the session.
    ///
    /// Realtime-safe: yes.
    pub fn candidates_cold(&self, session: &Session, outlook: &Outlook, mixed: &Row) -> Candidates {
        let evidence = Evidence::none(likeliest(mixed));
        Candidates::look(mixed, outlook, &evidence, &self.silenced, session.general())
    }

    /// The next event was `token`, and whoever knows nothing of the session held `cold` likeliest, so likely.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn judge(&mut self, outlook: &Outlook, cold: Option<(usize, f32)>, token: u8) {
        let at = token as usize;
        if let (Some((top, said)), true) = (cold, self.teaches) {
            self.cold.judge(said, top == at);
        }
        let forget = 1.0 - LOSS_MEMORY;
        let expected = expected(&outlook.opinions, &outlook.mixed);
        for (expert, row) in outlook.opinions.iter().enumerate() {
            let loss = (-row[at]).clamp(0.0, WORST);
            self.losses[expert] = self.losses[expert] * LOSS_MEMORY + loss * forget;
            self.long_losses[expert] = self.long_losses[expert] * LONG_MEMORY + loss * (1.0 - LONG_MEMORY);
            let correction =
                self.corrections[expert] + LEARNING * (row[at] - expected[expert]).clamp(-4.0, 4.0);
            self.corrections[expert] = correction * CORRECTION_MEMORY;
        }
        let loss = -outlook.mixed[at].max(1e-6).ln();
        self.own_loss = self.own_loss * LOSS_MEMORY + loss.min(WORST) * forget;
        self.own_long_loss = self.own_long_loss * LONG_MEMORY + loss.min(WORST) * (1.0 - LONG_MEMORY);
    }
}

impl Default for Mixer {
    fn default() -> Self {
        Self::new()
    }
}
