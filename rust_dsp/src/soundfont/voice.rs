//! One sounding note of one zone.

use super::channel::Channel;
use super::font::{Layer, SoundFont};
use super::glide::Glide;
use super::lane::Lane;
use super::maths::timecents_to_frames;
use super::movers::Movers;
use super::sound::{Sound, Struck};
use super::tag::Tag;
use crate::voice::Hold;

mod tick;

/// Frames between two updates of what changes slowly, counted from the start of the stream.
pub const TICK: usize = 64;
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

/// What was done to a voice and is not heard yet.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    is_released: bool,
    /// Another time to release in, in frames.
    release_frames: Option<f32>,
    /// Portamento from the note before.
    glide: Option<Glide>,
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
    /// Whether its filter stands still, to save time.
    pub is_still: bool,
    /// Frames of the present stretch that were rendered.
    pub rendered: usize,
    /// What the kernel works with.
    pub lane: Lane,
    change: Change,
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
        let mut lane = Lane::new(layer.region);
        lane.skip(sound.start);
        Self {
            owner,
            hold: Hold::Key,
            is_caught: false,
            is_stale: false,
            is_due: true,
            is_still: false,
            rendered: 0,
            lane,
            change: Change::default(),
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

    /// The key and every pedal let it go; heard when the change is settled.
    ///
    /// Realtime-safe: yes.
    pub fn release(&mut self) {
        if self.hold != Hold::Released {
            self.hold = Hold::Released;
            self.change.is_released = true;
        }
    }

    /// Another note of its exclusive class began; heard when the change is settled.
    ///
    /// Realtime-safe: yes.
    pub fn cut(&mut self, rate_hz: f32) {
        let was_ending = self.hold == Hold::Released;
        self.release();
        let frames = timecents_to_frames(CUT_RELEASE, rate_hz);
        let release = self.sound.volume.release;
        self.change.release_frames = Some(if was_ending { release.min(frames) } else { frames });
        self.owner.class = 0;
    }

    /// The layer it plays.
    ///
    /// Realtime-safe: yes.
    pub fn layer(&self) -> usize {
        self.layer
    }

    /// Comes from so many keys above and glides to its own pitch, `time` being the controller's; a note that sounds
    /// already does so from when the change is settled.
    ///
    /// Realtime-safe: yes.
    pub fn glide(&mut self, keys: f32, time: f32, rate_hz: f32) {
        let left = self.movers.glide.cents;
        let glide = Glide::new(keys * self.sound.key_cents + left, time, rate_hz);
        if self.pitch.is_nan() {
            self.movers.glide = glide;
        } else {
            self.change.glide = Some(glide);
        }
    }

    /// Goes on as the note of another key; heard when the change is settled.
    ///
    /// Realtime-safe: yes.
    pub fn retune(&mut self, key: u8, font: &SoundFont, channel: &Channel, rate_hz: f32) {
        if let Some(layer) = font.layer(self.layer) {
            let velocity = self.struck.velocity;
            self.struck = Struck { key, velocity }.fixed_by(&layer.amounts);
            self.owner.key = key;
            self.refresh(font, channel, rate_hz);
        }
    }

    /// Fades out, whatever the envelope would do; heard when the change is settled.
    ///
    /// Realtime-safe: yes.
    pub fn fade(&mut self) {
        self.is_fading = true;
    }

    /// An event in the middle of a tick: what moves goes back to where it is now, to take another course.
    ///
    /// Realtime-safe: yes.
    pub fn settle(&mut self) {
        let change = std::mem::take(&mut self.change);
        if !self.is_due {
            self.movers = self.at_tick;
            self.movers.advance(&self.sound, self.ran as f32);
            self.is_due = true;
        }
        if change.is_released {
            self.movers.volume.release(true);
            self.movers.modulation.release(false);
            self.lane.release();
        }
        if let Some(frames) = change.release_frames {
            self.sound.volume.release = frames;
        }
        if let Some(glide) = change.glide {
            self.movers.glide = glide;
        }
    }

    /// Whether it is fading out.
    ///
    /// Realtime-safe: yes.
    pub fn is_fading(&self) -> bool {
        self.is_fading
    }

    /// Whether nothing holds it any more.
    ///
    /// Realtime-safe: yes.
    pub fn is_released(&self) -> bool {
        self.hold == Hold::Released
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

    /// What is asked of many voices for every note.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn tag(&self, is_percussion: bool) -> Tag {
        let held = match self.hold {
            Hold::Key => 4.0,
            Hold::Pedal => 2.0,
            Hold::Released => 1.0,
        };
        // Percussion is short, and a beat that fails is heard most.
        let role = if is_percussion { 2.0 } else { 1.0 };
        let gains = &self.lane.course.gains;
        Tag {
            channel: self.owner.channel,
            key: self.owner.key,
            is_fading: self.is_fading,
            is_percussion,
            serial: self.owner.serial as u32,
            level: gains[0].max(gains[1]) * self.lane.region.peak,
            weight: held * role,
        }
    }

    /// Notes that some frames of the tick were rendered.
    ///
    /// Realtime-safe: yes.
    pub fn ran(&mut self, frames: usize) {
        self.ran += frames as u32;
        self.rendered += frames;
    }
}
