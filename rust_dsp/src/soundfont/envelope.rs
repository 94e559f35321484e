//! The six-stage envelope: delay, attack, hold, decay, sustain, release.

use super::maths::{centibels_to_gain, timecents_to_frames};
use super::modulator::convex;

/// The depth of the volume envelope, in centibels: below this there is silence.
pub const DEPTH: f32 = 960.0;

/// How long each stage takes, in frames, and where decay ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// Before anything happens.
    pub delay: f32,
    /// From nothing to the top.
    pub attack: f32,
    /// At the top.
    pub hold: f32,
    /// From the top to nothing, were it not for the sustain level.
    pub decay: f32,
    /// Where decay ends, 1 at the top.
    pub sustain: f32,
    /// From the top to nothing.
    pub release: f32,
}

impl Timing {
    /// From the six generators in timecents (sustain 0 to 1, 1 at the top).
    ///
    /// Realtime-safe: yes.
    pub fn new(timecents: [f32; 6], rate_hz: f32) -> Self {
        let frames = |n: usize| timecents_to_frames(timecents[n], rate_hz);
        Self {
            delay: frames(0),
            attack: frames(1),
            hold: frames(2),
            decay: frames(3).max(1.0),
            sustain: timecents[4].clamp(0.0, 1.0),
            release: frames(5).max(1.0),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Delay,
    Attack,
    Hold,
    Decay,
    Sustain,
    Release,
    Done,
}

/// An envelope in motion; how long its stages take is told each time.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    stage: Stage,
    /// Frames spent in delay or hold.
    spent: f32,
    /// 0 to 1: linear in amplitude during attack, in decibels (or the generator's unit) afterwards.
    level: f32,
}

impl Envelope {
    /// An envelope about to begin.
    pub const START: Self = Self { stage: Stage::Delay, spent: 0.0, level: 0.0 };

    /// Moves on.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn advance(&mut self, timing: &Timing, frames: f32) {
        if matches!(self.stage, Stage::Sustain | Stage::Done) {
            return;
        }
        self.advance_stages(timing, frames);
    }

    fn advance_stages(&mut self, timing: &Timing, frames: f32) {
        let mut left = frames;
        // Each turn ends a stage or uses up the frames.
        for _ in 0..6 {
            left = match self.stage {
                Stage::Delay => self.wait(timing.delay, left, Stage::Attack),
                Stage::Attack => {
                    self.level += left / timing.attack.max(1e-3);
                    self.pass(self.level - 1.0, timing.attack, Stage::Hold, 1.0)
                }
                Stage::Hold => self.wait(timing.hold, left, Stage::Decay),
                Stage::Decay => {
                    self.level -= left / timing.decay;
                    let over = timing.sustain - self.level;
                    self.pass(over, timing.decay, Stage::Sustain, timing.sustain)
                }
                Stage::Release => {
                    self.level -= left / timing.release;
                    self.pass(-self.level, timing.release, Stage::Done, 0.0)
                }
                Stage::Sustain | Stage::Done => 0.0,
            };
            if left <= 0.0 {
                return;
            }
        }
    }

    fn wait(&mut self, length: f32, frames: f32, next: Stage) -> f32 {
        self.spent += frames;
        let over = self.spent - length;
        if over >= 0.0 {
            self.stage = next;
            self.spent = 0.0;
        }
        over
    }

    /// Ends the stage if the level went `over` its end; returns the frames that are left.
    fn pass(&mut self, over: f32, length: f32, next: Stage, level: f32) -> f32 {
        if over < 0.0 {
            return 0.0;
        }
        self.stage = next;
        self.spent = 0.0;
        self.level = level;
        over * length
    }

    /// The key went up. `is_volume` tells what an unfinished attack is worth in the scale of the release.
    ///
    /// Realtime-safe: yes.
    pub fn release(&mut self, is_volume: bool) {
        self.level = match self.stage {
            Stage::Delay | Stage::Done => 0.0,
            Stage::Attack if is_volume => {
                (1.0 + self.level.max(1e-9).log10() * (200.0 / DEPTH)).clamp(0.0, 1.0)
            }
            Stage::Attack => convex(self.level),
            _ => self.level,
        };
        self.stage = if self.level > 0.0 { Stage::Release } else { Stage::Done };
    }

    /// As the modulation envelope: 0 to 1, the attack convex.
    ///
    /// Realtime-safe: yes.
    pub fn value(&self) -> f32 {
        if self.stage == Stage::Attack {
            convex(self.level)
        } else {
            self.level
        }
    }

    /// As the volume envelope: a gain, 0 to 1.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn gain(&self) -> f32 {
        match self.stage {
            Stage::Attack => self.level,
            Stage::Hold => 1.0,
            _ if self.level <= 0.0 => 0.0,
            _ => centibels_to_gain((1.0 - self.level) * DEPTH),
        }
    }

    /// Whether it stands at its sustain level.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn is_sustained(&self) -> bool {
        self.stage == Stage::Sustain
    }

    /// Whether it has come to its end.
    ///
    /// Realtime-safe: yes.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Whether it only falls from now on, as far as it can be known; the level it will not fall below.
    ///
    /// Realtime-safe: yes.
    pub fn falls_to(&self, timing: &Timing) -> Option<f32> {
        match self.stage {
            Stage::Decay | Stage::Sustain => Some(timing.sustain),
            Stage::Release | Stage::Done => Some(0.0),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing() -> Timing {
        Timing { delay: 100.0, attack: 200.0, hold: 300.0, decay: 4_000.0, sustain: 0.75, release: 2_000.0 }
    }

    #[test]
    fn every_stage_takes_its_time_however_it_is_stepped() {
        for step in [1.0, 7.0, 64.0] {
            let mut envelope = Envelope::START;
            let mut at = 0.0;
            while at < 1_700.0 {
                let expected = match at {
                    t if t <= 100.0 => 0.0,
                    t if t <= 300.0 => (t - 100.0) / 200.0,
                    t if t <= 600.0 => 1.0,
                    t if t <= 1_600.0 => 10f32.powf(-(t - 600.0) / 4_000.0 * DEPTH / 200.0),
                    _ => 10f32.powf(-0.25 * DEPTH / 200.0),
                };
                assert!((envelope.gain() - expected).abs() < 2e-4, "{step} {at} {expected}");
                envelope.advance(&timing(), step);
                at += step;
            }
        }
    }

    #[test]
    fn a_key_that_goes_up_before_the_sound_begins_makes_none() {
        let mut envelope = Envelope::START;
        envelope.advance(&timing(), 50.0);
        envelope.release(true);
        assert!(envelope.is_done());
    }

    #[test]
    fn a_release_from_the_attack_starts_where_the_attack_was() {
        let mut envelope = Envelope::START;
        envelope.advance(&timing(), 150.0);
        let before = envelope.gain();
        envelope.release(true);
        assert!((envelope.gain() - before).abs() < 1e-4);
        envelope.advance(&timing(), 2_000.0);
        assert!(envelope.is_done() && envelope.gain() == 0.0);
    }
}
