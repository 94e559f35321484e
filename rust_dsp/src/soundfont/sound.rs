//! What generators and modulators make of a note: the settings that its voice works with.

use super::channel::{Channel, WHEEL_AT_REST};
use super::envelope::{Timing, DEPTH};
use super::font::{Layer, SoundFont};
use super::generator::{self as gen, Amounts};
use super::links;
use super::maths::{centibels_to_gain, cents_to_hz, timecents_to_frames};
use super::modulator::{self, Controls};

/// Sound cards of the time took an attenuation for less than it says, and banks are voiced for that.
const ATTENUATION_FACTOR: f32 = 0.4;
/// The shortest release, in timecents, some 16 ms: a shorter one would click.
const SHORTEST_RELEASE: f32 = -7_200.0;
/// A cutoff this high, without resonance, lets everything through.
const OPEN: f32 = 13_500.0;

/// The key and velocity a note sounds with.
#[derive(Clone, Copy, Debug)]
pub struct Struck {
    /// The key that was struck, 0 to 127.
    pub key: u8,
    /// How hard, 1 to 127.
    pub velocity: u8,
}

impl Struck {
    /// With the key and velocity that a zone may fix.
    ///
    /// Realtime-safe: yes.
    #[must_use]
    pub fn fixed_by(self, amounts: &Amounts) -> Self {
        let fixed =
            |amount: i16, struck: u8| u8::try_from(amount).ok().filter(|&a| a < 128).unwrap_or(struck);
        Self {
            key: fixed(amounts[gen::FIXED_KEY], self.key),
            velocity: fixed(amounts[gen::FIXED_VELOCITY], self.velocity),
        }
    }
}

/// A note's view of its channel, for modulators.
struct View<'a> {
    channel: &'a Channel,
    struck: Struck,
    /// The key whose pressure counts.
    key: u8,
    /// What other modulators tell the one whose turn it is.
    told: f32,
}

impl Controls for View<'_> {
    fn control(&self, controller: u8) -> f32 {
        f32::from(self.channel.controllers[usize::from(controller)])
    }

    fn general(&self, index: u8) -> f32 {
        match index {
            modulator::VELOCITY => f32::from(self.struck.velocity),
            modulator::KEY => f32::from(self.struck.key),
            modulator::KEY_PRESSURE => f32::from(self.channel.key_pressure[usize::from(self.key)]),
            modulator::CHANNEL_PRESSURE => f32::from(self.channel.pressure),
            // On the scale of a controller, where 64 is the middle and 127 the end.
            modulator::WHEEL => {
                let away = f32::from(self.channel.wheel) - f32::from(WHEEL_AT_REST);
                64.0 + away * if away > 0.0 { 63.0 / 8_191.0 } else { 64.0 / 8_192.0 }
            }
            modulator::WHEEL_RANGE => self.channel.wheel_range,
            modulator::LINK => self.told.clamp(0.0, 127.0),
            _ => 127.0,
        }
    }
}

/// What a voice works with until a controller moves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sound {
    /// Pitch above the one that was recorded, in cents, before LFOs and envelope.
    pub pitch: f32,
    /// What LFOs and the modulation envelope add to the pitch, in cents.
    pub mod_lfo_to_pitch: f32,
    /// See above.
    pub vib_lfo_to_pitch: f32,
    /// See above.
    pub mod_env_to_pitch: f32,
    /// Cutoff in absolute cents, before LFO and envelope.
    pub cutoff: f32,
    /// What the modulation LFO adds to the cutoff, in cents.
    pub mod_lfo_to_cutoff: f32,
    /// What the modulation envelope adds to the cutoff, in cents.
    pub mod_env_to_cutoff: f32,
    /// Resonance in centibels.
    pub resonance: f32,
    /// Gain, from the attenuation.
    pub gain: f32,
    /// The gain without what controllers take away.
    pub lasting_gain: f32,
    /// Gain of the volume envelope's sustain level.
    pub sustain_gain: f32,
    /// What the modulation LFO adds to the volume, in centibels.
    pub mod_lfo_to_volume: f32,
    /// −500 to 500.
    pub pan: f32,
    /// Sends, 0 to 1.
    pub reverb: f32,
    /// See above.
    pub chorus: f32,
    /// Turns a frame of the modulation and the vibrato LFO.
    pub lfo_steps: [f32; 2],
    /// Delays of the two in frames.
    pub lfo_delays: [f32; 2],
    /// Cents from one key to the next.
    pub key_cents: f32,
    /// Samples after its start that a note begins, as the channel has it.
    pub start: f32,
    /// The volume envelope.
    pub volume: Timing,
    /// The modulation envelope.
    pub modulation: Timing,
    /// Whether the filter does nothing, ever.
    pub is_open: bool,
}

