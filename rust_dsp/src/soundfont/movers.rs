//! What moves by itself while a note sounds: two envelopes and two LFOs.

use super::envelope::Envelope;
use super::lfo::Lfo;
use super::sound::Sound;

/// The envelopes and LFOs of a voice.
#[derive(Clone, Copy, Debug)]
pub struct Movers {
    /// The volume envelope.
    pub volume: Envelope,
    /// The modulation envelope.
    pub modulation: Envelope,
    /// The modulation LFO and the vibrato LFO.
    pub lfos: [Lfo; 2],
}

impl Movers {
    /// Those of a note about to begin.
    ///
    /// Realtime-safe: yes.
    pub fn new(sound: &Sound) -> Self {
        Self { volume: Envelope::START, modulation: Envelope::START, lfos: sound.lfo_delays.map(Lfo::new) }
    }

    /// Moves on, as fast as the sound has it.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn advance(&mut self, sound: &Sound, frames: f32) {
        self.volume.advance(&sound.volume, frames);
        self.modulation.advance(&sound.modulation, frames);
        for (lfo, step) in self.lfos.iter_mut().zip(sound.lfo_steps) {
            lfo.advance(step, frames);
        }
    }
}
