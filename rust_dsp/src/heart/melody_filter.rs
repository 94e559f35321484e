//! Chords for a melody that is played alone: a filter over the 85 tokens in each of the 24 keys at once.
//!
//! `realtime.core.harmoniser` says what it is for. Each key sees tokens and pitch classes from its own tonic, so twelve
//! keys share one table.

use super::OCTAVE;
use crate::oracle::token::CHORDS as TOKENS;
use crate::oracle::wide::widely;

/// The major keys from C up, then the minor ones.
pub const KEYS: usize = 2 * OCTAVE;
/// How strong a beat is: a bar line, a half-bar, any other.
pub const STRENGTHS: usize = 3;
/// The likeliest keys, in which the future is thought through.
const MOST_KEYS: usize = 4;
const FAMILIES: usize = TOKENS / OCTAVE;
const TURNING: usize = TOKENS - 1;
/// What is not expected is not quite impossible.
const LEAST_EXPECTED: f64 = 0.02;

/// A distribution over the tokens.
pub type Row = [f64; TOKENS];
/// How long each pitch class was heard, in beats.
pub type Melody = [f64; OCTAVE];

/// What was counted in songs; of each pair the first is for major keys, the other for minor ones, both on C.
#[derive(Clone, Debug)]
pub struct Tables {
    /// How often the chord changes on a beat.
    pub change: [f64; STRENGTHS],
    /// How likely each token, a column, is to follow each that is left, a row.
    pub follow: [Vec<Row>; 2],
    /// The logarithm of how likely each pitch class is over each token.
    pub notes: [Vec<Melody>; 2],
    /// How likely each token is.
    pub usual: [Row; 2],
}

/// What is known of the coming beats, the present one first.
#[derive(Clone, Debug)]
pub struct Prospect<'a> {
    /// The pitch class that the present beat has begun with.
    pub struck: Option<usize>,
    /// How strong each beat is, 0 to 2; as many beats are looked at.
    pub strengths: &'a [usize],
    /// What the oracle expects of the first of them, and how much that counts.
    pub expected: &'a [Row],
    /// See `expected`.
    pub oracle_weight: f64,
    /// The melody that may come again, and how much a note of it counts.
    pub recalled: &'a [Melody],
    /// See `recalled`.
    pub recall_weight: f64,
}

/// Hears a beat at a time.
#[derive(Clone, Debug)]
pub struct MelodyFilter {
    tables: Tables,
    /// By key, tokens from its tonic.
    chords: Vec<Row>,
    keys: [f64; KEYS],
}

impl MelodyFilter {
    /// None where the tables do not have their sizes.
    pub fn new(tables: Tables) -> Option<Self> {
        let fits =
            (0..2).all(|minor| tables.follow[minor].len() == TOKENS && tables.notes[minor].len() == TOKENS);
        let chords = (0..KEYS).map(|key| tables.usual[key / OCTAVE]).collect();
        fits.then_some(Self { tables, chords, keys: [1.0 / KEYS as f64; KEYS] })
    }

    /// A beat of `strength` 0 to 2 is over; returns how likely each token is now.
    pub fn hear(&mut self, melody: &Melody, keys: &[f64; KEYS], strength: usize, heard: Option<&Row>) -> Row {
        self.keys = *keys;
        let change = self.tables.change[strength];
        for (minor, chords) in self.chords.chunks_exact_mut(OCTAVE).enumerate() {
            move_on(chords, change, &self.tables.follow[minor]);
        }
        let struck = heard.map(|row| odds(&row.map(|mass| libm::log(mass + LEAST_EXPECTED))));
        let mut now = [0.0; TOKENS];
        for (key, chords) in self.chords.iter_mut().enumerate() {
            let (minor, tonic) = (key / OCTAVE, key % OCTAVE);
            let odds = match &struck {
                Some(odds) => seen_from(tonic, odds),
                None => odds(&signs_of(&self.tables.notes[minor], &turned(melody, tonic))),
            };
            weigh(chords, &odds);
            add_from(tonic, chords, keys[key], &mut now);
        }
        let total: f64 = now.iter().sum();
        now.map(|mass| mass / total)
    }

    /// How likely each token is on the coming beats, given all that is known and thought of all of them.
    pub fn look_ahead(&self, prospect: &Prospect) -> Vec<Row> {
        let mut order: Vec<usize> = (0..KEYS).collect();
        order.sort_by(|&one, &other| self.keys[other].total_cmp(&self.keys[one]));
        let likeliest = &order[..MOST_KEYS];
        let total: f64 = likeliest.iter().map(|&key| self.keys[key]).sum();
        let mut rows = vec![[0.0; TOKENS]; prospect.strengths.len()];
        for &key in likeliest {
            self.look_ahead_in(key, self.keys[key] / total, prospect, &mut rows);
        }
        rows
    }

