//! The pool of voices: who sounds, who is stolen, and how they are rendered in groups.

use super::channel::Channel;
use super::font::SoundFont;
use super::group::{Buses, Group, LANES};
use super::lane::Run;
use super::plan::Plan;
use super::voice::{Voice, TICK};

/// Room beyond the polyphony in which stolen notes fade: a quarter, and a little.
const FADING_ROOM: usize = 32;

/// Which code renders groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain code; what every other kernel must equal.
    Scalar,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Kernel {
    /// The best this processor has.
    ///
    /// Realtime-safe: yes.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if super::group_avx2::is_there() {
            return Self::Avx2;
        }
        Self::Scalar
    }
}

/// The voices that sound, in no order, and room for all there may be.
pub struct Ensemble {
    voices: Vec<Voice>,
    polyphony: usize,
    kernel: Kernel,
    filtered: Vec<u32>,
    open: Vec<u32>,
    stolen: u64,
}

impl Ensemble {
    /// Silence, with room for `polyphony` voices.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(polyphony: usize, kernel: Kernel) -> Self {
        let room = polyphony + polyphony / 4 + FADING_ROOM;
        Self {
            voices: Vec::with_capacity(room),
            polyphony,
            kernel,
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

    /// The voices of a channel.
    ///
    /// Realtime-safe: yes.
    pub fn of_channel(&mut self, channel: u8) -> impl Iterator<Item = &mut Voice> {
        self.voices.iter_mut().filter(move |voice| voice.owner.channel == channel)
    }

    /// Adds a voice; the least important one fades where there are too many.
    ///
    /// Realtime-safe: yes.
    pub fn add(&mut self, voice: Voice, channels: &[Channel]) {
        let sounding = self.voices.iter().filter(|voice| !voice.is_fading()).count();
        let newest = voice.owner.serial;
        if sounding >= self.polyphony {
            if let Some(victim) = self.least_important(newest, channels, false) {
                self.voices[victim].fade();
                self.stolen += 1;
            }
        }
        if self.voices.len() < self.voices.capacity() {
            self.voices.push(voice);
        } else if let Some(victim) = self.least_important(newest, channels, true) {
            // Only when more notes start within 5 ms than there is room for fading ones.
            self.voices[victim] = voice;
        }
    }

    /// Who would be missed least, among those that fade or those that do not; never a part of the newest note.
    fn least_important(&self, newest: u64, channels: &[Channel], is_fading: bool) -> Option<usize> {
        let mut best = None;
        let mut least = f32::INFINITY;
        for (index, voice) in self.voices.iter().enumerate() {
            if voice.is_fading() != is_fading || voice.owner.serial == newest {
                continue;
            }
            let channel = channels.get(usize::from(voice.owner.channel));
            let is_percussion = channel.is_some_and(|channel| channel.is_percussion);
            let importance = voice.importance(newest, is_percussion);
            if importance < least {
                (best, least) = (Some(index), importance);
            }
        }
        best
    }

    /// Sets every voice's course up to the end of the tick, `frames` from now: all of them at its start, only the new
    /// and changed ones within it.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, font: &SoundFont, channels: &[Channel], frames: usize, rate_hz: f32, gain: f32) {
        let is_start = frames == TICK;
        let mut index = 0;
        while let Some(voice) = self.voices.get_mut(index) {
            if is_start || voice.is_due {
                if let Some(channel) = channels.get(usize::from(voice.owner.channel)) {
                    voice.tick(font, channel, frames, rate_hz, gain);
                }
            }
            if voice.is_over() {
                self.voices.swap_remove(index);
            } else {
                index += 1;
            }
        }
    }

    /// Adds `frames` of every voice to the buses.
    ///
    /// Realtime-safe: yes.
    pub fn render(&mut self, pool: &[f32], buses: &mut Buses, frames: usize) {
        self.filtered.clear();
        self.open.clear();
        for (index, voice) in self.voices.iter_mut().enumerate() {
            voice.ran(frames);
            let list = if voice.lane.is_filtered { &mut self.filtered } else { &mut self.open };
            list.push(index as u32);
        }
        for members in self.filtered.chunks(LANES) {
            render_members::<true>(&mut self.voices, members, pool, buses, frames, self.kernel);
        }
        for members in self.open.chunks(LANES) {
            render_members::<false>(&mut self.voices, members, pool, buses, frames, self.kernel);
        }
    }

    /// Writes down `frames` of every voice from `first` of the tick on, as if they had been rendered.
    ///
    /// Realtime-safe: no (the plan grows).
    pub fn plan(&mut self, plan: &mut Plan, first: usize, frames: usize) {
        for voice in &mut self.voices {
            voice.ran(frames);
            if !plan.add(&mut voice.lane, first, frames) {
                voice.end();
            }
        }
    }

    /// Ends everything at once.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.voices.clear();
        self.stolen = 0;
    }
}

fn render_members<const FILTERED: bool>(
    voices: &mut [Voice],
    members: &[u32],
    pool: &[f32],
    buses: &mut Buses,
    frames: usize,
    kernel: Kernel,
) {
    let most = members.iter().map(|&member| voices[member as usize].lane.most_frames()).min();
    let most = most.unwrap_or(frames).max(1);
    let mut done = 0;
    while done < frames {
        let count = most.min(frames - done);
        let mut group = Group::EMPTY;
        for (n, &member) in members.iter().enumerate() {
            let voice = &mut voices[member as usize];
            match voice.lane.run(count).or((done > 0).then_some(Run::SILENT)) {
                Some(run) if !voice.is_over() => group.load(n, &voice.lane, run),
                _ => voice.end(),
            }
        }
        render_group::<FILTERED>(&mut group, pool, buses, (done, count), kernel);
        for (n, &member) in members.iter().enumerate() {
            let voice = &mut voices[member as usize];
            if !voice.is_over() {
                group.store(n, &mut voice.lane, count);
            }
        }
        done += count;
    }
}

pub(crate) fn render_group<const FILTERED: bool>(
    group: &mut Group,
    pool: &[f32],
    buses: &mut Buses,
    (first, count): (usize, usize),
    kernel: Kernel,
) {
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 if group.is_inside(pool.len(), count) && first + count <= TICK => {
            if FILTERED && group.is_gliding() {
                // SAFETY: this kernel is only chosen where the processor has AVX2 and FMA; the rest was just checked.
                unsafe { super::group_avx2::render::<FILTERED, true>(group, pool, buses, first, count) };
            } else {
                // SAFETY: as above.
                unsafe { super::group_avx2::render::<FILTERED, false>(group, pool, buses, first, count) };
            }
        }
        _ => group.render::<FILTERED>(pool, buses, first, count),
    }
}
