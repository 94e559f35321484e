//! What the player costs on this machine: for benchmarks, not for music.
//!
//! Times are wall-clock times of one thread. Where a run can be repeated exactly, each block counts with its quickest
//! pass, so that what else the machine did meanwhile is left out as far as it can be.

use super::font::SoundFont;
use super::midi::{Message, MidiEvent, TimedEvent};
use super::player::Player;
use super::region::Looping;
use super::synth::{SoundFontSynth, SynthOptions};
use crate::render::micros_to_frames;
use std::sync::Arc;
use std::time::Instant;

/// Blocks a crowd is measured for, in each pass.
const CROWD_BLOCKS: usize = 200;
/// Notes that start between two blocks when their cost is taken.
const NOTES_A_BLOCK: usize = 8;
/// Blocks of notes.
const NOTE_BLOCKS: usize = 500;
/// Keys that crowds are made of.
const CROWD_KEYS: std::ops::Range<u8> = 36..96;

/// How long blocks took, in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockTimes {
    /// Half of the blocks took less.
    pub median: f64,
    /// One in a hundred took longer.
    pub p99: f64,
    /// The slowest.
    pub worst: f64,
}

impl BlockTimes {
    fn of(mut nanos: Vec<u64>) -> Self {
        nanos.sort_unstable();
        let at = |share: usize| nanos.get(nanos.len() * share / 100).map_or(0.0, |&time| time as f64 * 1e-3);
        let worst = nanos.last().map_or(0.0, |&time| time as f64 * 1e-3);
        Self { median: at(50), p99: at(99), worst }
    }
}

/// How long blocks of `frames` take with these events, each block's quickest of so many passes.
///
/// Realtime-safe: no (allocates).
pub fn block_times(
    font: &Arc<SoundFont>,
    events: &[TimedEvent],
    options: &SynthOptions,
    effects: bool,
    (frames, passes): (usize, usize),
) -> BlockTimes {
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|event| event.at_micros);
    let last = sorted.last().map_or(0, |event| micros_to_frames(event.at_micros, options.rate));
    let mut out = vec![0.0; 2 * frames];
    let mut quickest = vec![u64::MAX; last / frames + 1];
    for _ in 0..passes {
        let mut player = Player::new(Arc::clone(font), options, effects);
        let mut waiting = sorted.iter().peekable();
        for (block, nanos) in quickest.iter_mut().enumerate() {
            let first = block * frames;
            let began = Instant::now();
            while let Some(event) =
                waiting.next_if(|next| micros_to_frames(next.at_micros, options.rate) < first + frames)
            {
                let at = micros_to_frames(event.at_micros, options.rate);
                player.midi(event.event, at.saturating_sub(first));
            }
            player.process(&mut out);
            *nanos = (*nanos).min(began.elapsed().as_nanos() as u64);
        }
    }
    BlockTimes::of(quickest)
}

/// What starting a note costs while as many sound as may, so that each steals another; in microseconds.
///
/// Realtime-safe: no (allocates).
pub fn note_on_times(font: &Arc<SoundFont>, options: &SynthOptions) -> BlockTimes {
    let mut synth = SoundFontSynth::new(Arc::clone(font), options);
    let mut buses = [[0.0; 64]; 4];
    let mut times = Vec::with_capacity(NOTE_BLOCKS);
    for block in 0..NOTE_BLOCKS + 100 {
        let began = Instant::now();
        for n in 0..NOTES_A_BLOCK {
            let number = block * NOTES_A_BLOCK + n;
            let key = CROWD_KEYS.start + (number * 7 % CROWD_KEYS.len()) as u8;
            synth.play(MidiEvent { channel: (number % 9) as u8, message: Message::NoteOn(key, 90) });
        }
        let nanos = began.elapsed().as_nanos() as u64;
        let [left, right, reverb, chorus] = &mut buses;
        synth.render(left, right, reverb, chorus);
        // The first hundred fill the pool.
        if block >= 100 {
            times.push(nanos / NOTES_A_BLOCK as u64);
        }
    }
    BlockTimes::of(times)
}

/// How long blocks take with a standing crowd: the voices there were, and each block's
/// quickest of so many passes.
///
/// Every note plays a preset that loops, with effects, so that nothing ends by itself. The crowd may be smaller than
/// asked for where the bank has few such presets.
///
/// Realtime-safe: no (allocates).
pub fn crowd_times(
    font: &Arc<SoundFont>,
    rate: u32,
    voices: usize,
    (frames, passes): (usize, usize),
) -> (usize, BlockTimes) {
    let options = SynthOptions { rate, channels: 256, polyphony: voices, ..SynthOptions::default() };
    let mut player = Player::new(Arc::clone(font), &options, true);
    let programs = lasting_programs(font);
    let mut out = vec![0.0; 2 * frames];
    'filling: for key in CROWD_KEYS {
        for channel in (0..=255u8).filter(|channel| channel % 16 != 9) {
            let Some(&program) = programs.get(usize::from(channel) % programs.len().max(1)) else {
                break 'filling;
            };
            player.midi(MidiEvent { channel, message: Message::Program(program) }, 0);
            player.midi(MidiEvent { channel, message: Message::NoteOn(key, 100) }, 0);
            if player.synth().voices() >= voices {
                break 'filling;
            }
        }
        player.process(&mut out);
    }
    for _ in 0..CROWD_BLOCKS {
        player.process(&mut out);
    }
    // Every block has the same to do, so the first of each pass stand for one another, and so on.
    let mut quickest = [u64::MAX; CROWD_BLOCKS];
    for _ in 0..passes {
        for nanos in &mut quickest {
            let began = Instant::now();
            player.process(&mut out);
            *nanos = (*nanos).min(began.elapsed().as_nanos() as u64);
        }
    }
    (player.synth().voices(), BlockTimes::of(quickest.to_vec()))
}

/// Programs of bank 0 whose notes last as long as the key is down.
fn lasting_programs(font: &SoundFont) -> Vec<u8> {
    let lasts = |program: &u8| {
        let Some(preset) = font.find(0, u16::from(*program)) else {
            return false;
        };
        let mut layers = font.layers(preset, 60, 100).peekable();
        layers.peek().is_some()
            && layers.all(|(_, layer)| {
                // Sustain no deeper than 30 dB below the top.
                layer.region.looping == Looping::Always
                    && layer.amounts[super::generator::VOLUME_ENVELOPE + 4] < 300
            })
    };
    (0..128).filter(lasts).collect()
}