    /// Forward and back through the coming beats in one key.
    fn look_ahead_in(&self, key: usize, share: f64, prospect: &Prospect, rows: &mut [Row]) {
        let (minor, tonic) = (key / OCTAVE, key % OCTAVE);
        let (follow, mut chords) = (&self.tables.follow[minor], [self.chords[key]]);
        let mut seen = Vec::with_capacity(rows.len());
        for (beat, &strength) in prospect.strengths.iter().enumerate() {
            move_on(&mut chords, self.tables.change[strength], follow);
            let odds = odds(&self.signs(key, beat, prospect));
            seen.push((chords[0], odds));
            weigh(&mut chords[0], &odds);
        }
        let mut after = [1.0; TOKENS];
        for (beat, (mut row, odds)) in seen.into_iter().enumerate().rev() {
            let ahead: Row = std::array::from_fn(|token| odds[token] * after[token]);
            weigh(&mut row, &ahead);
            add_from(tonic, &row, share, &mut rows[beat]);
            let change = self.tables.change[prospect.strengths[beat]];
            for (token, next) in follow.iter().enumerate() {
                let met: f64 = next.iter().zip(&ahead).map(|(follows, odds)| follows * odds).sum();
                after[token] = (1.0 - change) * ahead[token] + change * met;
            }
            let top = after.iter().copied().fold(0.0, f64::max);
            for odds in &mut after {
                *odds /= top;
            }
        }
    }

    /// What speaks for each token on a coming beat.
    fn signs(&self, key: usize, beat: usize, prospect: &Prospect) -> Row {
        let (notes, tonic) = (&self.tables.notes[key / OCTAVE], key % OCTAVE);
        let mut signs = [0.0; TOKENS];
        if let Some(melody) = prospect.recalled.get(beat) {
            signs = signs_of(notes, &turned(melody, tonic)).map(|sign| prospect.recall_weight * sign);
        }
        if let (0, Some(pitch_class)) = (beat, prospect.struck) {
            let struck = (pitch_class + OCTAVE - tonic) % OCTAVE;
            for (sign, likely) in signs.iter_mut().zip(notes) {
                *sign = 0.5 * *sign + likely[struck];
            }
        }
        if let Some(expected) = prospect.expected.get(beat) {
            for (sign, mass) in signs.iter_mut().zip(seen_from(tonic, expected)) {
                *sign += prospect.oracle_weight * libm::log(mass + LEAST_EXPECTED);
            }
        }
        signs
    }
}

/// What a melody says for each token.
fn signs_of(notes: &[Melody], melody: &Melody) -> Row {
    std::array::from_fn(|token| notes[token].iter().zip(melody).map(|(likely, heard)| likely * heard).sum())
}

/// Odds of logarithms, the highest 1.
fn odds(signs: &Row) -> Row {
    let top = signs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    signs.map(|sign| libm::exp(sign - top))
}

/// Multiplies a distribution; it stays one.
fn weigh(row: &mut Row, odds: &Row) {
    row.iter_mut().zip(odds).for_each(|(mass, odds)| *mass *= odds);
    let total: f64 = row.iter().sum();
    for mass in row {
        *mass /= total;
    }
}

/// Pitch classes from a tonic.
fn turned(melody: &Melody, tonic: usize) -> Melody {
    std::array::from_fn(|step| melody[(step + tonic) % OCTAVE])
}

/// Tokens from a tonic.
fn seen_from(tonic: usize, row: &Row) -> Row {
    let mut seen = *row;
    seen[..TURNING].rotate_left(tonic * FAMILIES);
    seen
}

/// Adds a row that is seen from a tonic to one that is seen from C.
fn add_from(tonic: usize, row: &Row, share: f64, to: &mut Row) {
    let mut from_c = *row;
    from_c[..TURNING].rotate_right(tonic * FAMILIES);
    to.iter_mut().zip(from_c).for_each(|(sum, mass)| *sum += share * mass);
}

widely! { fn move_on(rows: &mut [Row], change: f64, follow: &[Row]) does one_beat_later }

/// Rows of chords a beat later, on which they change so often.
#[inline(always)]
fn one_beat_later(rows: &mut [Row], change: f64, follow: &[Row]) {
    for row in rows {
        let mut moved = [0.0; TOKENS];
        for (mass, next) in row.iter().zip(follow) {
            for (sum, share) in moved.iter_mut().zip(next) {
                *sum += mass * share;
            }
        }
        for (mass, moved) in row.iter_mut().zip(moved) {
            *mass = (1.0 - change) * *mass + change * moved;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turned_there_and_back_is_where_it_was() {
        let row: Row = std::array::from_fn(|token| token as f64);
        for tonic in 0..OCTAVE {
            let mut back = [0.0; TOKENS];
            add_from(tonic, &seen_from(tonic, &row), 1.0, &mut back);
            assert_eq!(back, row);
            assert_eq!(seen_from(tonic, &row)[0], (tonic * FAMILIES) as f64);
        }
    }
}
