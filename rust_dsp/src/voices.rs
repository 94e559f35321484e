//! A fixed pool of voices, and who is stolen first.

use crate::event::PART_COUNT;
use crate::instrument::{Expression, Instrument, Note};
use crate::soundfont::parts::{PartSounds, SoundChoice};
use crate::voice::{Hold, Voice};

mod thrift;

/// Notes that may sound at once.
pub const POLYPHONY: usize = 96;
/// Slots beyond the polyphony where stolen notes fade out.
const FADING_SLOTS: usize = 32;

/// A part's stereo buffers while a chunk is rendered.
pub type Buses<'a> = [[&'a mut [f32]; 2]; PART_COUNT];

/// The pool.
pub struct Voices {
    slots: Vec<Option<Voice>>,
    /// A SoundFont that plays in place of the instruments, as far as it has presets for them.
    sounds: Option<Box<PartSounds>>,
    /// Notes that may sound now, fewer where time is short.
    polyphony: usize,
    rate_hz: f32,
    serial: u64,
    stolen: u64,
}

impl Voices {
    /// An empty pool.
    ///
    /// Realtime-safe: no (allocates every slot there will ever be).
    pub fn new(rate_hz: f32) -> Self {
        Self {
            slots: (0..POLYPHONY + FADING_SLOTS).map(|_| None).collect(),
            sounds: None,
            polyphony: POLYPHONY,
            rate_hz,
            serial: 0,
            stolen: 0,
        }
    }

    /// Lets a SoundFont play.
    ///
    /// Realtime-safe: no (allocates its players).
    pub fn use_soundfont(&mut self, choice: &SoundChoice) {
        self.sounds = Some(Box::new(PartSounds::new(choice, self.rate_hz)));
    }

    /// Starts a note; false where the instrument has no such key.
    ///
    /// Realtime-safe: yes.
    pub fn start(
        &mut self,
        part: usize,
        pitch: u8,
        velocity: u8,
        instrument: Instrument,
        tuning_hz: f32,
    ) -> bool {
        if let Some(sounds) = &mut self.sounds {
            if sounds.start(part, (pitch, velocity), instrument, tuning_hz) {
                return true;
            }
        }
        let note = Note {
            rate_hz: self.rate_hz,
            pitch,
            frequency_hz: crate::units::pitch_to_hz(f32::from(pitch), tuning_hz),
            velocity: f32::from(velocity.clamp(1, 127)) / 127.0,
            seed: (self.serial as u32) ^ (part as u32) << 24,
        };
        let Some(sound) = instrument.start(&note) else {
            return false;
        };
        self.make_way(part, pitch);
        let slot = self.free_slot();
        self.slots[slot] = Some(Voice::new(part, pitch, self.serial, sound));
        self.serial += 1;
        true
    }

    /// Ends what the same key, or a hat's other half, still sounds.
    fn make_way(&mut self, part: usize, pitch: u8) {
        let short = self.frames(0.012);
        for voice in self.of_part(part) {
            if voice.is_choked_by(pitch) {
                voice.fade(short);
            } else if voice.pitch == pitch && !voice.is_drum() {
                voice.release();
            }
        }
    }

    /// A slot that is free now; the least important voice begins to fade when the pool is full.
    fn free_slot(&mut self) -> usize {
        let sounding = self.slots.iter().flatten().filter(|voice| !voice.is_fading());
        if sounding.count() >= self.polyphony {
            let frames = self.frames(0.003);
            if let Some(victim) = self.least_important(false) {
                if let Some(voice) = &mut self.slots[victim] {
                    voice.fade(frames);
                    self.stolen += 1;
                }
            }
        }
        self.slots
            .iter()
            .position(Option::is_none)
            // Only when more notes start within 3 ms than there are spare slots.
            .or_else(|| self.least_important(true))
            .unwrap_or(0)
    }

