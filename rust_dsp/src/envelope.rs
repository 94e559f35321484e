//! The loudness contour of a held note: attack, decay to a sustain, release.

use crate::voice::TICK;

/// Where the contour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Attack,
    Decay,
    Release,
    Done,
}

/// The times and the level a contour is made of.
#[derive(Clone, Copy, Debug)]
pub struct Contour {
    /// From silence to full, in seconds.
    pub attack_seconds: f32,
    /// Time constant of the fall to the sustain, in seconds.
    pub decay_seconds: f32,
    /// The level that is held, 0 to 1.
    pub sustain: f32,
    /// From release to 60 dB down, in seconds.
    pub release_seconds: f32,
}

/// A contour in motion, stepped once a tick and drawn as straight lines between ticks.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    stage: Stage,
    start: f32,
    end: f32,
    attack_step: f32,
    decay_factor: f32,
    sustain: f32,
    release_factor: f32,
}

impl Envelope {
    /// A contour about to begin.
    ///
    /// Realtime-safe: yes.
    pub fn new(contour: Contour, rate_hz: f32) -> Self {
        let tick_seconds = TICK as f32 / rate_hz;
        Self {
            stage: Stage::Attack,
            start: 0.0,
            end: 0.0,
            attack_step: (tick_seconds / contour.attack_seconds.max(tick_seconds)).min(1.0),
            decay_factor: 1.0 - (-tick_seconds / contour.decay_seconds.max(tick_seconds)).exp(),
            sustain: contour.sustain,
            release_factor: (-6.907_755 * tick_seconds / contour.release_seconds.max(0.005)).exp(),
        }
    }

    /// Lets go.
    ///
    /// Realtime-safe: yes.
    pub fn release(&mut self) {
        if self.stage != Stage::Done {
            self.stage = Stage::Release;
        }
    }

    /// Moves on by one tick.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self) {
        self.start = self.end;
        match self.stage {
            Stage::Attack => {
                self.end = (self.end + self.attack_step).min(1.0);
                if self.end >= 1.0 {
                    self.stage = Stage::Decay;
                }
            }
            Stage::Decay => self.end += (self.sustain - self.end) * self.decay_factor,
            Stage::Release => {
                self.end *= self.release_factor;
                if self.end < 1e-5 {
                    self.end = 0.0;
                    self.stage = Stage::Done;
                }
            }
            Stage::Done => self.end = 0.0,
        }
    }

    /// The level `frame` frames into the tick.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn level(&self, frame: usize) -> f32 {
        self.start + (self.end - self.start) * (frame as f32 * (1.0 / TICK as f32))
    }

    /// The level at the end of the tick.
    ///
    /// Realtime-safe: yes.
    pub fn value(&self) -> f32 {
        self.end
    }

    /// Whether it has come to rest after its release.
    ///
    /// Realtime-safe: yes.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done && self.start == 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_holds_and_comes_to_rest() {
        let contour =
            Contour { attack_seconds: 0.01, decay_seconds: 0.05, sustain: 0.5, release_seconds: 0.1 };
        let mut envelope = Envelope::new(contour, 48_000.0);
        for _ in 0..1_500 {
            envelope.tick();
        }
        assert!((envelope.value() - 0.5).abs() < 1e-3);
        envelope.release();
        for _ in 0..1_500 {
            envelope.tick();
        }
        assert!(envelope.is_done());
    }
}
