//! Songs to practise on: those of the corpus, loops of them with strange bars, as players make them, and all of these
//! as a noisy ear hears them, or without a beat to count.

use super::chance::Chance;
use super::grid::Grid;
use super::song::Song;
use super::token::{family, root, CHORDS, FAMILIES, SILENCE};

/// The share of songs that are replaced by a loop.
const LOOPS: f32 = 0.1;
const BARS: [usize; 6] = [2, 4, 8, 8, 12, 16];
const STRANGE: [f32; 4] = [0.0, 0.0, 0.05, 0.15];
/// The share of songs that are misheard here and there.
const MISHEARD: f32 = 0.1;
/// How much of them.
const WRONG: [f32; 4] = [0.03, 0.06, 0.12, 0.25];
/// The share of songs that are played without a beat, where events are no beats.
const FREE: f32 = 0.1;
/// What a chord is taken for, more often than for any other: the same root in the next families, its relatives, its
/// neighbours in fifths.
const CONFUSIONS: [(u8, [u8; FAMILIES]); 6] = [
    (0, [1, 0, 0, 0, 1, 1, 0]),
    (0, [3, 4, 3, 2, 6, 4, 2]),
    (9, [1, 0, 4, 4, 0, 1, 1]),
    (3, [0, 0, 0, 0, 0, 0, 0]),
    (7, [0, 1, 0, 0, 1, 0, 0]),
    (5, [0, 1, 0, 0, 1, 0, 0]),
];

/// The song, or a variant of it.
///
/// Realtime-safe: no.
pub fn variant(song: &Song, grid: Grid, chance: &mut Chance) -> Song {
    let mut played = if chance.share() < LOOPS { part_in_a_loop(song, grid, chance) } else { song.clone() };
    if chance.share() < MISHEARD {
        mishear(&mut played, grid, WRONG[chance.below(WRONG.len())], chance);
    }
    if grid != Grid::Beats && chance.share() < FREE {
        played = played.untimed(grid);
    }
    played
}

fn part_in_a_loop(song: &Song, grid: Grid, chance: &mut Chance) -> Song {
    let bar = if grid == Grid::Beats { usize::from(song.beats_per_bar) } else { 1 };
    let wanted = BARS[chance.below(BARS.len())] * bar;
    let first = song.positions.iter().position(|&position| position == 0).unwrap_or(0);
    let bars = (song.tokens.len() - first) / bar;
    if bars * bar < wanted + bar {
        return song.clone();
    }
    let start = first + chance.below(bars - wanted / bar) * bar;
    looped(song, grid, start..start + wanted, STRANGE[chance.below(STRANGE.len())], chance)
}

fn looped(song: &Song, grid: Grid, part: std::ops::Range<usize>, strange: f32, chance: &mut Chance) -> Song {
    let bar = if grid == Grid::Beats { usize::from(song.beats_per_bar) } else { 1 };
    let (beats_per_bar, group) = (song.beats_per_bar, song.group);
    let mut out = Song { beats_per_bar, bar: song.bar, group, ..Song::default() };
    let events: Vec<usize> = part.collect();
    let passes = 4 + chance.below(5);
    for _ in 0..passes {
        for bar in events.chunks(bar) {
            let other = (chance.share() < strange).then(|| chance.below(CHORDS - 1) as u8);
            for &event in bar {
                out.append(song, event, other, grid);
            }
        }
    }
    if out.starts.is_empty() {
        let length = usize::from(beats_per_bar);
        out.positions = (0..out.tokens.len()).map(|at| (at % length) as u8).collect();
    }
    out
}

/// A share of the events is heard wrong; on the grid of beats for as long as the chord lasts, or for a beat of it.
fn mishear(song: &mut Song, grid: Grid, share: f32, chance: &mut Chance) {
    let mut heard = song.tokens.clone();
    for event in 0..heard.len() {
        let goes_on = grid == Grid::Beats && event > 0 && song.tokens[event] == song.tokens[event - 1];
        if goes_on && heard[event - 1] != song.tokens[event - 1] && chance.share() < 0.7 {
            heard[event] = heard[event - 1];
        } else if chance.share() < share {
            let before = if event > 0 { heard[event - 1] } else { SILENCE };
            heard[event] = taken_for(song.tokens[event], before, chance);
        }
    }
    for (event, &start) in song.starts.iter().enumerate() {
        let end = song.starts.get(event + 1).map_or(song.beats.len(), |&next| next as usize);
        for beat in &mut song.beats[start as usize..end] {
            if *beat == song.tokens[event] {
                *beat = heard[event];
            }
        }
    }
    song.heard = heard;
}

/// What a noisy ear takes a chord for: mostly for one like it, sometimes for the one before, sometimes for any.
fn taken_for(token: u8, before: u8, chance: &mut Chance) -> u8 {
    let dice = chance.share();
    if dice < 0.15 {
        return before;
    }
    if dice < 0.4 || token >= SILENCE {
        return chance.below(CHORDS) as u8;
    }
    let (interval, families) = CONFUSIONS[chance.below(CONFUSIONS.len())];
    (root(token) + interval) % 12 * FAMILIES as u8 + families[family(token) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_variant_is_a_song(
            tokens in prop::collection::vec(0u8..=SILENCE, 9..80),
            seed in any::<u64>(),
            timed in any::<bool>(),
        ) {
            for grid in [Grid::Beats, Grid::Changes, Grid::Bars] {
                let mut song = Song { beats_per_bar: 4, bar: 4, ..Song::default() };
                for (at, &token) in tokens.iter().enumerate() {
                    song.tokens.push(token);
                    song.positions.push((at % 4) as u8);
                    if timed && grid != Grid::Beats {
                        song.starts.push(song.beats.len() as u32);
                        song.beats.extend([token, token]);
                    }
                }
                prop_assert!(song.is_valid());
                let mut chance = Chance::new(seed);
                for _ in 0..8 {
                    let played = variant(&song, grid, &mut chance);
                    prop_assert!(played.is_valid());
                    prop_assert!(!played.tokens.is_empty());
                }
            }
        }
    }
}
