//! Counting songs into the static tables.

use super::context::{Context, Names};
use super::grid::Grid;
use super::ladder::{to_stored, Parts};
use super::profile::Profile;
use super::song::Song;
use super::token::{seen_from, CHORDS, SILENCE};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What is taken from every count and given to more general contexts.
const DISCOUNT: f32 = 0.7;
/// Contexts seen less often are left out.
const LEAST: u32 = 3;
/// Steps ahead that are counted.
pub const STEPS: usize = 8;

/// What followed in one context.
#[derive(Clone, Debug, Default)]
struct Tally {
    /// The more general context that it is mixed with.
    parent: u32,
    total: u32,
    followers: Vec<(u8, u32)>,
}

/// Names are random numbers already.
#[derive(Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn write_u32(&mut self, name: u32) {
        self.0 = u64::from(name).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// Counts of what followed in each context.
#[derive(Default)]
pub struct Counts {
    contexts: HashMap<u32, Tally, BuildHasherDefault<Unhashed>>,
}

impl Counts {
    /// Counts a song, for all steps ahead.
    ///
    /// Realtime-safe: no.
    pub fn add(&mut self, song: &Song, grid: Grid, profile: &Profile) {
        let in_beats = grid == Grid::Bars && !song.starts.is_empty();
        let mut context = Context::new(if in_beats { song.bar } else { song.beats_per_bar });
        for (at, &token) in song.tokens.iter().enumerate() {
            if !in_beats {
                context.position = song.positions[at];
            }
            if let (Grid::Changes, Some(start)) = (grid, song.starts.get(at)) {
                context.bar = start / u32::from(song.bar);
            }
            if at > 0 {
                for step in 1..=STEPS.min(song.tokens.len() - at) {
                    let follower = seen_from(song.tokens[at + step - 1], context.root());
                    self.add_names(&context.by_interval(step), follower);
                    self.add_names(&context.by_degree(step), follower);
                    self.add_names(&context.by_chords(step), follower);
                }
            }
            if in_beats {
                song.beats_of(at).iter().for_each(|&beat| context.observe(beat, profile));
                if context.position > 0 {
                    (context.position, context.bar) = (0, context.bar + 1);
                }
                continue;
            }
            context.observe(token, profile);
            if !song.starts.is_empty() {
                context.recent[0].1 = song.beats_of(at).len().clamp(1, 255) as u8;
            }
        }
    }

    fn add_names(&mut self, names: &Names, follower: u8) {
        let mut parent = 0;
        for &name in &names.0[..names.1] {
            let tally = self.contexts.entry(name).or_default();
            tally.parent = parent;
            tally.total += 1;
            match tally.followers.iter_mut().find(|(token, _)| *token == follower) {
                Some((_, count)) => *count += 1,
                None => tally.followers.push((follower, 1)),
            }
            parent = name;
        }
    }

    /// Discounts what was counted; leaves out what was seen too rarely, and what says no more than its parent: less
    /// than `worth` nats over all that was counted (after Stolcke 1998).
    ///
    /// Realtime-safe: no.
    pub fn parts(&self, worth: f32) -> Parts {
        let mut names: Vec<u32> = self.contexts.keys().copied().collect();
        names.sort_unstable();
        let mut parts = Parts::default();
        for name in names {
            let tally = &self.contexts[&name];
            if tally.total >= LEAST && self.worth(tally) >= worth {
                tally.write(name, &mut parts);
            }
        }
        parts
    }

    fn worth(&self, tally: &Tally) -> f32 {
        let Some(parent) = self.contexts.get(&tally.parent) else { return f32::INFINITY };
        let gain = |&(token, count): &(u8, u32)| {
            let other =
                parent.followers.iter().find(|(other, _)| *other == token).map_or(0, |(_, count)| *count);
            let before = (other as f32 - DISCOUNT).max(0.1) / parent.total as f32;
            let after = (count as f32 - DISCOUNT) / tally.total as f32;
            (count as f32 - DISCOUNT) * (after / before).ln()
        };
        tally.followers.iter().map(gain).sum()
    }
}

impl Tally {
    fn write(&self, name: u32, parts: &mut Parts) {
        let mut followers = self.followers.clone();
        followers.sort_unstable();
        let (mut left, mut kept) = (1.0, 0);
        for (token, count) in followers {
            if count > 1 || self.total <= 4 {
                let mass = (count as f32 - DISCOUNT) / self.total as f32;
                parts.tokens.push(token);
                parts.masses.push(to_stored(mass));
                left -= mass;
                kept += 1;
            }
        }
        if kept > 0 {
            parts.names.push(name);
            parts.counts.push(kept);
            parts.shares.push(to_stored(left));
        }
    }
}

/// How well chords fit keys, from songs whose key is known.
///
/// Realtime-safe: no.
pub fn profile_of(songs: &[Song]) -> Profile {
    let mut counts = [[0.0; CHORDS]; 2];
    for song in songs {
        let Some(key) = song.key else { continue };
        for pair in song.tokens.windows(2) {
            if pair[0] != pair[1] && pair[1] < SILENCE {
                counts[usize::from(key / 12)][seen_from(pair[1], key % 12) as usize] += 1.0;
            }
        }
    }
    if counts.iter().flatten().sum::<f32>() < 1_000.0 {
        return Profile::plain();
    }
    Profile::from_counts(&counts)
}
