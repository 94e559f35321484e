//! What voices save where a block comes near its deadline.

use super::{Voices, POLYPHONY};
use crate::governor::Thrift;
use crate::voice::{Hold, Voice};

/// Notes that are asked to fade in one call: they cost their time until they have.
const MOST_FADES: usize = 12;

impl Voices {
    /// Saves so much from now on; called for every block while anything is saved.
    ///
    /// Realtime-safe: yes.
    pub fn save(&mut self, thrift: Thrift) {
        self.polyphony = thrift.polyphony(POLYPHONY);
        if let Some(sounds) = &mut self.sounds {
            sounds.save(thrift);
        }
        if thrift == Thrift::NONE {
            return;
        }
        let (tail, short) = (self.frames(0.012), self.frames(0.005));
        let least = thrift.least_tail();
        let is_tail = |voice: &&mut Voice| {
            voice.hold == Hold::Released && !voice.is_fading() && voice.level() < least && !voice.is_drum()
        };
        for voice in self.slots.iter_mut().flatten().filter(is_tail).take(MOST_FADES) {
            voice.fade(tail);
        }
        let sounding = self.slots.iter().flatten().filter(|voice| !voice.is_fading()).count();
        for _ in 0..sounding.saturating_sub(self.polyphony).min(MOST_FADES) {
            let victim = self.least_important(false).and_then(|victim| self.slots[victim].as_mut());
            if let Some(voice) = victim {
                voice.fade(short);
            }
        }
    }
}
