//! How loud instruments and presets are, so that a part stays as loud when a SoundFont takes over.

use super::font::SoundFont;
use super::midi::{Message, MidiEvent};
use super::synth::{SoundFontSynth, SynthOptions};
use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Instrument, Note, INSTRUMENT_COUNT};
use crate::smoother::GRID;
use crate::voice::Voice;
use std::sync::Arc;

/// Of so many stretches of a note, each this long in seconds, the loudest counts: the beginning of a plucked note, and
/// what a bowed one comes to.
const STRETCHES: usize = 3;
const STRETCH_SECONDS: f32 = 0.2;
const VELOCITY: u8 = 90;
const RATE: u32 = 48_000;
/// What lies lower is felt more than heard, in hertz.
const HEARD_HZ: f32 = 100.0;
/// What a preset is raised by where nothing is known of it, and how far from that it is raised or lowered at most: what
/// asks for more is no instrument of its kind.
const USUAL_DB: f32 = 6.0;
const MOST_DB: f32 = 12.0;

/// Power of the built-in instruments' notes in decibels, in the order of [`crate::instrument::INSTRUMENTS`]; a test
/// measures them anew.
const BUILT_IN_DB: [f32; INSTRUMENT_COUNT] =
    [-20.6, -25.5, -20.2, -29.3, -20.9, -21.6, -24.7, -22.9, -19.8, -29.0, -26.2];

/// The keys that stand for all of an instrument's.
///
/// Realtime-safe: yes.
pub fn keys(instrument: Instrument) -> [u8; 5] {
    match instrument {
        // Kick, snare, closed hat, low tom, ride.
        Instrument::DrumKit | Instrument::BrushKit => [36, 38, 42, 45, 51],
        Instrument::FingerBass | Instrument::UprightBass => [29, 33, 36, 40, 43],
        Instrument::Lead => [60, 64, 67, 72, 76],
        _ => [48, 55, 60, 64, 72],
    }
}

/// The gain that makes a preset of such a power as loud as an instrument.
///
/// Realtime-safe: yes.
pub fn gain(preset_db: Option<f32>, instrument: Instrument) -> f32 {
    let wanted_db = preset_db.map_or(USUAL_DB, |db| BUILT_IN_DB[instrument as usize] - db);
    crate::units::db_to_gain(wanted_db.clamp(USUAL_DB - MOST_DB, USUAL_DB + MOST_DB))
}

/// The power of a preset's notes on an instrument's keys, in decibels; `None` where it has none.
///
/// Realtime-safe: no (allocates, and takes some milliseconds).
pub fn preset_db(font: &Arc<SoundFont>, preset: usize, instrument: Instrument) -> Option<f32> {
    let options = SynthOptions { rate: RATE, channels: 1, polyphony: 32, sends: false, ..Default::default() };
    let mut synth = SoundFontSynth::new(Arc::clone(font), &options);
    mean_db(instrument, |key, take| {
        synth.reset();
        synth.give(0, preset, matches!(instrument, Instrument::DrumKit | Instrument::BrushKit));
        synth.play(MidiEvent { channel: 0, message: Message::NoteOn(key, VELOCITY) });
        let mut buses = [[0.0; GRID]; 4];
        take(&mut |left, right| {
            let [one, other, reverb, chorus] = &mut buses;
            synth.render(one, other, reverb, chorus);
            left.copy_from_slice(one);
            right.copy_from_slice(other);
        });
    })
}

/// The power of a built-in instrument's notes, in decibels.
///
/// Realtime-safe: no (takes many blocks' time).
pub fn built_in_db(instrument: Instrument) -> Option<f32> {
    mean_db(instrument, |key, take| {
        let note = Note {
            rate_hz: RATE as f32,
            pitch: key,
            frequency_hz: crate::units::pitch_to_hz(f32::from(key), 440.0),
            velocity: f32::from(VELOCITY) / 127.0,
            seed: u32::from(key),
        };
        let Some(sound) = instrument.start(&note) else {
            return;
        };
        let mut voice = Voice::new(0, key, 0, sound);
        take(&mut |left, right| {
            left.fill(0.0);
            right.fill(0.0);
            voice.render_add(left, right, Expression::REST);
        });
    })
}

/// Fills the next grid step of a note, left and right.
type Fill<'a> = dyn FnMut(&mut [f32], &mut [f32]) + 'a;

/// The mean of the loudest powers of an instrument's keys, in decibels; `note` gives what fills the steps of a key's note to what it is told.
fn mean_db(instrument: Instrument, mut note: impl FnMut(u8, &mut dyn FnMut(&mut Fill))) -> Option<f32> {
    crate::oscillator::prepare();
    let steps = (STRETCH_SECONDS * RATE as f32) as usize / GRID;
    let (mut sum, mut count) = (0.0, 0);
    for key in keys(instrument) {
        note(key, &mut |fill| {
            let new = || StateVariable::new(Response::Highpass, HEARD_HZ, 0.7, RATE as f32);
            let mut filters = [new(), new()];
            let (mut left, mut right) = ([0.0; GRID], [0.0; GRID]);
            let mut loudest = 0.0f32;
            for _ in 0..STRETCHES {
                let mut power = 0.0;
                for _ in 0..steps {
                    fill(&mut left, &mut right);
                    for (filter, side) in filters.iter_mut().zip([&left, &right]) {
                        power += side.iter().map(|&sample| filter.process(sample).powi(2)).sum::<f32>();
                    }
                }
                loudest = loudest.max(power / (steps * GRID) as f32);
            }
            if loudest > 0.0 {
                sum += loudest;
                count += 1;
            }
        });
    }
    (count > 0).then(|| 10.0 * (sum / count as f32).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_how_loud_the_built_in_instruments_are() {
        let measured: Vec<f32> = (0..INSTRUMENT_COUNT as u8)
            .filter_map(Instrument::from_u8)
            .filter_map(built_in_db)
            .map(|db| (10.0 * db).round() / 10.0)
            .collect();
        let off = measured.iter().zip(BUILT_IN_DB).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 0.5, "{measured:?}");
    }
}
