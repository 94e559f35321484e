//! The SoundFont player: MIDI in, four buses out, on the audio thread.

use super::channel::Channel;
use super::ensemble::Ensemble;
use super::font::SoundFont;
use super::group::Buses;
use super::midi::{Message, MidiEvent};
use super::sound::Struck;
use super::voice::{Owner, Voice, TICK};
use crate::voice::Hold;
use std::sync::Arc;

pub use super::options::SynthOptions;

/// Events that may wait within one call of [`SoundFontSynth::render`].
const QUEUE: usize = 4_096;
/// Gain of the whole: leaves room for a full band.
const GAIN: f32 = 0.25;

/// A player of one bank.
pub struct SoundFontSynth {
    font: Arc<SoundFont>,
    rate_hz: f32,
    channels: Vec<Channel>,
    pub(super) ensemble: Ensemble,
    buses: Box<Buses>,
    queue: Vec<(usize, MidiEvent)>,
    /// Frames into the present tick.
    pub(super) frame: usize,
    serial: u64,
    ignored: u64,
}

impl SoundFontSynth {
    /// A silent player.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(font: Arc<SoundFont>, options: &SynthOptions) -> Self {
        let channels =
            (0..options.channels.clamp(1, 256)).map(|n| Channel::new(n % 16 == 9, &font)).collect();
        Self {
            rate_hz: options.rate as f32,
            channels,
            ensemble: Ensemble::new(options.polyphony.clamp(1, 1 << 16), options.kernel),
            buses: Buses::new(),
            queue: Vec::with_capacity(QUEUE),
            frame: 0,
            serial: 0,
            ignored: 0,
            font,
        }
    }

    /// Voices sounding now.
    ///
    /// Realtime-safe: yes.
    pub fn voices(&self) -> usize {
        self.ensemble.count()
    }

    /// Voices stolen since the start.
    ///
    /// Realtime-safe: yes.
    pub fn stolen(&self) -> u64 {
        self.ensemble.stolen()
    }

    /// Events that meant nothing here, such as a note on a channel whose preset the bank lacks.
    ///
    /// Realtime-safe: yes.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Takes an event for `offset` frames into the next [`SoundFontSynth::render`]. Those of the same offset keep
    /// their order. With no room left it is carried out at once, so that no ending is lost.
    ///
    /// Realtime-safe: yes.
    pub fn midi(&mut self, event: MidiEvent, offset: usize) {
        if self.queue.len() == QUEUE {
            self.apply(event);
            return;
        }
        let place = self.queue.partition_point(|&(known, _)| known <= offset);
        self.queue.insert(place, (offset, event));
    }

    /// Fills the buses, all of the same length: left, right, and the mono sends to reverb and chorus.
    ///
    /// Realtime-safe: yes.
    pub fn render(&mut self, left: &mut [f32], right: &mut [f32], reverb: &mut [f32], chorus: &mut [f32]) {
        let frames = left.len().min(right.len()).min(reverb.len()).min(chorus.len());
        self.run(frames, |synth, done, count| {
            let is_silent = synth.ensemble.count() == 0;
            if !is_silent {
                synth.buses.clear(count);
                synth.ensemble.render(synth.font.samples(), &mut synth.buses, count);
            }
            for (bus, out) in [&mut *left, &mut *right, &mut *reverb, &mut *chorus].into_iter().enumerate() {
                let out = &mut out[done..done + count];
                if is_silent {
                    out.fill(0.0);
                } else {
                    synth.buses.sum(bus, out);
                }
            }
        });
    }

    /// Carries out events and sets courses; `each` takes the stretches between, from where and how many frames.
    #[inline]
    pub(super) fn run(&mut self, frames: usize, mut each: impl FnMut(&mut Self, usize, usize)) {
        let mut next_event = 0;
        let mut done = 0;
        while done < frames {
            while let Some(&(offset, event)) =
                self.queue.get(next_event).filter(|(offset, _)| *offset <= done)
            {
                debug_assert!(offset <= done);
                self.apply(event);
                next_event += 1;
            }
            let to_event = self.queue.get(next_event).map_or(usize::MAX, |&(offset, _)| offset - done);
            let count = (TICK - self.frame).min(frames - done).min(to_event);
            let (channels, gain) = (&self.channels, GAIN);
            self.ensemble.tick(&self.font, channels, TICK - self.frame, self.rate_hz, gain);
            each(self, done, count);
            self.frame = (self.frame + count) % TICK;
            done += count;
        }
        self.queue.drain(..next_event);
        for (offset, _) in &mut self.queue {
            *offset -= frames;
        }
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.ensemble.reset();
        self.queue.clear();
        for (n, channel) in self.channels.iter_mut().enumerate() {
            *channel = Channel::new(n % 16 == 9, &self.font);
        }
        (self.frame, self.serial, self.ignored) = (0, 0, 0);
    }

    fn apply(&mut self, event: MidiEvent) {
        let number = event.channel;
        let Some(channel) = self.channels.get_mut(usize::from(number)) else {
            self.ignored += 1;
            return;
        };
        match event.message {
            Message::NoteOn(key, 0) | Message::NoteOff(key) => self.note_off(number, key),
            Message::NoteOn(key, velocity) => self.note_on(number, Struck { key, velocity }),
            Message::KeyPressure(key, value) => {
                channel.key_pressure[usize::from(key & 127)] = value;
                self.make_stale(number);
            }
            Message::Control(controller, value) => self.control(number, controller, value),
            Message::Program(program) => channel.choose(program, &self.font),
            Message::Pressure(value) => {
                channel.pressure = value;
                self.make_stale(number);
            }
            Message::Wheel(value) => {
                channel.wheel = value.min(16_383);
                self.make_stale(number);
            }
        }
    }

    fn note_on(&mut self, number: u8, struck: Struck) {
        let channel = &self.channels[usize::from(number)];
        let Some(preset) = channel.preset else {
            self.ignored += 1;
            return;
        };
        self.serial += 1;
        let serial = self.serial;
        for voice in self.ensemble.of_channel(number) {
            // The same key again: what still sounds of it goes its own way out.
            if voice.owner.key == struck.key && voice.hold != Hold::Released {
                voice.release();
            }
        }
        for (index, layer) in self.font.layers(preset, struck.key, struck.velocity) {
            let class = layer.amounts[super::generator::EXCLUSIVE_CLASS];
            if class != 0 {
                for voice in self.ensemble.of_channel(number) {
                    if voice.owner.class == class && voice.owner.serial != serial {
                        voice.cut(self.rate_hz);
                    }
                }
            }
            let owner = Owner { channel: number, key: struck.key, serial, class };
            let sounding = struck.fixed_by(&layer.amounts);
            let voice = Voice::new(owner, (index, layer), &self.font, channel, sounding, self.rate_hz);
            self.ensemble.add(voice, &self.channels);
        }
    }

    fn note_off(&mut self, number: u8, key: u8) {
        let is_down = self.channels[usize::from(number)].is_sustain_down();
        for voice in self.ensemble.of_channel(number) {
            if voice.owner.key == key && voice.hold == Hold::Key {
                let_go(voice, is_down);
            }
        }
    }

    fn control(&mut self, number: u8, controller: u8, value: u8) {
        let channel = &mut self.channels[usize::from(number)];
        let was_sostenuto = channel.is_sostenuto_down();
        if controller >= 120 {
            self.mode(number, controller);
            return;
        }
        if channel.control(controller, value) {
            self.make_stale(number);
        }
        let channel = &self.channels[usize::from(number)];
        let is_down = channel.is_sustain_down();
        match controller {
            64 if !is_down => self.lift_sustain(number),
            66 if channel.is_sostenuto_down() != was_sostenuto => self.sostenuto(number, !was_sostenuto),
            _ => {}
        }
    }

    /// The channel mode messages.
    fn mode(&mut self, number: u8, controller: u8) {
        let is_down = self.channels[usize::from(number)].is_sustain_down();
        match controller {
            120 => self.ensemble.of_channel(number).for_each(Voice::fade),
            121 => {
                self.channels[usize::from(number)].reset_controllers();
                self.sostenuto(number, false);
                self.lift_sustain(number);
                self.make_stale(number);
            }
            123..=127 => {
                for voice in self.ensemble.of_channel(number) {
                    if voice.hold == Hold::Key {
                        let_go(voice, is_down);
                    }
                }
            }
            _ => self.ignored += 1,
        }
    }

    fn lift_sustain(&mut self, number: u8) {
        for voice in self.ensemble.of_channel(number) {
            if voice.hold == Hold::Pedal && !voice.is_caught {
                voice.release();
            }
        }
    }

    /// Down catches the keys that are down, up lets them go.
    fn sostenuto(&mut self, number: u8, is_down: bool) {
        let is_sustained = self.channels[usize::from(number)].is_sustain_down();
        for voice in self.ensemble.of_channel(number) {
            if is_down {
                voice.is_caught |= voice.hold == Hold::Key;
            } else if voice.is_caught {
                voice.is_caught = false;
                if voice.hold == Hold::Pedal && !is_sustained {
                    voice.release();
                }
            }
        }
    }

    fn make_stale(&mut self, number: u8) {
        self.ensemble.of_channel(number).for_each(|voice| voice.is_stale = true);
    }
}

/// A key went up: its note ends, unless a pedal holds it.
fn let_go(voice: &mut Voice, is_sustain_down: bool) {
    if is_sustain_down || voice.is_caught {
        voice.hold = Hold::Pedal;
    } else {
        voice.release();
    }
}
