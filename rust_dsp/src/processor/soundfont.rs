//! The processor's SoundFont.

use super::Processor;
use crate::soundfont::parts::SoundChoice;

impl Processor {
    /// Lets a SoundFont play in place of the instruments, as far as it has presets for them.
    ///
    /// Realtime-safe: no (allocates its players).
    pub fn use_soundfont(&mut self, choice: &SoundChoice) {
        self.mixer.voices.use_soundfont(choice);
        self.soundfont = Some(choice.clone());
    }
}
