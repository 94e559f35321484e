//! A SoundFont in the band: each part plays a preset of its own, through its own strip.

use super::font::{SoundFont, PERCUSSION};
use super::loudness;
use super::midi::{Message, MidiEvent};
use super::synth::{SoundFontSynth, SynthOptions};
use crate::event::PART_COUNT;
use crate::governor::Thrift;
use crate::instrument::{Expression, Instrument, INSTRUMENTS, INSTRUMENT_COUNT};
use crate::smoother::GRID;
use std::collections::HashMap;
use std::sync::Arc;

/// Notes of one zone that a part may sound at once.
const POLYPHONY: usize = 64;
/// The pitch that A4 has in a bank, in hertz.
const BANK_TUNING_HZ: f32 = 440.0;

/// A bank, and which preset each part plays; where none is said, the one that General MIDI has for its instrument.
#[derive(Clone, Debug)]
pub struct SoundChoice {
    /// The bank.
    pub font: Arc<SoundFont>,
    /// Bank and program of each part's preset.
    pub presets: [Option<(u16, u16)>; PART_COUNT],
}

/// A player for each part.
pub struct PartSounds {
    choice: SoundChoice,
    players: [SoundFontSynth; PART_COUNT],
    tuning_cents: f32,
    /// What brings the preset that a part has for an instrument to that instrument's level.
    gains: [[f32; INSTRUMENT_COUNT]; PART_COUNT],
    /// The gain of each part as it is, and as it will be at the end of the next step.
    levels: [[f32; 2]; PART_COUNT],
    buses: [[f32; GRID]; 4],
}

impl PartSounds {
    /// Silent players.
    ///
    /// Realtime-safe: no (allocates all they will ever need).
    pub fn new(choice: &SoundChoice, rate_hz: f32) -> Self {
        let options = SynthOptions {
            rate: rate_hz as u32,
            channels: 1,
            polyphony: POLYPHONY,
            sends: false,
            ..SynthOptions::default()
        };
        Self {
            choice: choice.clone(),
            players: std::array::from_fn(|_| SoundFontSynth::new(Arc::clone(&choice.font), &options)),
            tuning_cents: 0.0,
            gains: gains(choice),
            levels: [[1.0; 2]; PART_COUNT],
            buses: [[0.0; GRID]; 4],
        }
    }

    /// Starts a note; false where the bank has no preset for the part, or the preset no such note.
    ///
    /// Realtime-safe: yes.
    pub fn start(&mut self, part: usize, note: (u8, u8), instrument: Instrument, tuning_hz: f32) -> bool {
        let wanted = self.choice.presets[part];
        let font = &self.choice.font;
        let (bank, program) = wanted.unwrap_or_else(|| usual_preset(INSTRUMENTS[instrument as usize]));
        let preset = font.find(bank, program);
        let has_note = |&preset: &usize| font.layers(preset, note.0, note.1).next().is_some();
        let Some(preset) = preset.filter(has_note) else {
            return false;
        };
        self.tuning_cents = 1_200.0 * (tuning_hz / BANK_TUNING_HZ).log2();
        let level = self.gains[part][instrument as usize];
        let player = &mut self.players[part];
        // Where nothing sounds there is nothing to glide.
        self.levels[part] = [if player.voices() == 0 { level } else { self.levels[part][0] }, level];
        player.give(0, preset, INSTRUMENTS[instrument as usize].ends_with("kit"));
        player.play(MidiEvent { channel: 0, message: Message::NoteOn(note.0 & 127, note.1 & 127) });
        true
    }

    /// A key went up.
    ///
    /// Realtime-safe: yes.
    pub fn stop(&mut self, part: usize, pitch: u8, is_pedal_down: bool) {
        self.control(part, 64, is_pedal_down);
        self.players[part].play(MidiEvent { channel: 0, message: Message::NoteOff(pitch & 127) });
    }

    /// A pedal moved, or a mode message came.
    ///
    /// Realtime-safe: yes.
    pub fn control(&mut self, part: usize, controller: u8, is_on: bool) {
        let message = Message::Control(controller, if is_on { 127 } else { 0 });
        self.players[part].play(MidiEvent { channel: 0, message });
    }

    /// Ends a part at once.
    ///
    /// Realtime-safe: yes.
    pub fn drop_part(&mut self, part: usize) {
        self.players[part].reset();
    }

    /// Voices of a part.
    ///
    /// Realtime-safe: yes.
    pub fn voices(&self, part: usize) -> usize {
        self.players[part].voices()
    }

    /// Voices stolen since the start.
    ///
    /// Realtime-safe: yes.
    pub fn stolen(&self) -> u64 {
        self.players.iter().map(SoundFontSynth::stolen).sum()
    }

    /// Adds a part to its buses, no longer than a grid step.
    ///
    /// Realtime-safe: yes.
    pub fn render_add(&mut self, part: usize, buses: &mut [&mut [f32]; 2], expression: Expression) {
        let player = &mut self.players[part];
        if player.voices() == 0 {
            return;
        }
        let cents = self.tuning_cents + 1_200.0 * expression.bend_ratio.log2();
        player.express(0, cents, (expression.modulation * 127.0) as u8);
        let frames = buses[0].len().min(GRID);
        let [left, right, reverb, chorus] = self.buses.each_mut().map(|bus| &mut bus[..frames]);
        player.render(left, right, reverb, chorus);
        let [level, next] = self.levels[part];
        let slope = (next - level) / frames as f32;
        self.levels[part][0] = next;
        for (out, heard) in buses.iter_mut().zip([left, right]) {
            for (n, (sample, heard)) in out.iter_mut().zip(heard).enumerate() {
                *sample += (level + slope * n as f32) * *heard;
            }
        }
    }

    /// Saves so much from now on; called for every block while anything is saved.
    ///
    /// Realtime-safe: yes.
    pub fn save(&mut self, thrift: Thrift) {
        self.players.iter_mut().for_each(|player| player.save(thrift));
    }

    /// Ends everything at once, as if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.players.iter_mut().for_each(SoundFontSynth::reset);
    }
}

/// What brings each part's preset to the level of each instrument.
fn gains(choice: &SoundChoice) -> [[f32; INSTRUMENT_COUNT]; PART_COUNT] {
    let mut known: HashMap<(usize, [u8; 5]), Option<f32>> = HashMap::new();
    choice.presets.map(|wanted| {
        std::array::from_fn(|id| {
            let (bank, program) = wanted.unwrap_or_else(|| usual_preset(INSTRUMENTS[id]));
            let found = choice.font.find(bank, program).zip(Instrument::from_u8(id as u8));
            found.map_or(1.0, |(preset, instrument)| {
                let measure = || loudness::preset_db(&choice.font, preset, instrument);
                let power = known.entry((preset, loudness::keys(instrument))).or_insert_with(measure);
                loudness::gain(*power, instrument)
            })
        })
    })
}

/// Whether some built-in instrument is replaced by this preset where no other is wished for.
///
/// Realtime-safe: yes.
pub fn is_usual(bank: u16, program: u16) -> bool {
    INSTRUMENTS.iter().any(|name| usual_preset(name) == (bank, program))
}

/// General MIDI's bank and program for a built-in instrument.
fn usual_preset(name: &str) -> (u16, u16) {
    let program = match name {
        "drum_kit" | "brush_kit" => return (PERCUSSION, 0),
        "electric_piano" => 4,
        "organ" => 16,
        "guitar" | "nylon_guitar" => 24,
        "upright_bass" => 32,
        "finger_bass" => 33,
        "strings" => 48,
        "lead" => 81,
        "pad" => 89,
        _ => 0,
    };
    (0, program)
}
