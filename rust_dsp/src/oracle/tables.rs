//! What was trained: key profile, static tables and gates of one grid, and how they are packed into bytes.

use super::calibration::{self, Calibration};
use super::gate::{Gate, GATES, NUMBERS};
use super::grid::Grid;
use super::habit::Habit;
use super::ladder::{Ladder, Parts};
use super::packing::{Reader, Writer};
use super::profile::Profile;
use super::recall::{Recall, ALL_NUMBERS};
use super::review::{self, Review};

const MAGIC: &[u8; 8] = b"smORACL4";

/// Everything an oracle knows before a session.
#[derive(Clone, Debug)]
pub struct Tables {
    /// How well chords fit keys.
    pub profile: Profile,
    /// What chords do in general.
    pub ladder: Ladder,
    /// The same from a few counts, where there is no ladder.
    pub habit: Habit,
    /// How loud places in the past vote.
    pub recall: Recall,
    /// Which of the likeliest chords is likelier than it seems.
    pub review: Review,
    /// What the mixture's probabilities are worth.
    pub calibration: Calibration,
    /// Who is believed, by how far ahead.
    pub gates: Vec<Gate>,
}

impl Tables {
    /// Untrained: counts alone, or nothing.
    ///
    /// Realtime-safe: no.
    pub fn untrained(habit: Option<&[f32]>) -> Option<Self> {
        let habit = match habit {
            Some(numbers) => Habit::from_numbers(numbers)?,
            None => Habit::ignorant(),
        };
        let gates = vec![Gate::plain(); GATES];
        Some(Self {
            profile: Profile::plain(),
            ladder: Ladder::default(),
            habit,
            recall: Recall::plain(),
            review: Review::plain(),
            calibration: Calibration::plain(),
            gates,
        })
    }

    /// From bytes that [`pack`] made.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn unpack(bytes: &[u8], grid: Grid) -> Result<Self, String> {
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err("these are no tables of an oracle, or of another version".to_owned());
        }
        let number = reader.byte()?;
        if number != grid.number() {
            return Err(format!("these tables are for grid {number}, not for grid {}", grid.number()));
        }
        let profile =
            Profile::from_numbers(&reader.floats()?).ok_or("the key profile is broken".to_owned())?;
        let parts = Parts {
            names: reader.words()?,
            counts: reader.bytes()?,
            shares: reader.bytes()?,
            tokens: reader.bytes()?,
            masses: reader.bytes()?,
        };
        let ladder = Ladder::new(&parts).ok_or("the static tables do not fit together".to_owned())?;
        let numbers = reader.floats()?;
        if numbers.len() != GATES * NUMBERS || numbers.iter().any(|x| !x.is_finite() || x.abs() > 1e4) {
            return Err("the gates are broken".to_owned());
        }
        let loudness = reader.floats()?;
        if loudness.len() != ALL_NUMBERS || loudness.iter().any(|x| !x.is_finite() || x.abs() > 30.0) {
            return Err("the numbers of recall are broken".to_owned());
        }
        let recall = Recall { numbers: loudness };
        let numbers_of_review = reader.floats()?;
        if numbers_of_review.len() != review::ALL_NUMBERS
            || numbers_of_review.iter().any(|x| !x.is_finite() || x.abs() > 1e4)
        {
            return Err("the numbers of the second look are broken".to_owned());
        }
        let review = Review { numbers: numbers_of_review };
        let worth = reader.floats()?;
        if worth.len() != calibration::NUMBERS || worth.iter().any(|x| !(0.0..=1.0).contains(x)) {
            return Err("the calibration is broken".to_owned());
        }
        let calibration = Calibration { numbers: worth };
        reader.end()?;
        let gates = numbers.chunks(NUMBERS).map(|numbers| Gate { numbers: numbers.to_vec() }).collect();
        Ok(Self { profile, ladder, habit: Habit::ignorant(), recall, review, calibration, gates })
    }
}

/// Packs what was trained; `parts` are what the ladder is made of.
///
/// Realtime-safe: no.
pub fn pack(grid: Grid, tables: &Tables, parts: &Parts) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.raw(MAGIC);
    writer.raw(&[grid.number()]);
    writer.floats(&tables.profile.numbers());
    writer.words(&parts.names);
    for bytes in [&parts.counts, &parts.shares, &parts.tokens, &parts.masses] {
        writer.bytes(bytes);
    }
    let numbers: Vec<f32> = tables.gates.iter().flat_map(|gate| gate.numbers.iter().copied()).collect();
    writer.floats(&numbers);
    writer.floats(&tables.recall.numbers);
    writer.floats(&tables.review.numbers);
    writer.floats(&tables.calibration.numbers);
    writer.finish()
}
