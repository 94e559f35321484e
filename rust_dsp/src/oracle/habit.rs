//! What chords do in general, from a small table of counts: the static expert where there are no trained tables.

use super::context::Context;
use super::grid::Grid;
use super::token::{family, Row, CHORDS, FAMILIES, SILENCE, WIDTH};

/// Lengths of chords that the table tells apart.
const LENGTHS: usize = 16;
/// Numbers of a table: a row of followers for each family, then four rows of chances to change.
pub const NUMBERS: usize = FAMILIES * CHORDS + 4 * LENGTHS;

/// The table.
#[derive(Clone, Debug)]
pub struct Habit {
    /// P(next chord, seen from this one's root | this one's family, there is a change).
    next: [[f32; WIDTH]; FAMILIES],
    /// P(change | bar line, second beat, half bar, fourth; beats that the chord has lasted).
    change: [[f32; LENGTHS]; 4],
}

impl Habit {
    /// Knows nothing: every chord may follow every other, a change is as likely as not.
    ///
    /// Realtime-safe: no.
    pub fn ignorant() -> Self {
        let mut row = [0.0; WIDTH];
        row[..CHORDS].fill(1.0 / CHORDS as f32);
        Self { next: [row; FAMILIES], change: [[0.4; LENGTHS]; 4] }
    }

    /// From weights of followers by family, then chances to change; None where they are no such numbers.
    ///
    /// Realtime-safe: no.
    pub fn from_numbers(numbers: &[f32]) -> Option<Self> {
        let fits = numbers.len() == NUMBERS && numbers.iter().all(|x| x.is_finite() && *x >= 0.0);
        if !fits {
            return None;
        }
        let mut habit = Self::ignorant();
        for (row, weights) in habit.next.iter_mut().zip(numbers.chunks(CHORDS)) {
            let sum: f32 = weights.iter().sum::<f32>() + 1e-9;
            for (mass, weight) in row.iter_mut().zip(weights) {
                *mass = weight / sum;
            }
        }
        for (row, chances) in habit.change.iter_mut().zip(numbers[FAMILIES * CHORDS..].chunks(LENGTHS)) {
            for (mine, chance) in row.iter_mut().zip(chances) {
                *mine = chance.min(1.0);
            }
        }
        Some(habit)
    }

    /// What is heard `step` events ahead.
    ///
    /// Realtime-safe: yes.
    pub fn predict(&self, context: &Context, grid: Grid, step: usize) -> Row {
        let (now, lasted) = context.recent[0];
        let mut row = [0.0; WIDTH];
        row[..CHORDS].fill(1.0 / CHORDS as f32);
        if now >= SILENCE {
            return row;
        }
        let mut stays = 1.0;
        for ahead in 1..=step {
            stays *= 1.0 - self.chance(context, grid, usize::from(lasted), ahead);
        }
        let root = context.root() as usize;
        let mut next = self.next[family(now) as usize];
        next[..SILENCE as usize].rotate_right(root * FAMILIES);
        // Beyond the first change little is known: the further ahead, the flatter.
        let sure = (1.0 - stays) * 0.9f32.powi(step as i32 - 1);
        let rest = 1.0 - stays - sure;
        for (mass, next) in row.iter_mut().zip(&next) {
            *mass = *mass * rest + sure * *next;
        }
        row[now as usize] += stays;
        row
    }

    fn chance(&self, context: &Context, grid: Grid, lasted: usize, ahead: usize) -> f32 {
        let length = usize::from(context.beats_per_bar);
        let position = (usize::from(context.position) + ahead - 1) % length;
        let place = if length == 4 { position } else { position.min(1) };
        let lasted = (lasted + ahead - 1).clamp(1, LENGTHS) - 1;
        match grid {
            Grid::Beats => self.change[place][lasted],
            Grid::Changes => 1.0,
            Grid::Bars => self.change[0][3],
        }
    }
}
