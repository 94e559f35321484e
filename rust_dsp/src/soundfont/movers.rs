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
        let lfo = |n: usize| Lfo::new(sound.lfo_delays[n], sound.lfo_steps[n]);
        Self {
            volume: Envelope::new(sound.volume),
            modulation: Envelope::new(sound.modulation),
            lfos: [lfo(0), lfo(1)],
        }
    }

    /// Moves on.
    ///
    /// Realtime-safe: yes.
    pub fn advance(&mut self, frames: f32) {
        self.volume.advance(frames);
        self.modulation.advance(frames);
        self.lfos.iter_mut().for_each(|lfo| lfo.advance(frames));
    }

    /// Takes times that changed.
    ///
    /// Realtime-safe: yes.
    pub fn follow(&mut self, sound: &Sound) {
        self.volume.timing = sound.volume;
        self.modulation.timing = sound.modulation;
        for (lfo, step) in self.lfos.iter_mut().zip(sound.lfo_steps) {
            lfo.step = step;
        }
    }
}
