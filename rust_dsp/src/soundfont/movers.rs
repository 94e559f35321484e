//! What moves by itself while a note sounds: two envelopes, two LFOs and a glide.

use super::envelope::Envelope;
use super::glide::Glide;
use super::lfo::Lfo;
use super::sound::Sound;

/// The envelopes, the LFOs and the glide of a voice.
#[derive(Clone, Copy, Debug)]
pub struct Movers {
    /// The volume envelope.
    pub volume: Envelope,
    /// The modulation envelope.
    pub modulation: Envelope,
    /// The modulation LFO and the vibrato LFO.
    pub lfos: [Lfo; 2],
    /// Portamento.
    pub glide: Glide,
}

impl Movers {
    /// Those of a note about to begin.
    ///
    /// Realtime-safe: yes.
    pub fn new(sound: &Sound) -> Self {
        Self {
            volume: Envelope::START,
            modulation: Envelope::START,
            lfos: sound.lfo_delays.map(Lfo::new),
            glide: Glide::default(),
        }
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
        self.glide.advance(frames);
    }
}
