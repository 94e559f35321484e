//! Offline rendering of MIDI with a SoundFont: the real-time player, driven as fast as it goes.

use super::font::SoundFont;
use super::midi::TimedEvent;
use super::player::Player;
use super::synth::{SoundFontSynth, SynthOptions};
use crate::render::{fade_end, micros_to_frames, FADE_SECONDS, SILENCE, SILENT_SECONDS};
use std::sync::Arc;

/// Frames a block.
pub const BLOCK: usize = 256;

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
    let player = Player::new(font, &options.synth, options.effects);
    let feed = Feed::new(events, options);
    render_from(&mut Direct { player, feed }, options.until(events), options)
}

/// What a piece is rendered by, from its start to its end.
pub trait Source {
    /// Renders the next `out.len() / 2` frames; returns how many voices sound at their end.
    fn render(&mut self, out: &mut [f32]) -> usize;

    /// The player, which knows its delay and what was stolen or ignored.
    fn player(&self) -> &Player;
}

/// Events on their way to a player, in the order of time.
pub struct Feed {
    events: std::iter::Peekable<std::vec::IntoIter<TimedEvent>>,
    rate: u32,
    frame: usize,
}

impl Feed {
    /// Those up to the end of the piece.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(events: &[TimedEvent], options: &MidiRenderOptions) -> Self {
        let until = options.until(events);
        let mut sorted = events.to_vec();
        sorted.retain(|event| event.at_micros <= until);
        sorted.sort_by_key(|event| event.at_micros);
        Self { events: sorted.into_iter().peekable(), rate: options.synth.rate, frame: 0 }
    }

    /// Gives a synthesiser the events of the next `frames`.
    ///
    /// Realtime-safe: yes.
    pub fn give(&mut self, synth: &mut SoundFontSynth, frames: usize) {
        let end = self.frame + frames;
        while let Some(next) = self.events.next_if(|event| micros_to_frames(event.at_micros, self.rate) < end)
        {
            let at = micros_to_frames(next.at_micros, self.rate);
            synth.midi(next.event, at.saturating_sub(self.frame));
        }
        self.frame = end;
    }

    /// Whether there are no more.
    ///
    /// Realtime-safe: yes.
    pub fn is_spent(&mut self) -> bool {
        self.events.peek().is_none()
    }
}

/// The player itself.
struct Direct {
    player: Player,
    feed: Feed,
}

impl Source for Direct {
    fn render(&mut self, out: &mut [f32]) -> usize {
        self.feed.give(self.player.synth_mut(), out.len() / 2);
        self.player.process(out);
        self.player.synth().voices()
    }

    fn player(&self) -> &Player {
        &self.player
    }
}

/// Renders a piece that ends at `until` micros, and its tail.
///
/// Realtime-safe: no (allocates).
pub fn render_from(source: &mut impl Source, until: i64, options: &MidiRenderOptions) -> Rendered {
    let rate = options.synth.rate;
    let latency = source.player().latency_frames();
    let body = micros_to_frames(until, rate) + latency;
    let mut rendered = Rendered::default();
    rendered.samples.reserve(2 * (body + BLOCK));
    while rendered.samples.len() / 2 < body {
        let frames = (body - rendered.samples.len() / 2).min(BLOCK);
        rendered.add(source, frames);
    }
    let is_cut = render_tail(source, &mut rendered, rate, options.tail_seconds);
    rendered.stolen = source.player().synth().stolen();
    rendered.ignored = source.player().synth().ignored();
    rendered.samples.drain(..2 * latency);
    if is_cut {
        fade_end(&mut rendered.samples, (FADE_SECONDS * rate as f32) as usize);
    }
    rendered
}

/// Renders until silence or the longest tail; says whether sound was cut.
fn render_tail(source: &mut impl Source, rendered: &mut Rendered, rate: u32, seconds: f32) -> bool {
    let longest = (seconds.max(0.0) * rate as f32) as usize;
    let enough = (SILENT_SECONDS * rate as f32) as usize;
    let (mut tail, mut silent) = (0, 0);
    while tail < longest {
        let frames = (longest - tail).min(BLOCK);
        let start = rendered.samples.len();
        let voices = rendered.add(source, frames);
        tail += frames;
        let is_silent = rendered.samples[start..].iter().all(|sample| sample.abs() < SILENCE);
        silent = if is_silent { silent + frames } else { 0 };
        if silent >= enough && voices == 0 {
            return false;
        }
    }
    rendered.samples.iter().rev().take(2 * BLOCK).any(|sample| sample.abs() >= SILENCE)
}

impl Rendered {
    /// Adds the next frames; returns how many voices sound at their end.
    fn add(&mut self, source: &mut impl Source, frames: usize) -> usize {
        let start = self.samples.len();
        self.samples.resize(start + 2 * frames, 0.0);
        let voices = source.render(&mut self.samples[start..]);
        self.voice_frames += (voices * frames) as u64;
        voices
    }
}

impl MidiRenderOptions {
    /// Where a piece with these events ends, in micros.
    ///
    /// Realtime-safe: yes.
    pub fn until(&self, events: &[TimedEvent]) -> i64 {
        let last = events.iter().map(|event| event.at_micros).max().unwrap_or(0);
        self.until_micros.unwrap_or(last).max(0)
    }
}
