//! A walking bass line: each note is the first of the cheapest way to the next chord's bass.
//!
//! `realtime.core.band.walking` says what a bass player weighs.

use super::OCTAVE;

/// Beats of the same chord after this one; further on nothing changes what is played now.
const LOOKS_AHEAD: usize = 3;
/// How many lines are followed at once.
const BEAM: usize = 8;
const HOME: i32 = 38;
/// What it costs to move so many semitones; an octave is cheap again.
const LEAPS: [f64; 13] = [3.0, 0.1, 0.1, 0.3, 0.4, 0.7, 1.6, 0.9, 1.8, 1.8, 2.2, 2.6, 1.2];
/// What it costs to come to the next chord's bass from a note so far from it, in either direction.
const ARRIVALS: [f64; 7] = [3.0, 0.0, 0.0, 1.2, 1.4, 0.5, 1.8];
const OF_THE_SCALE: f64 = 0.45;
const HOME_COST: f64 = 0.04;
const TURN: f64 = 0.35;
const AGAIN: f64 = 1.0;
/// How much chance has to say: lines over the same chord should differ.
const MOOD: f64 = 0.7;
/// As far as a hand gets, either way.
const FIFTH: i32 = 7;

/// What a line walks over.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// The chord's pitch classes, and those of the key's scale.
    pub tones: &'a [i32],
    /// See `tones`.
    pub scale: &'a [i32],
    /// How many more beats of the same chord follow.
    pub beats: usize,
    /// The bass that comes then, if that is known: a pitch class.
    pub target: Option<i32>,
    /// The lowest and the highest key of the instrument.
    pub low: i32,
    /// See `low`.
    pub high: i32,
}

type Line = Vec<i32>;

/// The key to play now after the line `before`, of which the last two count; `mood` gives each key 0 to 1, by chance.
/// None where `before` is empty.
pub fn next_step(ground: &Ground, before: &[i32], mood: impl Fn(i32) -> f64) -> Option<i32> {
    let start = &before[before.len().saturating_sub(2)..];
    let length = ground.beats.min(LOOKS_AHEAD) + 1;
    let aim = ground.target.filter(|_| ground.beats <= LOOKS_AHEAD);
    let mut lines: Vec<(f64, Line)> = vec![(0.0, start.to_vec())];
    for left in (0..length).rev() {
        let aim = aim.filter(|_| left == 0);
        let mut longer = Vec::with_capacity(lines.len() * OCTAVE);
        for (cost, line) in &lines {
            let last = *line.last()?;
            for (pitch, colour) in choices(ground, last, aim) {
                let cost = cost + step(line, pitch, colour) + aim.map_or(0.0, |aim| arrival(pitch, aim));
                let cost = if left + 1 == length { cost + MOOD * mood(pitch) } else { cost };
                longer.push((cost, [line.as_slice(), &[pitch]].concat()));
            }
        }
        longer.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1)));
        longer.truncate(BEAM);
        lines = longer;
    }
    lines.first()?.1.get(start.len()).copied()
}

fn is_beside(one: i32, other: i32) -> bool {
    matches!((one - other).rem_euclid(12), 1 | 11)
}

/// What a hand gets to from `last`, and what each costs: chord, scale, leading notes.
fn choices(ground: &Ground, last: i32, aim: Option<i32>) -> impl Iterator<Item = (i32, f64)> {
    let mut costs = [None; OCTAVE];
    // A chord's note that is foreign to the scale makes room for itself.
    let foreign: Vec<i32> =
        ground.tones.iter().copied().filter(|tone| !ground.scale.contains(tone)).collect();
    let makes_room = |one: &&i32| !foreign.iter().any(|&tone| is_beside(**one, tone));
    let leading = aim.into_iter().flat_map(|bass| [(bass + 1) % 12, (bass + 11) % 12]);
    for colour in ground.scale.iter().filter(makes_room).copied().chain(leading) {
        costs[colour as usize % OCTAVE] = Some(OF_THE_SCALE);
    }
    for &tone in ground.tones {
        costs[tone as usize % OCTAVE] = Some(0.0);
    }
    let low = ground.low.max(last.min(ground.high) - FIFTH);
    let high = ground.high.min(last.max(ground.low) + FIFTH);
    (low..=high).filter_map(move |pitch| Some((pitch, costs[pitch.rem_euclid(12) as usize]?)))
}

fn step(line: &[i32], pitch: i32, colour: f64) -> f64 {
    let Some((&last, earlier)) = line.split_last() else { return colour };
    let leap = (pitch - last).unsigned_abs().min(12) as usize;
    let mut cost = colour + LEAPS[leap] + HOME_COST * f64::from((pitch - HOME).abs());
    if let Some(&before) = earlier.last() {
        cost += if earlier.contains(&pitch) { AGAIN } else { 0.0 };
        let turns = (pitch - last) * (last - before) < 0 && (last - before).abs() < 5;
        cost += if turns { TURN } else { 0.0 };
    }
    cost
}

fn arrival(pitch: i32, bass: i32) -> f64 {
    let up = (bass - pitch).rem_euclid(12);
    ARRIVALS[up.min(12 - up) as usize % ARRIVALS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_arrives_by_a_step_when_the_chord_changes_next() {
        let c_major = [0, 2, 4, 5, 7, 9, 11];
        let ground =
            Ground { tones: &[0, 4, 7], scale: &c_major, beats: 0, target: Some(5), low: 28, high: 50 };
        let pitch = next_step(&ground, &[36, 40], |_| 0.5);
        assert!(pitch.is_some_and(|pitch| [4, 6, 7, 2, 0].contains(&(pitch % 12))), "{pitch:?}");
        assert_eq!(next_step(&ground, &[], |_| 0.5), None);
    }
}
