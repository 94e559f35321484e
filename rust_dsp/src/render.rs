//! Offline rendering: the live processor, driven as fast as it goes.

use crate::event::Event;
use crate::processor::Processor;

/// Frames a callback in offline rendering; any number gives the same samples.
const BLOCK: usize = 256;
/// Below this (−90 dBFS) the tail counts as silent.
pub(crate) const SILENCE: f32 = 3.2e-5;
/// How long it must be silent, in seconds: longer than any gap in the reverb.
pub(crate) const SILENT_SECONDS: f32 = 0.15;
/// Fade at the very end where the tail was cut short, in seconds.
pub(crate) const FADE_SECONDS: f32 = 0.02;

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions {
    /// Sample rate in hertz.
    pub rate: u32,
    /// Whether reverb and compressor are on.
    pub effects: bool,
    /// The longest tail after the end, in seconds.
    pub tail_seconds: f32,
    /// Where the piece ends; after the last event where this is `None`.
    pub until_micros: Option<i64>,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self { rate: 48_000, effects: true, tail_seconds: 4.0, until_micros: None }
    }
}

/// Renders events to interleaved stereo. Sample 0 is microsecond 0: the limiter's delay is taken out.
///
/// Realtime-safe: no (allocates).
pub fn render(events: &[Event], options: &RenderOptions) -> Vec<f32> {
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|event| event.at_micros);
    let last_micros = sorted.last().map_or(0, |event| event.at_micros);
    let until_micros = options.until_micros.unwrap_or(last_micros).max(0);
    let body_frames = micros_to_frames(until_micros, options.rate);
    let mut feed = Feed {
        events: sorted.into_iter().filter(|event| event.at_micros <= until_micros).collect(),
        next: 0,
    };

    let mut processor = Processor::offline(options.rate, options.effects);
    let latency = processor.latency_frames();
    let mut out = Vec::with_capacity(2 * (body_frames + latency + BLOCK));
    while out.len() / 2 < body_frames + latency {
        let frames = (body_frames + latency - out.len() / 2).min(BLOCK);
        feed.fill(&mut processor);
        push_block(&mut processor, &mut out, frames);
    }
    let is_cut = render_tail(&mut processor, &mut feed, &mut out, options);
    out.drain(..2 * latency);
    if is_cut {
        fade_end(&mut out, (FADE_SECONDS * options.rate as f32) as usize);
    }
    out
}

/// The sample at a time, rounded to the nearest.
///
/// Realtime-safe: yes.
pub fn micros_to_frames(at_micros: i64, rate: u32) -> usize {
    let scaled = i128::from(at_micros.max(0)) * i128::from(rate) + 500_000;
    usize::try_from(scaled / 1_000_000).unwrap_or(usize::MAX)
}

/// Sorted events on their way into the processor, no more at a time than it has room for.
struct Feed {
    events: Vec<Event>,
    next: usize,
}

impl Feed {
    fn fill(&mut self, processor: &mut Processor) {
        while processor.has_room() && self.next < self.events.len() {
            processor.schedule(self.events[self.next]);
            self.next += 1;
        }
    }

    fn is_spent(&self) -> bool {
        self.next == self.events.len()
    }
}

fn push_block(processor: &mut Processor, out: &mut Vec<f32>, frames: usize) {
    let start = out.len();
    out.resize(start + 2 * frames, 0.0);
    processor.process(&mut out[start..]);
}

/// Renders until silence or the longest tail; says whether sound was cut.
fn render_tail(
    processor: &mut Processor,
    feed: &mut Feed,
    out: &mut Vec<f32>,
    options: &RenderOptions,
) -> bool {
    let longest = (options.tail_seconds.max(0.0) * options.rate as f32) as usize;
    let enough = (SILENT_SECONDS * options.rate as f32) as usize;
    let (mut tail, mut silent) = (0, 0);
    while tail < longest {
        let frames = (longest - tail).min(BLOCK);
        feed.fill(processor);
        let start = out.len();
        push_block(processor, out, frames);
        tail += frames;
        let is_silent = out[start..].iter().all(|sample| sample.abs() < SILENCE);
        silent = if is_silent { silent + frames } else { 0 };
        if silent >= enough && processor.voices() == 0 && feed.is_spent() && !processor.has_pending() {
            return false;
        }
    }
    out.iter().rev().take(2 * BLOCK).any(|sample| sample.abs() >= SILENCE)
}

/// Fades the last `frames` of interleaved stereo to nothing.
pub(crate) fn fade_end(out: &mut [f32], frames: usize) {
    let count = out.len().min(2 * frames);
    let start = out.len() - count;
    for (index, sample) in out[start..].iter_mut().enumerate() {
        *sample *= 1.0 - (index / 2 + 1) as f32 / (count / 2) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_in_gives_silence_out() {
        let options = RenderOptions { until_micros: Some(500_000), ..RenderOptions::default() };
        let out = render(&[], &options);
        assert!(out.len() >= 2 * 24_000 && out.iter().all(|&sample| sample == 0.0));
    }

    #[test]
    fn more_events_than_the_queue_holds_are_all_played() {
        let mut events = Vec::new();
        for n in 0..6_000i64 {
            events.push(Event::note_on(n * 100, 1, 42, 90));
        }
        let options = RenderOptions { tail_seconds: 0.5, ..RenderOptions::default() };
        let out = render(&events, &options);
        assert!(out.iter().any(|sample| sample.abs() > 0.1));
    }

    #[test]
    fn the_end_is_exact_without_a_tail() {
        let options =
            RenderOptions { until_micros: Some(1_000_000), tail_seconds: 0.0, ..RenderOptions::default() };
        let out = render(&[Event::note_on(0, 0, 60, 100)], &options);
        assert_eq!(out.len(), 2 * 48_000);
        assert!(out[out.len() - 1].abs() < 1e-3);
    }
}