impl Sound {
    /// The settings of a layer as its channel stands now; `key` is the one that was struck.
    ///
    /// Realtime-safe: yes.
    pub fn new(
        font: &SoundFont,
        layer: &Layer,
        channel: &Channel,
        struck: Struck,
        key: u8,
        rate_hz: f32,
    ) -> Self {
        let mut view = View { channel, struck, key, told: 0.0 };
        let mut moved = channel.offsets;
        let mut lasting = moved[gen::ATTENUATION].min(0.0);
        let (mut told, mut is_linked) = ([0.0f32; links::MOST], false);
        for (n, modulator) in font.modulators(layer).iter().enumerate() {
            if is_linked {
                view.told = std::mem::take(&mut told[n % links::MOST]);
            }
            let value = modulator.value(&view);
            if let Some(distance) = modulator.link() {
                told[(n + distance) % links::MOST] += value;
                is_linked = true;
                continue;
            }
            moved[modulator.target()] += value;
            if modulator.target() == gen::ATTENUATION && !modulator.is_live() {
                lasting += value;
            }
        }
        let values = Values { amounts: &layer.amounts, moved: &moved };
        let still = ATTENUATION_FACTOR * f32::from(layer.amounts[gen::ATTENUATION]);
        let mut sound = Self {
            pitch: values.pitch(layer, struck) + channel.tuning_cents(),
            gain: centibels_to_gain((still + moved[gen::ATTENUATION]).clamp(0.0, 1_440.0)),
            lasting_gain: centibels_to_gain((still + lasting).clamp(0.0, 1_440.0)),
            pan: values.get(gen::PAN),
            key_cents: values.get(gen::SCALE_TUNING),
            start: moved[gen::START_OFFSET] + 32_768.0 * moved[gen::START_COARSE],
            reverb: values.get(gen::REVERB_SEND) * 0.001,
            chorus: values.get(gen::CHORUS_SEND) * 0.001,
            lfo_steps: [gen::MOD_LFO_FREQUENCY, gen::VIB_LFO_FREQUENCY]
                .map(|g| cents_to_hz(values.get(g)) / rate_hz),
            lfo_delays: [gen::MOD_LFO_DELAY, gen::VIB_LFO_DELAY]
                .map(|g| timecents_to_frames(values.get(g), rate_hz)),
            volume: values.envelope(gen::VOLUME_ENVELOPE, struck.key, rate_hz, DEPTH),
            modulation: values.envelope(gen::MOD_ENVELOPE, struck.key, rate_hz, 1_000.0),
            ..Self::default()
        };
        sound.set_motion(&values);
        sound.sustain_gain = centibels_to_gain((1.0 - sound.volume.sustain) * DEPTH);
        if channel.controllers[67] >= 64 {
            // The soft pedal: 4 dB.
            sound.gain *= 0.631;
        }
        sound
    }

    fn set_motion(&mut self, values: &Values) {
        self.mod_lfo_to_pitch = values.get(gen::MOD_LFO_TO_PITCH);
        self.vib_lfo_to_pitch = values.get(gen::VIB_LFO_TO_PITCH);
        self.mod_env_to_pitch = values.get(gen::MOD_ENV_TO_PITCH);
        self.cutoff = values.get(gen::FILTER_CUTOFF);
        self.mod_lfo_to_cutoff = values.get(gen::MOD_LFO_TO_CUTOFF);
        self.mod_env_to_cutoff = values.get(gen::MOD_ENV_TO_CUTOFF);
        self.resonance = values.get(gen::FILTER_Q);
        self.mod_lfo_to_volume = values.get(gen::MOD_LFO_TO_VOLUME);
        self.is_open = self.cutoff >= OPEN
            && self.resonance <= 0.0
            && self.mod_lfo_to_cutoff == 0.0
            && self.mod_env_to_cutoff == 0.0;
    }
}

/// Amounts and what modulators add to them.
struct Values<'a> {
    amounts: &'a Amounts,
    moved: &'a [f32; gen::COUNT],
}

impl Values<'_> {
    #[inline]
    fn get(&self, generator: usize) -> f32 {
        let (low, high) = gen::limits(generator);
        (f32::from(self.amounts[generator]) + self.moved[generator]).clamp(low, high)
    }

    fn pitch(&self, layer: &Layer, struck: Struck) -> f32 {
        let keys = f32::from(struck.key) - layer.region.root_key;
        self.get(gen::SCALE_TUNING) * keys
            + layer.region.correction_cents
            + 100.0 * self.get(gen::COARSE_TUNE)
            + self.get(gen::FINE_TUNE)
            + self.moved[gen::PITCH]
    }

    /// The envelope whose eight generators begin at `first`; `depth` is what its sustain counts in.
    fn envelope(&self, first: usize, key: u8, rate_hz: f32, depth: f32) -> Timing {
        let value = |n: usize| self.get(first + n);
        let below_middle = 60.0 - f32::from(key);
        Timing::new(
            [
                value(0),
                value(1),
                value(2) + value(6) * below_middle,
                value(3) + value(7) * below_middle,
                1.0 - value(4) / depth,
                value(5).max(SHORTEST_RELEASE),
            ],
            rate_hz,
        )
    }
}
