//! Offline rendering of MIDI with a `SoundFont` on the device: the CPU plans a batch ahead and adds the effects.

use super::device::{Gpu, Pending};
use super::error::GpuError;
use super::sampler::Sampler;
use crate::denormal::FlushToZero;
use crate::soundfont::font::SoundFont;
use crate::soundfont::midi::TimedEvent;
use crate::soundfont::offline::{render_from, Feed, MidiRenderOptions, Rendered, Source, BLOCK};
use crate::soundfont::plan::Plan;
use crate::soundfont::player::Player;
use crate::soundfont::voice::TICK;
use std::sync::Arc;

/// The most ticks in a batch, some three seconds.
const MOST_TICKS: usize = 2_048;
/// Segments that make a batch large enough; 12 MiB.
const MANY_SEGMENTS: usize = 1 << 17;

/// As [`crate::soundfont::offline::render_midi`], with the voices rendered on the device.
///
/// Realtime-safe: no.
///
/// # Errors
/// The bank or a batch does not fit, or the device failed.
pub fn render_midi(
    gpu: &Gpu,
    font: Arc<SoundFont>,
    events: &[TimedEvent],
    options: &MidiRenderOptions,
) -> Result<Rendered, GpuError> {
    let sampler = Sampler::new(gpu, font.samples(), u64::MAX)?;
    let mut ahead = Ahead {
        gpu,
        sampler,
        player: Player::new(font, &options.synth, options.effects),
        feed: Feed::new(events, options),
        plan: Plan::new(),
        pending: None,
        tape: Tape::default(),
        cursor: 0,
        failure: None,
    };
    let rendered = render_from(&mut ahead, options.until(events), options);
    ahead.failure.map_or(Ok(rendered), Err)
}

/// What came back of one batch.
#[derive(Default)]
struct Tape {
    /// The four buses, one after the other.
    buses: Vec<f32>,
    frames: usize,
    /// Voices at the end of each tick.
    voices: Vec<u32>,
}

/// A player whose voices are rendered elsewhere, a batch ahead.
struct Ahead<'a> {
    gpu: &'a Gpu,
    sampler: Sampler<'a>,
    player: Player,
    feed: Feed,
    plan: Plan,
    pending: Option<(Pending, Vec<u32>)>,
    tape: Tape,
    /// Frames of the tape that were played.
    cursor: usize,
    failure: Option<GpuError>,
}

impl Ahead<'_> {
    /// Plans the next batch and sends it off; `None` if nothing sounds any more.
    fn send(&mut self) -> Result<Option<(Pending, Vec<u32>)>, GpuError> {
        let _flush = FlushToZero::new();
        let synth = self.player.synth_mut();
        self.plan.begin();
        while self.plan.ticks.len() < MOST_TICKS && self.plan.segments.len() < MANY_SEGMENTS {
            if self.feed.is_spent() && synth.voices() == 0 {
                break;
            }
            self.feed.give(synth, BLOCK);
            synth.plan(BLOCK, &mut self.plan);
        }
        if self.plan.ticks.is_empty() {
            return Ok(None);
        }
        self.plan.finish();
        let pending = self.sampler.submit(&self.plan)?;
        Ok(Some((pending, self.plan.voices.clone())))
    }

    /// Waits for the batch that is under way, the next one having been sent before.
    fn receive(&mut self) -> Result<(), GpuError> {
        let due = match self.pending.take() {
            None => self.send()?,
            due => due,
        };
        self.cursor = 0;
        self.tape = Tape::default();
        if let Some((pending, voices)) = due {
            self.pending = self.send()?;
            let buses = self.gpu.collect(pending, <[f32]>::to_vec)?;
            self.tape = Tape { frames: buses.len() / 4, buses, voices };
        }
        Ok(())
    }
}

impl Source for Ahead<'_> {
    fn render(&mut self, out: &mut [f32]) -> usize {
        let mut done = 0;
        let frames = out.len() / 2;
        let mut voices = 0;
        while done < frames {
            if self.cursor == self.tape.frames && self.failure.is_none() {
                if let Err(failure) = self.receive() {
                    (self.failure, self.tape) = (Some(failure), Tape::default());
                }
            }
            let left = self.tape.frames - self.cursor;
            // After the last batch, or a failure, there is silence.
            let count = if left == 0 { frames - done } else { left.min(frames - done) };
            let Self { player, tape, cursor, .. } = self;
            let mut at = *cursor;
            player.process_with(&mut out[2 * done..2 * (done + count)], |_, buses| {
                let count = buses[0].len();
                for (bus, out) in buses.into_iter().enumerate() {
                    match tape.buses.get(bus * tape.frames + at..bus * tape.frames + at + count) {
                        Some(samples) if left > 0 => out.copy_from_slice(samples),
                        _ => out.fill(0.0),
                    }
                }
                at += count;
                4
            });
            if left > 0 {
                *cursor = at;
            }
            voices =
                at.checked_sub(1).and_then(|last| tape.voices.get(last / TICK)).map_or(0, |&n| n as usize);
            done += count;
        }
        voices
    }

    fn player(&self) -> &Player {
        &self.player
    }
}
