//! The pool of voices: who sounds, who is stolen, and how they are rendered in groups.

use super::channel::Channel;
use super::font::SoundFont;
use super::group::Buses;
use super::kernel::Kernel;
use super::plan::Plan;
use super::tag::Tag;
use super::voice::{Voice, TICK};

mod render;
mod thrift;

/// Voices that may take their controllers anew in one tick; more where there are many, so that four ticks do for all.
const LEAST_REFRESHES: usize = 64;

/// Room beyond the polyphony in which stolen notes fade: a quarter, and a little.
const FADING_ROOM: usize = 32;

/// The voices that sound, in no order, and room for all there may be.
///
/// Time goes by in stretches, none longer than a tick. An event in the middle of one concerns few voices: those are
/// rendered up to it and then changed; all others are rendered once, when the stretch ends.
pub struct Ensemble {
    voices: Vec<Voice>,
    /// One a voice, in the same order.
    tags: Vec<Tag>,
    polyphony: usize,
    /// Voices that may sound now, the polyphony or fewer where time is short.
    limit: usize,
    /// Filters of voices quieter than this stand still.
    still_below: f32,
    /// Voices that do not fade.
    sounding: usize,
    kernel: Kernel,
    /// Where voices are written down instead of rendered.
    pub(super) plan: Option<Plan>,
    buses: Box<Buses>,
    /// Buses that voices may play into: 2 without effects.
    most_buses: usize,
    /// Buses that hold something of this stretch.
    written: usize,
    /// Frames of the stretch that went by.
    now: usize,
    /// Frames of the stretch.
    frames: usize,
    /// Voices that were changed at this frame, and have not heard of it.
    changed: Vec<u32>,
    moving: Vec<u32>,
    filtered: Vec<u32>,
    open: Vec<u32>,
    stolen: u64,
}

