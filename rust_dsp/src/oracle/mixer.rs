//! The mixture: a product of the experts' opinions, each to the power the gate gives it, corrected as it goes.

use super::experts::{Opinions, COLD, EXPERTS, RECALL};
use super::gate::{gate_of, Beliefs, Features, COLD_GATE, FEATURES};
use super::grid::Grid;
use super::maths::softmax;
use super::session::Session;
use super::tables::Tables;
use super::token::{Row, CHORDS, GAP, SILENCE, WIDTH};

/// How fast the experts' late losses are forgotten.
const LOSS_MEMORY: f32 = 0.9;
/// The same, of what is remembered for longer.
const LONG_MEMORY: f32 = 0.98;
/// A loss is never worse than this.
const WORST: f32 = 6.0;
/// How fast the session corrects the gate, and forgets the corrections.
const LEARNING: f32 = 0.0007;
const CORRECTION_MEMORY: f32 = 0.995;

/// What is known in general loses so much more than the session.
const GENERAL_LOSS: f32 = 1.0;

/// Numbers that are kept of a mixer.
pub const NUMBERS: usize = 2 + 3 * EXPERTS;

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
        }
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
        tables.calibration.apply(COLD_GATE, self.general_loss(), &mut outlook.mixed);
    }

    /// All numbers, to be kept.
    ///
    /// Realtime-safe: no.
    pub fn numbers(&self) -> Vec<f32> {
        let mut numbers = vec![self.own_loss, self.own_long_loss];
        numbers.extend_from_slice(&self.losses);
        numbers.extend_from_slice(&self.long_losses);
        numbers.extend_from_slice(&self.corrections);
        numbers
    }

    /// Puts back what [`Mixer::numbers`] gave.
    ///
    /// Realtime-safe: yes.
    pub fn set_numbers(&mut self, numbers: &[f32]) {
        (self.own_loss, self.own_long_loss) = (numbers[0], numbers[1]);
        self.losses.copy_from_slice(&numbers[2..2 + EXPERTS]);
        self.long_losses.copy_from_slice(&numbers[2 + EXPERTS..2 + 2 * EXPERTS]);
        self.corrections.copy_from_slice(&numbers[2 + 2 * EXPERTS..NUMBERS]);
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
    pub fn mix(&self, tables: &Tables, session: &Session, step: usize, outlook: &mut Outlook) {
        let beliefs = self.beliefs(tables, step, outlook);
        outlook.mixed = product(&outlook.opinions, &beliefs, barred(session, step));
        tables.calibration.apply(gate_of(step), self.own_loss, &mut outlook.mixed);
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
            self.long_losses[expert] = self.long_losses[expert] * LONG_MEMORY + loss * (1.0 - LONG_MEMORY);
            let expected: f32 = row.iter().zip(&outlook.mixed).map(|(log, mass)| log * mass).sum();
            let correction = self.corrections[expert] + LEARNING * (row[at] - expected).clamp(-4.0, 4.0);
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

/// The likeliest token of those that know nothing of the session, together.
fn general_leader(opinions: &Opinions) -> usize {
    let mut row = opinions[0];
    for other in &opinions[1..COLD] {
        for (mine, log) in row.iter_mut().zip(other) {
            *mine += log;
        }
    }
    leader(&row)
}

/// The likeliest token.
fn leader(row: &Row) -> usize {
    (1..CHORDS).fold(0, |best, token| if row[token] > row[best] { token } else { best })
}

/// Whether beats are told, and whether here two, four, eight or sixteen whole bars are full.
fn phrases(session: &Session) -> [f32; 5] {
    let (now, bar) = (session.timeline.now(), u32::from(session.timeline.bar()));
    let full = |bars: u32| f32::from(u8::from(now > 0 && now % (bar * bars) == 0));
    [full(2), full(4), full(8), full(16), f32::from(u8::from(now > 0))]
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
