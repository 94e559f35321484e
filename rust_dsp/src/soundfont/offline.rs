//! Offline rendering of MIDI with a SoundFont: the real-time player, driven as fast as it goes.

use super::font::SoundFont;
use super::midi::TimedEvent;
use super::player::Player;
use super::synth::SynthOptions;
use crate::render::{fade_end, micros_to_frames, FADE_SECONDS, SILENCE, SILENT_SECONDS};
use std::sync::Arc;

/// Frames a block.
const BLOCK: usize = 256;

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct MidiRenderOptions {
    /// The synthesiser's.
    pub synth: SynthOptions,
    /// Whether reverb and chorus are on.
    pub effects: bool,
    /// The longest tail after the end, in seconds.
    pub tail_seconds: f32,
    /// Where the piece ends; after the last event where this is `None`.
    pub until_micros: Option<i64>,
}

/// What was rendered, and how it went.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// Interleaved stereo.
    pub samples: Vec<f32>,
    /// The sum of the voices that sounded in each frame: what the work was.
    pub voice_frames: u64,
    /// Voices stolen.
    pub stolen: u64,
    /// Events that meant nothing, such as notes on a channel whose preset the bank lacks.
    pub ignored: u64,
}

/// Renders events. Sample 0 is microsecond 0: the limiter's delay is taken out.
///
/// Realtime-safe: no (allocates).
pub fn render_midi(font: Arc<SoundFont>, events: &[TimedEvent], options: &MidiRenderOptions) -> Rendered {
    let rate = options.synth.rate;
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|event| event.at_micros);
    let last = sorted.last().map_or(0, |event| event.at_micros);
    let until = options.until_micros.unwrap_or(last).max(0);
    sorted.retain(|event| event.at_micros <= until);

    let mut session = Session {
        player: Player::new(font, &options.synth, options.effects),
        events: sorted.into_iter(),
        waiting: None,
        rate,
        rendered: Rendered::default(),
    };
    let latency = session.player.latency_frames();
    let body = micros_to_frames(until, rate) + latency;
    session.rendered.samples.reserve(2 * (body + BLOCK));
    while session.frames() < body {
        session.render((body - session.frames()).min(BLOCK));
    }
    let is_cut = session.render_tail(options.tail_seconds);
    let mut rendered = session.finish();
    rendered.samples.drain(..2 * latency);
    if is_cut {
        fade_end(&mut rendered.samples, (FADE_SECONDS * rate as f32) as usize);
    }
    rendered
}

struct Session {
    player: Player,
    events: std::vec::IntoIter<TimedEvent>,
    waiting: Option<TimedEvent>,
    rate: u32,
    rendered: Rendered,
}

impl Session {
    fn frames(&self) -> usize {
        self.rendered.samples.len() / 2
    }

    fn render(&mut self, frames: usize) {
        let first = self.frames();
        while let Some(next) = self.waiting.take().or_else(|| self.events.next()) {
            let at = micros_to_frames(next.at_micros, self.rate);
            if at >= first + frames {
                self.waiting = Some(next);
                break;
            }
            self.player.midi(next.event, at.saturating_sub(first));
        }
        self.rendered.samples.resize(2 * (first + frames), 0.0);
        self.player.process(&mut self.rendered.samples[2 * first..]);
        self.rendered.voice_frames += (self.player.synth().voices() * frames) as u64;
    }

    /// Renders until silence or the longest tail; says whether sound was cut.
    fn render_tail(&mut self, seconds: f32) -> bool {
        let longest = (seconds.max(0.0) * self.rate as f32) as usize;
        let enough = (SILENT_SECONDS * self.rate as f32) as usize;
        let (mut tail, mut silent) = (0, 0);
        while tail < longest {
            let frames = (longest - tail).min(BLOCK);
            let start = self.rendered.samples.len();
            self.render(frames);
            tail += frames;
            let is_silent = self.rendered.samples[start..].iter().all(|sample| sample.abs() < SILENCE);
            silent = if is_silent { silent + frames } else { 0 };
            if silent >= enough && self.player.synth().voices() == 0 {
                return false;
            }
        }
        self.rendered.samples.iter().rev().take(2 * BLOCK).any(|sample| sample.abs() >= SILENCE)
    }

    fn finish(mut self) -> Rendered {
        self.rendered.stolen = self.player.synth().stolen();
        self.rendered.ignored = self.player.synth().ignored();
        self.rendered
    }
}
