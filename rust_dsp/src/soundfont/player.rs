//! A SoundFont player with its effects: MIDI in, stereo out.

use super::ceiling::Ceiling;
use super::chorus::Chorus;
use super::font::SoundFont;
use super::kernel::Kernel;
use super::midi::MidiEvent;
use super::room::Room;
use super::synth::{SoundFontSynth, SynthOptions};
use crate::denormal::FlushToZero;
use crate::smoother::GRID;
use std::sync::Arc;

/// What comes back from the reverb: with General MIDI's default send, one in sixteen, a piano's room is some 17 dB below
/// it, as with the synthesisers that banks are voiced on.
const REVERB_RETURN: f32 = 0.56;
/// What comes back from the chorus.
const CHORUS_RETURN: f32 = 1.0;

/// Synthesiser, reverb, chorus and limiter.
pub struct Player {
    synth: SoundFontSynth,
    effects: Option<(Room, Chorus)>,
    limiter: Ceiling,
    buses: [[f32; GRID]; 4],
    frame: usize,
}

impl Player {
    /// A silent player; without `effects` there is neither reverb nor chorus, the limiter stays.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(font: Arc<SoundFont>, options: &SynthOptions, effects: bool) -> Self {
        let rate_hz = options.rate as f32;
        let is_wide = options.kernel != Kernel::Scalar;
        Self {
            synth: SoundFontSynth::new(font, &SynthOptions { sends: effects, ..*options }),
            effects: effects.then(|| (Room::new(rate_hz, is_wide), Chorus::new(rate_hz))),
            limiter: Ceiling::new(rate_hz),
            buses: [[0.0; GRID]; 4],
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
            synth.render(left, right, reverb, chorus)
        });
    }

    /// As [`Player::process`], but `fill` says what the buses hold: left, right, and the sends to reverb and chorus;
    /// and how many of them, in this order, may hold something.
    ///
    /// Realtime-safe: as `fill` is.
    pub fn process_with(
        &mut self,
        out: &mut [f32],
        mut fill: impl FnMut(&mut SoundFontSynth, [&mut [f32]; 4]) -> usize,
    ) {
        let _flush = FlushToZero::new();
        let frames = out.len() / 2;
        let mut done = 0;
        while done < frames {
            let count = (GRID - self.frame).min(frames - done);
            if self.frame == 0 {
                if let Some((room, chorus)) = &mut self.effects {
                    room.tick();
                    chorus.tick();
                }
            }
            let played = fill(&mut self.synth, self.buses.each_mut().map(|bus| &mut bus[..count]));
            let [left, right, reverb, chorus] = self.buses.each_mut().map(|bus| &mut bus[..count]);
            if let Some((room, hall)) = &mut self.effects {
                room.process((played > 2).then_some(&*reverb), REVERB_RETURN, left, right);
                hall.process((played > 3).then_some(&*chorus), CHORUS_RETURN, left, right);
            }
            self.limiter.process(left, right, &mut out[2 * done..2 * (done + count)]);
            self.frame = (self.frame + count) % GRID;
            done += count;
        }
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.synth.reset();
        self.limiter.reset();
        if let Some((room, chorus)) = &mut self.effects {
            room.reset();
            chorus.reset();
        }
        self.frame = 0;
    }
}
