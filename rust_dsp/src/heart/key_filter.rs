//! How likely each key is, carried from beat to beat: a hidden Markov model over 12 tonics in six modes, and noise.
//!
//! `realtime.core.key_filter` says what the states and the rows are; its numbers come from there.

use super::OCTAVE;

/// Major, minor, dorian, mixolydian, lydian, phrygian.
pub const MODES: usize = 6;
/// The states that are keys; the one after them is noise.
pub const STATES: usize = MODES * OCTAVE;
/// What a state looks at.
pub const ROWS: usize = 5;

const TINY: f64 = 1e-12;

type Twelve = [f64; OCTAVE];

/// What was fitted.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Modes, then hidden units, `ROWS` * 12 each.
    pub looks: Vec<[f64; ROWS * OCTAVE]>,
    /// One for each hidden unit.
    pub hidden_offsets: Vec<f64>,
    /// `MODES` rows, a number for each hidden unit.
    pub hidden_to_mode: Vec<f64>,
    /// What is said for each mode of anything that sounds.
    pub always: [f64; MODES],
    /// What neighbours, 0 to 6 semitones apart, say for noise.
    pub neighbours: [f64; 7],
    /// How likely each state, a column, is to follow each that is left, a row.
    pub switches: Vec<f64>,
    /// How likely each key is before anything was heard.
    pub usual: Vec<f64>,
    /// The rest, by name.
    pub scalars: Scalars,
}

/// Single numbers of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Scalars {
    /// What is said for noise of anything that sounds.
    pub noise_offset: f64,
    /// How much new evidence counts, and how much more where it is new.
    pub usual_gain: f64,
    /// See `usual_gain`.
    pub new_gain: f64,
    /// The power that old odds are taken to.
    pub forgets: f64,
    /// How readily a state is left, and how much more for what it does not explain.
    pub leaves: f64,
    /// See `leaves`.
    pub misfit_leaves: f64,
    /// The chance of going from a key into noise, and of coming back.
    pub into_noise: f64,
    /// See `into_noise`.
    pub out_of_noise: f64,
    /// How likely noise is at first.
    pub first_noise: f64,
    /// More of one pitch class in a beat does not count.
    pub loudest: f64,
    /// What is left a beat later of what was just heard, of the last bars, and of how well they were explained.
    pub short_memory: f64,
    /// See `short_memory`.
    pub long_memory: f64,
    /// See `short_memory`.
    pub fit_memory: f64,
}

/// Listens a beat at a time; constant memory.
#[derive(Clone, Debug)]
pub struct KeyFilter {
    tables: Tables,
    states: Vec<f64>,
    logs: Vec<f64>,
    short: Twelve,
    long: Twelve,
    low: Twelve,
    misfit: Vec<f64>,
}

impl KeyFilter {
    /// None where the tables do not have their sizes.
    pub fn new(tables: Tables) -> Option<Self> {
        let hidden = tables.hidden_offsets.len();
        let fits = tables.looks.len() == MODES + hidden
            && tables.hidden_to_mode.len() == MODES * hidden
            && tables.switches.len() == STATES * STATES
            && tables.usual.len() == STATES;
        if !fits {
            return None;
        }
        let noise = tables.scalars.first_noise;
        let mut states: Vec<f64> = tables.usual.iter().map(|share| (1.0 - noise) * share).collect();
        states.push(noise);
        let logs = states.iter().copied().map(libm::log).collect();
        let (short, long, low) = ([0.0; OCTAVE], [0.0; OCTAVE], [0.0; OCTAVE]);
        Some(Self { tables, states, logs, short, long, low, misfit: vec![0.0; STATES] })
    }

    /// How likely each state is.
    pub fn states(&self) -> &[f64] {
        &self.states
    }