    fn least_important(&self, fading: bool) -> Option<usize> {
        let mut best: Option<(usize, f32, u64)> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            let Some(voice) = slot else { continue };
            if voice.is_fading() != fading {
                continue;
            }
            let (importance, serial) = (voice.importance(), voice.serial);
            let is_better = best.is_none_or(|(_, least, oldest)| {
                importance < least || (importance == least && serial < oldest)
            });
            if is_better {
                best = Some((index, importance, serial));
            }
        }
        best.map(|(index, _, _)| index)
    }

    /// The key `pitch` went up.
    ///
    /// Realtime-safe: yes.
    pub fn stop(&mut self, part: usize, pitch: u8, is_pedal_down: bool) {
        if let Some(sounds) = &mut self.sounds {
            sounds.stop(part, pitch, is_pedal_down);
        }
        for voice in self.of_part(part) {
            if voice.pitch == pitch && voice.hold == Hold::Key && !voice.is_drum() {
                if is_pedal_down || voice.is_caught {
                    voice.hold = Hold::Pedal;
                } else {
                    voice.release();
                }
            }
        }
    }

    /// Every key of a part went up.
    ///
    /// Realtime-safe: yes.
    pub fn stop_all(&mut self, part: usize, is_pedal_down: bool) {
        self.tell_soundfont(part, 64, is_pedal_down);
        self.tell_soundfont(part, 123, false);
        for voice in self.of_part(part) {
            if voice.hold == Hold::Key && !voice.is_drum() {
                if is_pedal_down || voice.is_caught {
                    voice.hold = Hold::Pedal;
                } else {
                    voice.release();
                }
            }
        }
    }

    /// The sustain pedal of a part went up.
    ///
    /// Realtime-safe: yes.
    pub fn lift_sustain(&mut self, part: usize) {
        self.tell_soundfont(part, 64, false);
        for voice in self.of_part(part) {
            if voice.hold == Hold::Pedal && !voice.is_caught {
                voice.release();
            }
        }
    }

    /// The sostenuto pedal of a part moved: down catches the keys that are down, up lets them go.
    ///
    /// Realtime-safe: yes.
    pub fn sostenuto(&mut self, part: usize, is_down: bool, is_sustain_down: bool) {
        self.tell_soundfont(part, 66, is_down);
        for voice in self.of_part(part) {
            if is_down {
                voice.is_caught |= voice.hold == Hold::Key;
            } else if voice.is_caught {
                voice.is_caught = false;
                if voice.hold == Hold::Pedal && !is_sustain_down {
                    voice.release();
                }
            }
        }
    }

    /// Fades a part out within five milliseconds.
    ///
    /// Realtime-safe: yes.
    pub fn silence(&mut self, part: usize) {
        self.tell_soundfont(part, 120, false);
        let frames = self.frames(0.005);
        for voice in self.of_part(part) {
            voice.fade(frames);
        }
    }

    /// Drops a part's voices at once; for buses that went wrong.
    ///
    /// Realtime-safe: yes.
    pub fn drop_part(&mut self, part: usize) {
        if let Some(sounds) = &mut self.sounds {
            sounds.drop_part(part);
        }
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(|voice| voice.part == part) {
                *slot = None;
            }
        }
    }

    /// Adds every voice to its part's bus.
    ///
    /// Realtime-safe: yes.
    pub fn render_add(&mut self, buses: &mut Buses, expressions: &[Expression; PART_COUNT]) {
        if let Some(sounds) = &mut self.sounds {
            for (part, bus) in buses.iter_mut().enumerate() {
                sounds.render_add(part, bus, expressions[part]);
            }
        }
        for slot in &mut self.slots {
            let Some(voice) = slot else { continue };
            let [left, right] = &mut buses[voice.part];
            voice.render_add(left, right, expressions[voice.part]);
            if voice.is_over() {
                *slot = None;
            }
        }
    }

    /// Which parts have a voice.
    ///
    /// Realtime-safe: yes.
    pub fn parts_sounding(&self) -> [bool; PART_COUNT] {
        let mut sounding =
            std::array::from_fn(|part| self.sounds.as_ref().is_some_and(|s| s.voices(part) > 0));
        for voice in self.slots.iter().flatten() {
            sounding[voice.part] = true;
        }
        sounding
    }

    /// Voices sounding now, fading ones included.
    ///
    /// Realtime-safe: yes.
    pub fn count(&self) -> usize {
        let sampled = |sounds: &PartSounds| (0..PART_COUNT).map(|part| sounds.voices(part)).sum();
        self.slots.iter().flatten().count() + self.sounds.as_deref().map_or(0, sampled)
    }

    /// Voices stolen since the start.
    ///
    /// Realtime-safe: yes.
    pub fn stolen(&self) -> u64 {
        self.stolen + self.sounds.as_deref().map_or(0, PartSounds::stolen)
    }

    /// Ends everything at once, as if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        if let Some(sounds) = &mut self.sounds {
            sounds.reset();
        }
        self.slots.iter_mut().for_each(|slot| *slot = None);
        self.serial = 0;
        self.stolen = 0;
    }

    fn tell_soundfont(&mut self, part: usize, controller: u8, is_on: bool) {
        if let Some(sounds) = &mut self.sounds {
            sounds.control(part, controller, is_on);
        }
    }

    fn of_part(&mut self, part: usize) -> impl Iterator<Item = &mut Voice> {
        self.slots.iter_mut().flatten().filter(move |voice| voice.part == part)
    }

    fn frames(&self, seconds: f32) -> u32 {
        (seconds * self.rate_hz) as u32
    }
}
