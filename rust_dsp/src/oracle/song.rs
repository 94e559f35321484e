//! A song to learn from: its chords on a grid, and what was heard of them.

use super::grid::Grid;

/// The song.
#[derive(Clone, Debug, Default)]
pub struct Song {
    /// One token an event.
    pub tokens: Vec<u8>,
    /// The same as a noisy ear heard them; empty where it heard them all right.
    pub heard: Vec<u8>,
    /// The place of each event in the bar.
    pub positions: Vec<u8>,
    /// Events a bar, or beats where the positions are beats.
    pub beats_per_bar: u8,
    /// The key, 0 to 11 major and 12 to 23 minor, where it is known.
    pub key: Option<u8>,
    /// Songs of one group are versions of each other: never one to learn from and one to test with.
    pub group: u32,
    /// The beat on which each event begins; empty where nobody knows.
    pub starts: Vec<u32>,
    /// What is heard on each beat, as far as `starts` are known.
    pub beats: Vec<u8>,
    /// Beats a bar.
    pub bar: u8,
}

impl Song {
    /// Whether every number is in range and the lists are equally long.
    ///
    /// Realtime-safe: no.
    pub fn is_valid(&self) -> bool {
        let chords = |tokens: &[u8]| tokens.iter().all(|&token| token <= super::token::SILENCE);
        let timed = self.starts.len() == self.tokens.len()
            && self.starts.is_sorted()
            && self.starts.last().is_none_or(|&start| start as usize <= self.beats.len());
        self.tokens.len() == self.positions.len()
            && (self.heard.is_empty() || self.heard.len() == self.tokens.len())
            && chords(&self.tokens)
            && chords(&self.heard)
            && chords(&self.beats)
            && self.key.is_none_or(|key| key < 24)
            && (1..=64).contains(&self.beats_per_bar)
            && (1..=64).contains(&self.bar)
            && self.positions.iter().all(|&position| position < self.beats_per_bar)
            && (self.starts.is_empty() || timed)
    }

    /// What was heard of an event.
    ///
    /// Realtime-safe: yes.
    pub fn heard(&self, event: usize) -> u8 {
        self.heard.get(event).copied().unwrap_or(self.tokens[event])
    }

    /// The beats of an event, from its beginning to the next one's.
    ///
    /// Realtime-safe: yes.
    pub fn beats_of(&self, event: usize) -> &[u8] {
        let Some(&start) = self.starts.get(event) else { return &[] };
        let end = self.starts.get(event + 1).map_or(self.beats.len(), |&start| start as usize);
        &self.beats[start as usize..end]
    }

    /// The same song without its beats.
    ///
    /// Realtime-safe: no.
    #[must_use]
    pub fn untimed(&self, grid: Grid) -> Self {
        let mut song = Self { starts: Vec::new(), beats: Vec::new(), ..self.clone() };
        if grid == Grid::Changes {
            song.beats_per_bar = 1;
            song.positions.fill(0);
        }
        song
    }

    /// Appends an event of another song, or another chord in its place. Where events are changes, equal ones melt.
    ///
    /// Realtime-safe: no.
    pub fn append(&mut self, other: &Self, event: usize, strange: Option<u8>, grid: Grid) {
        let token = strange.unwrap_or(other.tokens[event]);
        if grid != Grid::Changes || self.tokens.last() != Some(&token) {
            self.tokens.push(token);
            self.positions.push(other.positions[event]);
            if !other.starts.is_empty() {
                self.starts.push(self.beats.len() as u32);
            }
        }
        self.beats.extend(other.beats_of(event).iter().map(|&beat| strange.unwrap_or(beat)));
    }
}