    /// A beat later, with the weights of the pitch classes and of the basses heard in it; returns the basses' shares.
    pub fn hear(&mut self, notes: &Twelve, bass: &Twelve) -> Twelve {
        let (tables, scalars) = (&self.tables, self.tables.scalars);
        let notes = notes.map(|weight| weight.min(scalars.loudest));
        let total: f64 = notes.iter().sum();
        let heard_much = (total / 0.3).min(1.0);
        let shares = notes.map(|weight| (weight / (total + 1e-6) + 1e-9).sqrt() * heard_much);
        let bass = bass.map(|weight| weight.min(1.0));
        let lowest: f64 = bass.iter().sum::<f64>() + 0.2;
        let basses = bass.map(|weight| weight / lowest);
        let heard = shares.iter().sum::<f64>().min(1.0);
        let old =
            dot(&self.short, &shares) / (dot(&self.short, &self.short) * dot(&shares, &shares) + 1e-4).sqrt();
        let rows = [shares, basses, unit(&self.short), unit(&self.long), unit(&self.low)];
        self.short = std::array::from_fn(|at| scalars.short_memory * self.short[at] + shares[at]);
        self.long = std::array::from_fn(|at| scalars.long_memory * self.long[at] + shares[at]);
        self.low = std::array::from_fn(|at| scalars.long_memory * self.low[at] + basses[at]);
        let gain = 2.0 * chance(scalars.usual_gain + scalars.new_gain * (1.0 - old));
        let mut fits = said(tables, &rows);
        for (place, fit) in fits.iter_mut().enumerate() {
            *fit = gain * (*fit + tables.always[place / OCTAVE] * heard);
        }
        let beside = |apart: usize| {
            (0..OCTAVE).map(|at| shares[at] * shares[(at + OCTAVE - apart) % OCTAVE]).sum::<f64>()
        };
        let rubs: f64 =
            tables.neighbours.iter().enumerate().map(|(apart, weight)| weight * beside(apart)).sum();
        let noise = scalars.noise_offset * heard + rubs;
        let usual = libm::log(fits.iter().map(|&fit| libm::exp(fit)).sum::<f64>() / STATES as f64);
        for (misfit, fit) in self.misfit.iter_mut().zip(&fits) {
            *misfit = scalars.fit_memory * *misfit + (1.0 - scalars.fit_memory) * (usual - fit);
        }
        fits.push(noise);
        self.move_on(&fits);
        basses
    }

    fn move_on(&mut self, fits: &[f64]) {
        let Scalars { forgets, leaves, misfit_leaves, into_noise, out_of_noise, .. } = self.tables.scalars;
        let mut before: Vec<f64> = self.logs.iter().map(|&log| libm::exp(forgets * log)).collect();
        let total: f64 = before.iter().sum();
        for share in &mut before {
            *share /= total;
        }
        let (keys, none) = (&before[..STATES], before[STATES]);
        let mut after = keys.to_vec();
        for (from, row) in self.tables.switches.chunks_exact(STATES).enumerate() {
            let moving = keys[from] * chance(leaves + misfit_leaves * self.misfit[from]);
            after[from] -= moving;
            for (to, share) in after.iter_mut().zip(row) {
                *to += moving * share;
            }
        }
        for (share, usual) in after.iter_mut().zip(&self.tables.usual) {
            *share = (1.0 - into_noise) * *share + none * out_of_noise * usual;
        }
        after.push(into_noise * keys.iter().sum::<f64>() + none * (1.0 - out_of_noise));
        for ((log, share), fit) in self.logs.iter_mut().zip(&after).zip(fits) {
            *log = libm::log(share + TINY) + fit;
        }
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.states = self.logs.iter().map(|log| libm::exp(log - top)).collect();
        let total: f64 = self.states.iter().sum();
        for state in &mut self.states {
            *state /= total;
        }
        let all = top + libm::log(total);
        for log in &mut self.logs {
            *log -= all;
        }
    }
}

/// What the looks say for each of the keys.
fn said(tables: &Tables, rows: &[Twelve; ROWS]) -> Vec<f64> {
    let hidden = tables.hidden_offsets.len();
    let mut said = vec![0.0; STATES];
    let mut excited = vec![0.0; hidden];
    for tonic in 0..OCTAVE {
        let turned: [f64; ROWS * OCTAVE] = std::array::from_fn(|at| rows[at / OCTAVE][(tonic + at) % OCTAVE]);
        let (modes, units) = tables.looks.split_at(MODES);
        for ((unit, look), offset) in excited.iter_mut().zip(units).zip(&tables.hidden_offsets) {
            *unit = (dot(look, &turned) + offset).max(0.0);
        }
        for (mode, look) in modes.iter().enumerate() {
            let weights = &tables.hidden_to_mode[mode * hidden..(mode + 1) * hidden];
            said[mode * OCTAVE + tonic] = dot(look, &turned) + dot(weights, &excited);
        }
    }
    said
}

fn unit(memory: &Twelve) -> Twelve {
    let length = (dot(memory, memory) + 1e-2).sqrt();
    memory.map(|weight| weight / length)
}

fn chance(odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-odds))
}

/// In four sums side by side, whatever the machine.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let (left, right) = (one.chunks_exact(4), other.chunks_exact(4));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 4];
    for (a, b) in left.zip(right) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
