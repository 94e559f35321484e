//! What changes slowly: envelopes, LFOs, pitch, filter and gains, once a tick.

use super::super::channel::Channel;
use super::super::font::SoundFont;
use super::super::lane::BUSES;
use super::super::maths::{centibels_to_gain, cents_to_hz, exp2};
use super::super::sound::Sound;
use super::{Voice, FADE_TICKS, TICK};
use crate::voice::Hold;

/// Below this (−100 dBFS) a note that can only fall is over.
const SILENCE: f32 = 1e-5;
/// Cents of cutoff that the filter is not moved for.
const LEAST_GLIDE: f32 = 3.0;

impl Voice {
    /// Sets the course up to the end of the tick, `frames` from now.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, frames: usize, rate_hz: f32, gain: f32) {
        let is_first = self.pitch.is_nan();
        if self.movers.volume.is_done() || (self.is_fading && self.fade_left == 0) {
            self.is_over = true;
            return;
        }
        self.at_tick = self.movers;
        self.ran = 0;
        self.is_due = false;
        // Pitch and cutoff hold through the tick from its start, but for the filter's glide.
        self.set_pitch(rate_hz);
        self.movers.advance(&self.sound, frames as f32);
        if self.is_still && self.lane.is_filtered {
            self.lane.hold_filter();
        } else if !self.sound.is_open || self.lane.is_filtered {
            self.set_filter(rate_hz, frames as f32, is_first);
        }
        self.set_gains(frames as f32, gain);
    }

    /// Takes the channel's controllers as they stand now.
    ///
    /// Realtime-safe: yes.
    pub fn refresh(&mut self, font: &SoundFont, channel: &Channel, rate_hz: f32) {
        self.is_stale = false;
        let Some(layer) = font.layer(self.layer) else {
            return;
        };
        let cut = self.sound.volume.release;
        self.sound = Sound::new(font, layer, channel, self.struck, self.owner.key, rate_hz);
        if self.hold == Hold::Released {
            self.sound.volume.release = self.sound.volume.release.min(cut);
        }
    }

    fn set_pitch(&mut self, rate_hz: f32) {
        let (sound, movers) = (&self.sound, &self.movers);
        let pitch = sound.pitch
            + sound.mod_lfo_to_pitch * movers.lfos[0].value()
            + sound.vib_lfo_to_pitch * movers.lfos[1].value()
            + sound.mod_env_to_pitch * movers.modulation.value()
            + movers.glide.cents;
        if pitch != self.pitch {
            self.pitch = pitch;
            let ratio = self.lane.region.rate_hz / rate_hz;
            self.lane.set_step(f64::from(ratio) * f64::from(exp2(pitch * (1.0 / 1_200.0))));
        }
    }

    fn set_filter(&mut self, rate_hz: f32, frames: f32, is_first: bool) {
        let (sound, movers) = (&self.sound, &self.movers);
        let cutoff = sound.cutoff
            + sound.mod_lfo_to_cutoff * movers.lfos[0].value()
            + sound.mod_env_to_cutoff * movers.modulation.value();
        let jump = is_first || !self.lane.is_filtered;
        self.lane.is_filtered = true;
        if sound.resonance != self.filtered.1 || jump {
            self.filtered = (f32::NAN, sound.resonance);
            self.lane.set_resonance(sound.resonance);
        }
        // In the middle of a tick the last glide is still on its way.
        if (cutoff - self.filtered.0).abs() < LEAST_GLIDE && frames == TICK as f32 {
            self.lane.hold_filter();
            return;
        }
        self.filtered.0 = cutoff;
        self.lane.glide_filter(cents_to_hz(cutoff), rate_hz, frames, jump);
    }

    fn set_gains(&mut self, frames: f32, gain: f32) {
        let volume = &self.movers.volume;
        let sound = &self.sound;
        let envelope = if volume.is_sustained() { sound.sustain_gain } else { volume.gain() };
        if let Some(floor) = volume.falls_to(&sound.volume) {
            let floor = if floor > 0.0 { sound.sustain_gain } else { 0.0 };
            if envelope.max(floor) * sound.lasting_gain * self.lane.region.peak < SILENCE {
                self.is_fading = true;
            }
        }
        let mut level = gain * envelope * sound.gain * self.lane.compensation;
        if sound.mod_lfo_to_volume != 0.0 {
            level *= centibels_to_gain(-sound.mod_lfo_to_volume * self.movers.lfos[0].value());
        }
        if self.is_fading {
            self.fade_left = self.fade_left.saturating_sub(1);
            level *= self.fade_left as f32 / FADE_TICKS as f32;
        }
        if self.pan_gains.0 != sound.pan {
            let angle = (sound.pan + 500.0) * (std::f32::consts::FRAC_PI_2 / 1_000.0);
            self.pan_gains = (sound.pan, angle.cos(), angle.sin());
        }
        let (_, left, right) = self.pan_gains;
        let targets: [f32; BUSES] = [level * left, level * right, level * sound.reverb, level * sound.chorus];
        self.lane.glide_gains(targets, frames);
    }
}