impl Ensemble {
    /// Silence, with room for `polyphony` voices; without `sends` nothing is played into the buses of effects.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(polyphony: usize, kernel: Kernel, sends: bool) -> Self {
        let room = polyphony + polyphony / 4 + FADING_ROOM;
        Self {
            voices: Vec::with_capacity(room),
            tags: Vec::with_capacity(room),
            polyphony,
            limit: polyphony,
            still_below: 0.0,
            sounding: 0,
            kernel,
            plan: None,
            buses: Buses::new(),
            most_buses: if sends { 4 } else { 2 },
            written: 0,
            now: 0,
            frames: 0,
            changed: Vec::with_capacity(room),
            moving: Vec::with_capacity(room),
            filtered: Vec::with_capacity(room),
            open: Vec::with_capacity(room),
            stolen: 0,
        }
    }

    /// Voices sounding, fading ones included.
    ///
    /// Realtime-safe: yes.
    pub fn count(&self) -> usize {
        self.voices.len()
    }

    /// Voices stolen since the start.
    ///
    /// Realtime-safe: yes.
    pub fn stolen(&self) -> u64 {
        self.stolen
    }

    /// Notes something on some of a channel's voices that is not heard before the next tick.
    ///
    /// Realtime-safe: yes.
    pub fn mark(&mut self, channel: u8, which: impl Fn(&Voice) -> bool, how: impl Fn(&mut Voice)) {
        for (tag, voice) in self.tags.iter_mut().zip(&mut self.voices) {
            if tag.channel == channel && which(voice) {
                how(voice);
                *tag = voice.tag(tag.is_percussion);
            }
        }
    }

    /// Changes some of a channel's voices now: those of one key, if there is one.
    ///
    /// Realtime-safe: yes.
    pub fn change(
        &mut self,
        (channel, key): (u8, Option<u8>),
        which: impl Fn(&Voice) -> bool,
        how: impl Fn(&mut Voice),
    ) {
        for (index, (tag, voice)) in self.tags.iter_mut().zip(&mut self.voices).enumerate() {
            if tag.channel == channel && key.is_none_or(|key| tag.key == key) && which(voice) {
                how(voice);
                self.sounding -= usize::from(voice.is_fading() && !tag.is_fading);
                *tag = voice.tag(tag.is_percussion);
                note(&mut self.changed, index);
            }
        }
    }

    /// Whether there are such voices of a channel's key, and all of them are as they should be.
    ///
    /// Realtime-safe: yes.
    pub fn all(
        &self,
        (channel, key): (u8, u8),
        which: impl Fn(&Voice) -> bool,
        how: impl Fn(&Voice) -> bool,
    ) -> bool {
        let known = self.tags.iter().zip(&self.voices);
        let mut meant = known
            .filter(|(tag, voice)| tag.channel == channel && tag.key == key && which(voice))
            .map(|(_, voice)| how(voice))
            .peekable();
        meant.peek().is_some() && meant.all(|is_right| is_right)
    }

    /// What was changed at this frame is rendered up to it, and then heard.
    fn settle(&mut self, pool: &[f32]) {
        if self.changed.is_empty() {
            return;
        }
        std::mem::swap(&mut self.changed, &mut self.moving);
        self.render_moving(pool, self.now);
        for &index in &self.moving {
            self.voices[index as usize].settle();
        }
        self.moving.clear();
        std::mem::swap(&mut self.changed, &mut self.moving);
    }

    /// Adds a voice; the least important one fades where there are too many.
    ///
    /// Realtime-safe: yes.
    pub fn add(&mut self, pool: &[f32], mut voice: Voice, is_percussion: bool) {
        voice.rendered = self.now;
        let tag = voice.tag(is_percussion);
        if self.sounding >= self.limit {
            if let Some(victim) = self.least_important(tag.serial, false) {
                self.fade(victim);
                self.stolen += 1;
            }
        }
        self.sounding += 1;
        if self.voices.len() < self.voices.capacity() {
            self.voices.push(voice);
            self.tags.push(tag);
        } else if let Some(victim) = self.least_important(tag.serial, true) {
            // Only when more notes start within 5 ms than there is room for fading ones.
            self.settle(pool);
            (self.voices[victim], self.tags[victim]) = (voice, tag);
        }
    }

    /// Who would be missed least, among those that fade or those that do not; never a part of the newest note.
    fn least_important(&self, newest: u32, is_fading: bool) -> Option<usize> {
        let (mut best, mut least) = (None, f32::INFINITY);
        for (index, tag) in self.tags.iter().enumerate() {
            // The loud ones need no closer look.
            if tag.level * tag.weight < least && tag.is_fading == is_fading && tag.serial != newest {
                let importance = tag.importance(newest);
                if importance < least {
                    (best, least) = (Some(index), importance);
                }
            }
        }
        best
    }

    /// Begins a stretch of so many frames, within one tick.
    ///
    /// Realtime-safe: yes.
    pub fn begin(&mut self, frames: usize) {
        (self.frames, self.now, self.written) = (frames.min(TICK), 0, 0);
    }

    /// So many frames of the stretch went by.
    ///
    /// Realtime-safe: yes.
    pub fn pass_to(&mut self, pool: &[f32], now: usize) {
        if now != self.now {
            self.settle(pool);
            self.now = now.min(self.frames);
        }
    }

    /// Sets every voice's course for a whole tick, at its start.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, font: &SoundFont, channels: &[Channel], rate_hz: f32, gain: f32) {
        self.settle(font.samples());
        self.sounding = 0;
        // A controller that moves concerns every voice of its channel: not all of them need to hear of it at once.
        let mut refreshes = LEAST_REFRESHES.max(self.voices.len() / 4);
        let mut index = 0;
        while let Some(voice) = self.voices.get_mut(index) {
            if let Some(channel) = channels.get(usize::from(voice.owner.channel)) {
                if voice.is_stale && refreshes > 0 {
                    voice.refresh(font, channel, rate_hz);
                    refreshes -= 1;
                }
                voice.is_still = self.tags[index].level < self.still_below;
                voice.tick(TICK, rate_hz, gain);
                self.tags[index] = voice.tag(channel.is_percussion);
            }
            if voice.is_over() {
                self.voices.swap_remove(index);
                self.tags.swap_remove(index);
            } else {
                self.sounding += usize::from(!voice.is_fading());
                index += 1;
            }
        }
    }

    /// Ends the stretch: what has changed takes its course up to the end of the tick, `left` frames after the start of
    /// the stretch, and everything is rendered.
    ///
    /// Realtime-safe: yes.
    pub fn finish(&mut self, pool: &[f32], left: usize, rate_hz: f32, gain: f32) {
        self.settle(pool);
        for voice in &mut self.voices {
            if voice.is_due {
                voice.tick(left - voice.rendered, rate_hz, gain);
            }
        }
        self.moving.clear();
        self.moving.extend(0..self.voices.len() as u32);
        self.render_moving(pool, self.frames);
        for voice in &mut self.voices {
            voice.rendered = 0;
        }
        self.now = 0;
    }

    /// Writes what the stretch holds to `out`, all of the same length; says how many buses were played into.
    ///
    /// Realtime-safe: yes.
    pub fn sum(&self, outs: [&mut [f32]; 4]) -> usize {
        for (bus, out) in outs.into_iter().enumerate() {
            if bus >= self.written {
                out.fill(0.0);
                continue;
            }
            self.kernel.sum(&self.buses, bus, out);
        }
        self.written
    }

    /// Ends everything at once.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.voices.clear();
        self.tags.clear();
        self.changed.clear();
        self.sounding = 0;
        self.stolen = 0;
    }
}

/// Notes a voice once.
fn note(list: &mut Vec<u32>, index: usize) {
    let index = index as u32;
    if !list.contains(&index) {
        list.push(index);
    }
}
