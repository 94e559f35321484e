//! Where we are in the music: the last chords and how long they lasted, the place in the bar, the key.

use super::profile::Profile;
use super::token::{family, root, seen_from, GAP, SILENCE};

/// Chords that are kept.
pub const CHORDS_KEPT: usize = 8;
/// The most contexts of the static tables that one place has.
pub const RUNGS: usize = 16;
/// How much of the key is forgotten with each chord.
const KEY_MEMORY: f32 = 0.96;

/// The place.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The last chords, newest first: token (GAP where there was none) and events it lasted.
    pub recent: [(u8, u8); CHORDS_KEPT],
    /// The position in the bar of the next event.
    pub position: u8,
    /// Events a bar.
    pub beats_per_bar: u8,
    /// Bars since the song began.
    pub bar: u32,
    keys: [f32; 24],
}

/// The names of a place's contexts, from the most general to the most special.
pub type Names = ([u32; RUNGS], usize);

impl Context {
    /// The beginning of a song.
    ///
    /// Realtime-safe: yes.
    pub fn new(beats_per_bar: u8) -> Self {
        let recent = [(GAP, 0); CHORDS_KEPT];
        Self { recent, position: 0, beats_per_bar: beats_per_bar.max(1), bar: 0, keys: [0.0; 24] }
    }

    /// One more event.
    ///
    /// Realtime-safe: yes.
    pub fn observe(&mut self, token: u8, profile: &Profile) {
        if self.recent[0].0 == token {
            self.recent[0].1 = self.recent[0].1.saturating_add(1);
        } else {
            self.recent.copy_within(..CHORDS_KEPT - 1, 1);
            self.recent[0] = (token, 1);
            for (key, score) in self.keys.iter_mut().enumerate() {
                *score = *score * KEY_MEMORY + profile.fit(token, key);
            }
        }
        self.position += 1;
        if self.position >= self.beats_per_bar {
            self.position = 0;
            self.bar += 1;
        }
    }

    /// The root that intervals are counted from: the last chord's.
    ///
    /// Realtime-safe: yes.
    pub fn root(&self) -> u8 {
        self.recent.iter().find(|(token, _)| *token < SILENCE).map_or(0, |(token, _)| root(*token))
    }

    /// The likeliest key, 0 to 11 major and 12 to 23 minor.
    ///
    /// Realtime-safe: yes.
    pub fn key(&self) -> u8 {
        let mut best = 0;
        for key in 1..24 {
            if self.keys[key] > self.keys[best] {
                best = key;
            }
        }
        best as u8
    }

    fn interval(&self, chord: usize) -> u32 {
        let token = self.recent[chord].0;
        if token == GAP {
            99
        } else {
            u32::from(seen_from(token, self.root()))
        }
    }

    fn lasted(&self, chord: usize) -> u32 {
        match self.recent[chord].1 {
            events @ 0..=8 => u32::from(events),
            9..=12 => 9,
            13..=16 => 10,
            _ => 11,
        }
    }

    fn bar_place(&self, step: usize) -> u32 {
        let length = u32::from(self.beats_per_bar);
        length * 64 + (u32::from(self.position) + step as u32 - 1) % length
    }

    /// Contexts by intervals from the present chord: the metre, then ever longer pasts.
    ///
    /// Realtime-safe: yes.
    pub fn by_interval(&self, step: usize) -> Names {
        let mut ladder = Ladder::new(1, step);
        let now = u32::from(family(self.recent[0].0.min(SILENCE)));
        ladder.rung(&[self.bar_place(step), self.lasted(0)]);
        ladder.rung(&[now]);
        ladder.rung(&[self.lasted(1)]);
        ladder.fork(1, &[self.interval(1)]);
        ladder.rung(&[self.lasted(1)]);
        for chord in 2..6 {
            ladder.rung(&[self.interval(chord)]);
            if chord == 2 {
                ladder.rung(&[self.lasted(2)]);
            }
        }
        ladder.names(Self::rungs(step))
    }

    /// Contexts by degrees of the key.
    ///
    /// Realtime-safe: yes.
    pub fn by_degree(&self, step: usize) -> Names {
        let mut ladder = Ladder::new(2, step);
        let key = self.key();
        let degree = (u32::from(key % 12) + 12 - u32::from(self.root())) % 12 + u32::from(key / 12) * 12;
        let now = u32::from(family(self.recent[0].0.min(SILENCE)));
        ladder.rung(&[degree, now]);
        ladder.rung(&[self.bar_place(step), self.lasted(0)]);
        ladder.rung(&[self.interval(1)]);
        ladder.rung(&[self.bar % 4]);
        ladder.fork(1, &[self.lasted(1), self.interval(2)]);
        ladder.rung(&[self.interval(3)]);
        ladder.names(Self::rungs(step))
    }

    /// Contexts by the last chords alone, whenever they came: loops that many songs share are known by these.
    ///
    /// Realtime-safe: yes.
    pub fn by_chords(&self, step: usize) -> Names {
        let mut ladder = Ladder::new(3, step);
        ladder.rung(&[u32::from(family(self.recent[0].0.min(SILENCE)))]);
        for chord in 1..CHORDS_KEPT {
            ladder.rung(&[self.interval(chord)]);
        }
        ladder.names(Self::rungs(step))
    }

    fn rungs(step: usize) -> usize {
        match step {
            1 => RUNGS,
            2 => 8,
            3..=4 => 7,
            _ => 5,
        }
    }
}

/// Names made one from the other.
struct Ladder {
    names: [u32; RUNGS],
    count: usize,
}

impl Ladder {
    fn new(kind: u32, step: usize) -> Self {
        // Far ahead only the place in the bar still matters.
        let step = if step <= 8 { step } else { 5 + (step - 5) % 4 };
        let mut ladder = Self { names: [0; RUNGS], count: 1 };
        ladder.names[0] = mix(mix(0x811C_9DC5, kind), step as u32);
        ladder
    }

    fn rung(&mut self, features: &[u32]) {
        self.fork(0, features);
    }

    /// A rung that leaves out the last `back` ones.
    fn fork(&mut self, back: usize, features: &[u32]) {
        let from = self.names[self.count - 1 - back];
        let salted = mix(from, 1_000 + self.count as u32);
        self.names[self.count] = features.iter().fold(salted, |name, &feature| mix(name, feature));
        self.count += 1;
    }

    fn names(self, most: usize) -> Names {
        (self.names, self.count.min(most))
    }
}

#[inline]
fn mix(name: u32, feature: u32) -> u32 {
    let x = (name ^ feature).wrapping_mul(0x9E37_79B1);
    let x = (x ^ (x >> 15)).wrapping_mul(0x85EB_CA77);
    x ^ (x >> 13)
}
