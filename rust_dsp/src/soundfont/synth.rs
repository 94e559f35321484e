//! The SoundFont player: MIDI in, four buses out, on the audio thread.

use super::channel::Channel;
use super::ensemble::Ensemble;
use super::font::SoundFont;
use super::kernel::Kernel;
use super::midi::{Message, MidiEvent};
use super::sound::Struck;
use super::system::Standard;
use super::voice::TICK;
use crate::governor::Thrift;
use std::sync::Arc;

mod play;

/// Events that may wait within one call of [`SoundFontSynth::render`].
const QUEUE: usize = 4_096;
/// Gain of the whole: leaves room for a full band.
const GAIN: f32 = 0.25;

/// How a player is made.
#[derive(Clone, Copy, Debug)]
pub struct SynthOptions {
    /// Sample rate in hertz.
    pub rate: u32,
    /// MIDI channels; every tenth of sixteen is percussion.
    pub channels: usize,
    /// Notes of one zone that may sound at once; fading ones come on top.
    pub polyphony: usize,
    /// Whether the buses of reverb and chorus are played into.
    pub sends: bool,
    /// The code that renders.
    pub kernel: Kernel,
}

impl Default for SynthOptions {
    fn default() -> Self {
        Self { rate: 48_000, channels: 16, polyphony: 256, sends: true, kernel: Kernel::best() }
    }
}

/// A player of one bank.
pub struct SoundFontSynth {
    font: Arc<SoundFont>,
    rate_hz: f32,
    channels: Vec<Channel>,
    pub(super) ensemble: Ensemble,
    queue: Vec<(usize, MidiEvent)>,
    /// Frames into the present tick.
    frame: usize,
    /// The master volume, as a gain.
    volume: f32,
    /// The tuning of all channels in cents, coarse and fine.
    tuning_cents: [f32; 2],
    serial: u64,
    ignored: u64,
}

impl SoundFontSynth {
    /// A silent player.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(font: Arc<SoundFont>, options: &SynthOptions) -> Self {
        let channels =
            (0..options.channels.clamp(1, 256)).map(|n| new_channel(n, Standard::General, &font)).collect();
        Self {
            rate_hz: options.rate as f32,
            channels,
            ensemble: Ensemble::new(options.polyphony.clamp(1, 1 << 16), options.kernel, options.sends),
            queue: Vec::with_capacity(QUEUE),
            frame: 0,
            volume: 1.0,
            tuning_cents: [0.0; 2],
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

    /// Gives a channel a preset by its place among the bank's.
    ///
    /// Realtime-safe: yes.
    pub fn give(&mut self, number: u8, preset: usize, is_percussion: bool) {
        if let Some(channel) = self.channels.get_mut(usize::from(number)) {
            (channel.preset, channel.is_percussion) = (Some(preset), is_percussion);
        }
    }

    /// Tunes a channel by so many cents, and moves its modulation wheel.
    ///
    /// Realtime-safe: yes.
    pub fn express(&mut self, number: u8, cents: f32, modulation: u8) {
        let channel = self.channels.get_mut(usize::from(number));
        if channel.is_some_and(|channel| channel.express(cents, modulation)) {
            self.make_stale(number);
        }
    }

    /// Takes an event for `offset` frames into the next [`SoundFontSynth::render`]. Those of the same offset keep
    /// their order. With no room left it is carried out at once, so that no ending is lost.
    ///
    /// Realtime-safe: yes.
    pub fn midi(&mut self, event: MidiEvent, offset: usize) {
        if self.queue.len() == QUEUE {
            self.play(event);
            return;
        }
        let place = self.queue.partition_point(|&(known, _)| known <= offset);
        self.queue.insert(place, (offset, event));
    }

    /// Fills the buses, all of the same length: left, right, and the mono sends to reverb and chorus. Says how many of
    /// them, in this order, may hold something.
    ///
    /// Realtime-safe: yes.
    pub fn render(
        &mut self,
        left: &mut [f32],
        right: &mut [f32],
        reverb: &mut [f32],
        chorus: &mut [f32],
    ) -> usize {
        let frames = left.len().min(right.len()).min(reverb.len()).min(chorus.len());
        let mut played = 2;
        self.run(frames, |synth, done, count| {
            let outs = [&mut *left, &mut *right, &mut *reverb, &mut *chorus];
            played = played.max(synth.ensemble.sum(outs.map(|out| &mut out[done..done + count])));
        });
        played
    }

    /// Carries out events and sets courses; `each` takes the stretches, from where and how many frames.
    #[inline]
    pub(super) fn run(&mut self, frames: usize, mut each: impl FnMut(&mut Self, usize, usize)) {
        let mut next_event = 0;
        let mut done = 0;
        while done < frames {
            let count = (TICK - self.frame).min(frames - done);
            self.ensemble.begin(count);
            next_event = self.play_until(next_event, done, 0);
            if self.frame == 0 {
                self.ensemble.tick(&self.font, &self.channels, self.rate_hz, GAIN * self.volume);
            }
            next_event = self.play_until(next_event, done, count - 1);
            let gain = GAIN * self.volume;
            self.ensemble.finish(self.font.samples(), TICK - self.frame, self.rate_hz, gain);
            each(self, done, count);
            self.frame = (self.frame + count) % TICK;
            done += count;
        }
        self.queue.drain(..next_event);
        for (offset, _) in &mut self.queue {
            *offset -= frames;
        }
    }

    /// Plays the events from the one with this number on, up to `last` frames into the stretch that begins at `done`.
    fn play_until(&mut self, mut next_event: usize, done: usize, last: usize) -> usize {
        while let Some(&(offset, event)) = self.queue.get(next_event).filter(|(at, _)| *at <= done + last) {
            self.ensemble.pass_to(self.font.samples(), offset.saturating_sub(done));
            self.play(event);
            next_event += 1;
        }
        next_event
    }

    /// Saves so much from now on; called for every block while anything is saved.
    ///
    /// Realtime-safe: yes.
    pub fn save(&mut self, thrift: Thrift) {
        self.ensemble.save(thrift);
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.ensemble.reset();
        self.queue.clear();
        self.reset_channels(Standard::General);
        (self.frame, self.serial, self.ignored) = (0, 0, 0);
    }

    /// Carries an event out at once, where the next [`SoundFontSynth::render`] begins.
    ///
    /// Realtime-safe: yes.
    pub fn play(&mut self, event: MidiEvent) {
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
            Message::System(system) => self.obey(number, system),
        }
    }
}

/// A channel at rest; every tenth of sixteen is percussion.
fn new_channel(number: usize, standard: Standard, font: &SoundFont) -> Channel {
    Channel::new(number % 16 == 9, standard, font)
}
