//! What an ensemble saves where a block comes near its deadline.

use super::{note, Ensemble};
use crate::governor::Thrift;

/// Voices that are asked to fade in one call: they cost their time until they have.
const MOST_FADES: usize = 32;
/// A note with less than this, −50 dBFS, does not miss its filter's motion.
const QUIET: f32 = 0.003;

impl Ensemble {
    /// Saves so much from now on; called for every block while anything is saved.
    ///
    /// Realtime-safe: yes.
    pub fn save(&mut self, thrift: Thrift) {
        self.still_below = if thrift.saves_filters() { QUIET } else { 0.0 };
        self.limit = thrift.polyphony(self.polyphony);
        if thrift == Thrift::NONE {
            return;
        }
        let least = thrift.least_tail();
        let mut fades = 0;
        for index in 0..self.voices.len() {
            let (tag, voice) = (&self.tags[index], &self.voices[index]);
            if fades < MOST_FADES && voice.is_released() && !tag.is_fading && tag.level < least {
                self.fade(index);
                fades += 1;
            }
        }
        while fades < MOST_FADES && self.sounding > self.limit {
            let newest = self.tags.iter().map(|tag| tag.serial).max().unwrap_or(0);
            let Some(victim) = self.least_important(newest, false) else {
                return;
            };
            self.fade(victim);
            fades += 1;
        }
    }

    /// Fades a voice that does not fade yet.
    pub(super) fn fade(&mut self, index: usize) {
        self.voices[index].fade();
        self.tags[index].is_fading = true;
        note(&mut self.changed, index);
        self.sounding -= 1;
    }
}
