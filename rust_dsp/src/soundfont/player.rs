//! A SoundFont player with its effects: MIDI in, stereo out.

use super::chorus::Chorus;
use super::font::SoundFont;
use super::midi::MidiEvent;
use super::synth::{SoundFontSynth, SynthOptions};
use crate::denormal::FlushToZero;
use crate::limiter::Limiter;
use crate::param::GlobalParameter;
use crate::reverb::Reverb;
use crate::smoother::GRID;
use crate::values::ParameterValues;
use std::sync::Arc;

/// What comes back from the reverb: a send of one in sixteen, General MIDI's default, is a room 18 dB down.
const REVERB_RETURN: f32 = 2.0;
/// What comes back from the chorus.
const CHORUS_RETURN: f32 = 1.0;

/// Synthesiser, reverb, chorus and limiter.
pub struct Player {
    synth: SoundFontSynth,
    effects: Option<(Reverb, Chorus)>,
    limiter: Limiter,
    buses: [[f32; GRID]; 4],
    decay_seconds: f32,
    damping_hz: f32,
    frame: usize,
}

impl Player {
    /// A silent player; without `effects` there is neither reverb nor chorus, the limiter stays.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(font: Arc<SoundFont>, options: &SynthOptions, effects: bool) -> Self {
        let rate_hz = options.rate as f32;
        let values = ParameterValues::default();
        Self {
            synth: SoundFontSynth::new(font, options),
            effects: effects.then(|| (Reverb::new(rate_hz), Chorus::new(rate_hz))),
            limiter: Limiter::new(rate_hz),
            buses: [[0.0; GRID]; 4],
            decay_seconds: values.global(GlobalParameter::ReverbDecay),
            damping_hz: values.global(GlobalParameter::ReverbDamping),
            frame: 0,
        }
    }

    /// The synthesiser.
    ///
    /// Realtime-safe: yes.
    pub fn synth(&self) -> &SoundFontSynth {
        &self.synth
    }

    /// The synthesiser, where it is to plan and not to render.
    ///
    /// Realtime-safe: yes.
    pub fn synth_mut(&mut self) -> &mut SoundFontSynth {
        &mut self.synth
    }

    /// Frames by which the limiter delays everything.
    ///
    /// Realtime-safe: yes.
    pub fn latency_frames(&self) -> usize {
        self.limiter.latency_frames()
    }

    /// Takes an event for `offset` frames into the next [`Player::process`].
    ///
    /// Realtime-safe: yes.
    pub fn midi(&mut self, event: MidiEvent, offset: usize) {
        self.synth.midi(event, offset);
    }

    /// Renders `out.len() / 2` interleaved stereo frames.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, out: &mut [f32]) {
        self.process_with(out, |synth, [left, right, reverb, chorus]| {
            synth.render(left, right, reverb, chorus);
        });
    }

    /// As [`Player::process`], but `fill` says what the buses hold: left, right, and the sends to reverb and chorus.
    ///
    /// Realtime-safe: as `fill` is.
    pub fn process_with(
        &mut self,
        out: &mut [f32],
        mut fill: impl FnMut(&mut SoundFontSynth, [&mut [f32]; 4]),
    ) {
        let _flush = FlushToZero::new();
        let frames = out.len() / 2;
        let mut done = 0;
        while done < frames {
            let count = (GRID - self.frame).min(frames - done);
            if self.frame == 0 {
                if let Some((reverb, chorus)) = &mut self.effects {
                    reverb.tick(self.decay_seconds, self.damping_hz);
                    chorus.tick();
                }
            }
            fill(&mut self.synth, self.buses.each_mut().map(|bus| &mut bus[..count]));
            self.mix(&mut out[2 * done..2 * (done + count)]);
            self.frame = (self.frame + count) % GRID;
            done += count;
        }
    }

    fn mix(&mut self, out: &mut [f32]) {
        let frames = out.len() / 2;
        let [left, right, reverb_send, chorus_send] = &mut self.buses;
        if let Some((reverb, chorus)) = &mut self.effects {
            let mut other = *reverb_send;
            reverb.process_block([&mut reverb_send[..frames], &mut other[..frames]]);
            for n in 0..frames {
                let (wide_l, wide_r) = chorus.process(chorus_send[n]);
                left[n] += CHORUS_RETURN * wide_l + REVERB_RETURN * reverb_send[n];
                right[n] += CHORUS_RETURN * wide_r + REVERB_RETURN * other[n];
            }
        }
        for (n, sample) in out.chunks_exact_mut(2).enumerate() {
            (sample[0], sample[1]) = self.limiter.process(left[n], right[n]);
        }
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.synth.reset();
        self.limiter.reset();
        if let Some((reverb, chorus)) = &mut self.effects {
            reverb.reset();
            chorus.reset();
        }
        self.frame = 0;
    }
}
