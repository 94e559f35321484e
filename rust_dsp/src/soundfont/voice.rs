//! One sounding note of one zone.

use super::channel::Channel;
use super::font::{Layer, SoundFont};
use super::lane::{Lane, BUSES};
use super::maths::{centibels_to_gain, cents_to_hz, exp2, timecents_to_frames};
use super::movers::Movers;
use super::sound::{Sound, Struck};
use crate::voice::Hold;

/// Frames between two updates of what changes slowly, counted from the start of the stream.
pub const TICK: usize = 64;
/// Below this (−100 dBFS) a note that can only fall is over.
const SILENCE: f32 = 1e-5;
/// Ticks in which a stolen note fades, some 5 ms.
const FADE_TICKS: u32 = 4;
/// How a note of an exclusive class is cut off: a release of this many timecents, 0.3 s for 96 dB.
const CUT_RELEASE: f32 = -2_000.0;

/// Who a voice belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// The channel.
    pub channel: u8,
    /// The key that was struck.
    pub key: u8,
    /// Counts notes; the layers of one note have the same.
    pub serial: u64,
    /// The layer's exclusive class; nought is none.
    pub class: i16,
}

/// A voice.
// Each flag is a fact of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug)]
pub struct Voice {
    /// Who it belongs to.
    pub owner: Owner,
    /// What holds it.
    pub hold: Hold,
    /// Whether the sostenuto pedal caught it.
    pub is_caught: bool,
    /// Whether a controller moved since the last tick.
    pub is_stale: bool,
    /// Whether it must tick before it sounds on: it is new, or was just released.
    pub is_due: bool,
    /// What the kernel works with.
    pub lane: Lane,
    layer: usize,
    struck: Struck,
    sound: Sound,
    movers: Movers,
    /// The movers at the start of the tick, for events within it.
    at_tick: Movers,
    /// Frames into its stretch of the tick since `at_tick`.
    ran: u32,
    /// Cutoff in cents and resonance where the filter stands or glides to.
    filtered: (f32, f32),
    pitch: f32,
    pan_gains: (f32, f32, f32),
    fade_left: u32,
    is_fading: bool,
    is_over: bool,
}

impl Voice {
    /// A voice about to sound.
    ///
    /// Realtime-safe: yes.
    pub fn new(
        owner: Owner,
        (index, layer): (usize, &Layer),
        font: &SoundFont,
        channel: &Channel,
        struck: Struck,
        rate_hz: f32,
    ) -> Self {
        let sound = Sound::new(font, layer, channel, struck, owner.key, rate_hz);
        let movers = Movers::new(&sound);
        Self {
            owner,
            hold: Hold::Key,
            is_caught: false,
            is_stale: false,
            is_due: true,
            lane: Lane::new(layer.region),
            layer: index,
            struck,
            sound,
            movers,
            at_tick: movers,
            ran: 0,
            filtered: (f32::NAN, 0.0),
            pitch: f32::NAN,
            pan_gains: (f32::NAN, 0.0, 0.0),
            fade_left: FADE_TICKS,
            is_fading: false,
            is_over: false,
        }
    }

    /// The key and every pedal let it go.
    ///
    /// Realtime-safe: yes.
    pub fn release(&mut self) {
        if self.hold != Hold::Released {
            self.hold = Hold::Released;
            self.return_to_now();
            self.movers.volume.release(true);
            self.movers.modulation.release(false);
            self.lane.release();
        }
    }

    /// Another note of its exclusive class began.
    ///
    /// Realtime-safe: yes.
    pub fn cut(&mut self, rate_hz: f32) {
        let was_ending = self.hold == Hold::Released;
        self.release();
        self.return_to_now();
        let frames = timecents_to_frames(CUT_RELEASE, rate_hz);
        let volume = &mut self.sound.volume;
        volume.release = if was_ending { volume.release.min(frames) } else { frames };
        self.owner.class = 0;
        self.set_timing();
    }

