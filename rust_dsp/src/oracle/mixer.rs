//! The mixture: a product of the experts' opinions, each to the power the gate gives it, corrected as it goes.

use super::experts::{Opinions, EXPERTS, RECALL};
use super::gate::{gate_of, Beliefs, Features, COLD_GATE, FEATURES};
use super::grid::Grid;
use super::maths::softmax;
use super::session::Session;
use super::tables::Tables;
use super::token::{Row, CHORDS, GAP, SILENCE, WIDTH};

/// How fast the experts' late losses are forgotten.
const LOSS_MEMORY: f32 = 0.9;
/// A loss is never worse than this.
const WORST: f32 = 6.0;
/// How fast the session corrects the gate, and forgets the corrections.
const LEARNING: f32 = 0.002;
const CORRECTION_MEMORY: f32 = 0.995;

/// Numbers that are kept of a mixer.
pub const NUMBERS: usize = 1 + 2 * EXPERTS;
/// The experts before this one, and the last, know nothing of the session.
pub const COLD: usize = 2;

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
    corrections: Beliefs,
}

impl Mixer {
    /// Nobody has been judged yet.
    ///
    /// Realtime-safe: no.
    pub fn new() -> Self {
        Self { losses: [2.0; EXPERTS], own_loss: 2.0, corrections: [0.0; EXPERTS] }
    }

    /// What the gate is to see.
    ///
    /// Realtime-safe: yes.
    pub fn look(&self, session: &Session, known: [usize; 2], step: usize, outlook: &mut Outlook) {
        let features = &mut outlook.features;
        let leader = leader(&outlook.opinions[RECALL]);
        for (expert, row) in outlook.opinions.iter().enumerate() {
            features[2 * EXPERTS + expert] = row[leader] * 0.5;
            let top = row[..CHORDS].iter().copied().fold(-12.0f32, f32::max);
            features[expert] = top * 0.5;
            features[EXPERTS + expert] = self.losses[expert] * 0.5;
        }
        let context = &session.context;
        let rest = &mut features[3 * EXPERTS..];
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
    }

    /// Looks and mixes with those experts alone that know nothing of the session.
    ///
    /// Realtime-safe: yes.
    pub fn look_cold(&self, tables: &Tables, session: &Session, known: [usize; 2], outlook: &mut Outlook) {
        self.look(session, known, 1, outlook);
        for expert in COLD..EXPERTS - 1 {
            outlook.opinions[expert].fill(0.0);
            outlook.features[expert] = 0.0;
            outlook.features[2 * EXPERTS + expert] = 0.0;
        }
        let rest = &mut outlook.features[3 * EXPERTS..];
        rest[0..6].fill(0.0);
        let gate = &tables.gates[COLD_GATE];
        let beliefs = gate.beliefs(&gate.hidden(&outlook.features));
        outlook.mixed = product(&outlook.opinions, &beliefs, barred(session, 1));
        tables.calibration.apply(COLD_GATE, &mut outlook.mixed);
    }

    /// All numbers, to be kept.
    ///
    /// Realtime-safe: no.
    pub fn numbers(&self) -> Vec<f32> {
        let mut numbers = vec![self.own_loss];
        numbers.extend_from_slice(&self.losses);
        numbers.extend_from_slice(&self.corrections);
        numbers
    }

    /// Puts back what [`Mixer::numbers`] gave.
    ///
    /// Realtime-safe: yes.
    pub fn set_numbers(&mut self, numbers: &[f32]) {
        self.own_loss = numbers[0];
        self.losses.copy_from_slice(&numbers[1..=EXPERTS]);
        self.corrections.copy_from_slice(&numbers[1 + EXPERTS..NUMBERS]);
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

    /// How far each expert is believed now.
    ///
    /// Realtime-safe: yes.
    pub fn beliefs(&self, tables: &Tables, step: usize, outlook: &Outlook) -> Beliefs {
        let gate = &tables.gates[gate_of(step)];
        let mut beliefs = gate.beliefs(&gate.hidden(&outlook.features));
        if step == 1 {
            for (belief, correction) in beliefs.iter_mut().zip(&self.corrections) {
                *belief += correction;
            }
        }
        beliefs
    }

    /// Mixes.
    ///
    /// Realtime-safe: yes.
    pub fn mix(&self, tables: &Tables, session: &Session, step: usize, outlook: &mut Outlook) {
        let beliefs = self.beliefs(tables, step, outlook);
        outlook.mixed = product(&outlook.opinions, &beliefs, barred(session, step));
        tables.calibration.apply(gate_of(step), &mut outlook.mixed);
        if session.context.recent[0].0 == GAP {
            wait(&mut outlook.mixed);
        }
    }

    /// The next event was `token`.
    ///
    /// Realtime-safe: yes.
    pub fn judge(&mut self, outlook: &Outlook, token: u8) {
        let at = token as usize;
        let forget = 1.0 - LOSS_MEMORY;
        for (expert, row) in outlook.opinions.iter().enumerate() {
            let loss = (-row[at]).clamp(0.0, WORST);
            self.losses[expert] = self.losses[expert] * LOSS_MEMORY + loss * forget;
            let expected: f32 = row.iter().zip(&outlook.mixed).map(|(log, mass)| log * mass).sum();
            let correction = self.corrections[expert] + LEARNING * (row[at] - expected).clamp(-4.0, 4.0);
            self.corrections[expert] = correction * CORRECTION_MEMORY;
        }
        let loss = -outlook.mixed[at].max(1e-6).ln();
        self.own_loss = self.own_loss * LOSS_MEMORY + loss.min(WORST) * forget;
    }
}

impl Default for Mixer {
    fn default() -> Self {
        Self::new()
    }
}

/// The likeliest token.
fn leader(row: &Row) -> usize {
    (1..CHORDS).fold(0, |best, token| if row[token] > row[best] { token } else { best })
}

/// Before the first chord of a song nobody knows: silence is the safest guess.
fn wait(row: &mut Row) {
    for mass in row.iter_mut() {
        *mass *= 0.4;
    }
    row[SILENCE as usize] += 0.6;
}

/// The token that cannot come, where events are changes.
///
/// Realtime-safe: yes.
pub fn barred(session: &Session, step: usize) -> Option<u8> {
    let now = session.past.tokens().first().copied().filter(|&token| (token as usize) < CHORDS);
    now.filter(|_| session.grid == Grid::Changes && step == 1)
}

/// The product of opinions to the powers of `beliefs`, as probabilities.
///
/// Realtime-safe: yes.
pub fn product(opinions: &Opinions, beliefs: &Beliefs, barred: Option<u8>) -> Row {
    let mut row = [0.0; WIDTH];
    for (opinion, belief) in opinions.iter().zip(beliefs) {
        for (score, log) in row.iter_mut().zip(opinion) {
            *score += belief * log;
        }
    }
    if let Some(token) = barred {
        row[token as usize] = -1e4;
    }
    softmax(&mut row);
    row
}
