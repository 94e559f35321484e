//! The keys that are down on a channel that sounds one note at a time: which sounds, and which comes back.

use super::sound::Struck;

/// Keys that are remembered; of more, the oldest are forgotten.
const MOST: usize = 16;

/// Keys that are down, the latest last.
#[derive(Clone, Copy, Debug)]
pub struct HeldKeys {
    keys: [Struck; MOST],
    count: usize,
}

impl HeldKeys {
    /// None.
    pub const NONE: Self = Self { keys: [Struck { key: 0, velocity: 0 }; MOST], count: 0 };

    /// The key that sounds.
    ///
    /// Realtime-safe: yes.
    pub fn last(&self) -> Option<Struck> {
        self.keys[..self.count].last().copied()
    }

    /// A key goes down.
    ///
    /// Realtime-safe: yes.
    pub fn press(&mut self, struck: Struck) {
        self.lift(struck.key);
        if self.count == MOST {
            self.keys.copy_within(1.., 0);
            self.count -= 1;
        }
        self.keys[self.count] = struck;
        self.count += 1;
    }

    /// A key goes up; whether it was down.
    ///
    /// Realtime-safe: yes.
    pub fn lift(&mut self, key: u8) -> bool {
        let place = self.keys[..self.count].iter().position(|struck| struck.key == key);
        if let Some(place) = place {
            self.keys.copy_within(place + 1..self.count, place);
            self.count -= 1;
        }
        place.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_key_that_is_still_down_comes_back() {
        let mut held = HeldKeys::NONE;
        for key in 40..60 {
            held.press(Struck { key, velocity: 90 });
        }
        assert!(!held.lift(40), "only sixteen are remembered");
        assert!(held.lift(59) && held.lift(57));
        assert_eq!(held.last().map(|struck| struck.key), Some(58));
        for key in 40..60 {
            held.lift(key);
        }
        assert!(held.last().is_none());
    }
}