    /// Fades out at once, whatever the envelope would do.
    ///
    /// Realtime-safe: yes.
    pub fn fade(&mut self) {
        if !self.is_fading {
            self.is_fading = true;
            self.return_to_now();
        }
    }

    /// Whether it is fading out.
    ///
    /// Realtime-safe: yes.
    pub fn is_fading(&self) -> bool {
        self.is_fading
    }

    /// Whether it has ended.
    ///
    /// Realtime-safe: yes.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// It has ended.
    ///
    /// Realtime-safe: yes.
    pub fn end(&mut self) {
        self.is_over = true;
    }

    /// How much it would be missed: the quietest, the released and the old go first.
    ///
    /// Realtime-safe: yes.
    pub fn importance(&self, newest: u64, is_percussion: bool) -> f32 {
        let held = match self.hold {
            Hold::Key => 4.0,
            Hold::Pedal => 2.0,
            Hold::Released => 1.0,
        };
        // Percussion is short, and a beat that fails is heard most.
        let role = if is_percussion { 2.0 } else { 1.0 };
        let youth = 1.0 / (1.0 + 0.1 * (newest - self.owner.serial) as f32);
        let level = self.lane.gains[0].max(self.lane.gains[1]) * self.lane.region.peak;
        (level + 0.02 * youth) * held * role
    }

    /// Notes that some frames of the tick were rendered.
    ///
    /// Realtime-safe: yes.
    pub fn ran(&mut self, frames: usize) {
        self.ran += frames as u32;
    }

    /// An event in the middle of a tick: what moves goes back to where it is now, to take another course.
    fn return_to_now(&mut self) {
        if !self.is_due {
            self.movers = self.at_tick;
            self.movers.advance(self.ran as f32);
            self.is_due = true;
        }
    }

    /// Sets the course up to the end of the tick, `frames` from now.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, font: &SoundFont, channel: &Channel, frames: usize, rate_hz: f32, gain: f32) {
        if self.is_stale {
            self.refresh(font, channel, rate_hz);
        }
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
        self.movers.advance(frames as f32);
        if !self.sound.is_open || self.lane.is_filtered {
            self.set_filter(rate_hz, frames as f32, is_first);
        }
        self.set_gains(frames as f32, gain);
    }

    fn refresh(&mut self, font: &SoundFont, channel: &Channel, rate_hz: f32) {
        self.is_stale = false;
        let Some(layer) = font.layer(self.layer) else {
            return;
        };
        let cut = self.sound.volume.release;
        self.sound = Sound::new(font, layer, channel, self.struck, self.owner.key, rate_hz);
        if self.hold == Hold::Released {
            self.sound.volume.release = self.sound.volume.release.min(cut);
        }
        self.set_timing();
    }

    fn set_timing(&mut self) {
        self.movers.follow(&self.sound);
    }

    fn set_pitch(&mut self, rate_hz: f32) {
        let (sound, movers) = (&self.sound, &self.movers);
        let pitch = sound.pitch
            + sound.mod_lfo_to_pitch * movers.lfos[0].value()
            + sound.vib_lfo_to_pitch * movers.lfos[1].value()
            + sound.mod_env_to_pitch * movers.modulation.value();
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
        let wanted = (cutoff, sound.resonance);
        // In the middle of a tick the last glide is still on its way.
        if wanted == self.filtered && frames == TICK as f32 {
            self.lane.hold_filter();
            return;
        }
        self.filtered = wanted;
        self.lane.glide_filter(cents_to_hz(cutoff), sound.resonance, rate_hz, frames, jump);
    }

    fn set_gains(&mut self, frames: f32, gain: f32) {
        let volume = &self.movers.volume;
        let envelope = volume.gain();
        let sound = &self.sound;
        if let Some(floor) = volume.falls_to() {
            let floor = if floor > 0.0 { sound.sustain_gain } else { 0.0 };
            if envelope.max(floor) * sound.lasting_gain * self.lane.region.peak < SILENCE {
                self.is_fading = true;
            }
        }
        let mut level = gain * envelope * sound.gain;
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
