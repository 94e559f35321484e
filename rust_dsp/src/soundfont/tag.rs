//! What is asked of every voice whenever a note begins or ends.

/// The little of a voice that is asked for when a note begins or ends, apart from it because all of them are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// The channel.
    pub channel: u8,
    /// The key that was struck.
    pub key: u8,
    /// Whether it is fading out.
    pub is_fading: bool,
    /// Whether it is percussion.
    pub is_percussion: bool,
    /// Counts notes.
    pub serial: u32,
    /// How loud it is.
    pub level: f32,
    /// How much that counts: held notes are missed more than those let go.
    pub weight: f32,
}

impl Tag {
    /// How much it would be missed: the quietest, the released and the old go first.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn importance(&self, newest: u32) -> f32 {
        let youth = 1.0 / (1.0 + 0.1 * newest.wrapping_sub(self.serial) as f32);
        (self.level + 0.02 * youth) * self.weight
    }
}
