//! A song to learn from: its chords on a grid.

/// The song.
#[derive(Clone, Debug, Default)]
pub struct Song {
    /// One token an event.
    pub tokens: Vec<u8>,
    /// The place of each event in the bar.
    pub positions: Vec<u8>,
    /// Events a bar.
    pub beats_per_bar: u8,
    /// The key, 0 to 11 major and 12 to 23 minor, where it is known.
    pub key: Option<u8>,
    /// Songs of one group are versions of each other: never one to learn from and one to test with.
    pub group: u32,
}

impl Song {
    /// Whether every number is in range and the lists are equally long.
    ///
    /// Realtime-safe: no.
    pub fn is_valid(&self) -> bool {
        self.tokens.len() == self.positions.len()
            && self.tokens.iter().all(|&token| token <= super::token::SILENCE)
            && self.key.is_none_or(|key| key < 24)
            && (1..=64).contains(&self.beats_per_bar)
            && self.positions.iter().all(|&position| position < self.beats_per_bar)
    }
}
