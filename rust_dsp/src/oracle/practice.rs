//! Songs to practise on: those of the corpus, and loops of them with strange bars, as players make them.

use super::chance::Chance;
use super::grid::Grid;
use super::song::Song;
use super::token::CHORDS;

/// The share of songs that are replaced by a loop.
const LOOPS: f32 = 0.1;
const BARS: [usize; 6] = [2, 4, 8, 8, 12, 16];
const STRANGE: [f32; 4] = [0.0, 0.0, 0.05, 0.15];

/// The song, or a loop made of a part of it.
///
/// Realtime-safe: no.
pub fn variant(song: &Song, grid: Grid, chance: &mut Chance) -> Song {
    if chance.share() >= LOOPS {
        return song.clone();
    }
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
    let mut out = Song { beats_per_bar: song.beats_per_bar, group: song.group, ..Song::default() };
    let passes = 4 + chance.below(5);
    for _ in 0..passes {
        for bar in song.tokens[part.clone()].chunks(bar) {
            let other = (chance.share() < strange).then(|| chance.below(CHORDS - 1) as u8);
            out.tokens.extend(bar.iter().map(|&token| other.unwrap_or(token)));
        }
    }
    if grid == Grid::Changes {
        out.tokens.dedup();
    }
    let length = usize::from(song.beats_per_bar);
    out.positions = (0..out.tokens.len()).map(|at| (at % length) as u8).collect();
    out
}
