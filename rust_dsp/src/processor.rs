//! The audio thread's half of the engine: takes events, renders frames.

use crate::denormal::FlushToZero;
use crate::event::{Event, Kind, PART_COUNT};
use crate::governor::Thrift;
use crate::instrument::Instrument;
use crate::meters::Meters;
use crate::mixer::Mixer;
use crate::param::GlobalParameter;
use crate::pending::{Admission, Pending};
use crate::recall::Recall;
use crate::ring::EventReceiver;
use crate::soundfont::parts::SoundChoice;
use crate::timebase::Timebase;
use std::sync::Arc;

mod live;
mod soundfont;

/// Events in, frames out.
pub struct Processor {
    rate: u32,
    effects: bool,
    mixer: Mixer,
    /// The SoundFont that plays, if one does.
    soundfont: Option<SoundChoice>,
    recall: Recall,
    pending: Pending,
    timebase: Timebase,
    receiver: Option<EventReceiver>,
    meters: Arc<Meters>,
    /// What the governor has it save.
    thrift: Thrift,
    /// Gaps the backend had reported at the last callback.
    xruns_seen: u64,
    /// Samples rendered, and where the present callback began.
    position: u64,
    block_start: u64,
}

impl Processor {
    /// A processor that is driven as fast as it goes; events come by [`Processor::schedule`].
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn offline(rate: u32, effects: bool) -> Self {
        Self::new(rate, effects, false)
    }

    fn new(rate: u32, effects: bool, is_live: bool) -> Self {
        Self {
            rate,
            effects,
            mixer: Mixer::new(rate as f32, effects, is_live),
            soundfont: None,
            recall: Recall::new(),
            pending: Pending::new(),
            timebase: Timebase::Offline,
            receiver: None,
            meters: Arc::default(),
            thrift: Thrift::NONE,
            xruns_seen: 0,
            position: 0,
            block_start: 0,
        }
    }

    /// Where levels and counters are published.
    ///
    /// Realtime-safe: yes.
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Frames between a sound's place in time and its leaving the limiter.
    ///
    /// Realtime-safe: yes.
    pub fn latency_frames(&self) -> usize {
        self.mixer.latency_frames()
    }

    /// Voices sounding now.
    ///
    /// Realtime-safe: yes.
    pub fn voices(&self) -> usize {
        self.mixer.voices.count()
    }

    /// Whether another event of any kind can wait.
    ///
    /// Realtime-safe: yes.
    pub fn has_room(&self) -> bool {
        self.pending.has_room()
    }

    /// Whether an event waits.
    ///
    /// Realtime-safe: yes.
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Lets an event wait for its time. If there is no room, starts are dropped and counted; if an ending finds
    /// none, everything is silenced instead, so no note hangs.
    ///
    /// Realtime-safe: yes.
    pub fn schedule(&mut self, event: Event) {
        match self.pending.push(event) {
            Admission::Accepted => {}
            Admission::Refused => self.meters.dropped.add(1),
            Admission::Overflow => self.end_everything(),
        }
    }

    /// Renders `out.len() / 2` interleaved stereo frames.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, out: &mut [f32]) {
        let _flush = FlushToZero::new();
        let frames = out.len() / 2;
        self.block_start = self.position;
        self.receive();
        let mut done = 0;
        while done < frames {
            self.play_due();
            let count = self.frames_to_next().min(frames - done);
            self.mixer.render(&mut out[2 * done..2 * (done + count)]);
            done += count;
            self.position += count as u64;
        }
        self.publish(frames);
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.mixer.reset();
        self.pending.reset();
        self.recall = Recall::new();
        self.position = 0;
        self.block_start = 0;
    }

    /// An ending was lost: the only safe thing is to end all that sounds or waits to sound.
    fn end_everything(&mut self) {
        self.meters.overflows.add(1);
        while let Some((event, _)) = self.pending.pop() {
            match Kind::from_u8(event.kind) {
                Some(Kind::NoteOn) => self.meters.dropped.add(1),
                Some(Kind::NoteOff) | None => {}
                Some(_) => self.apply(&event, u64::MAX),
            }
        }
        self.recall.release_all();
        for part in 0..PART_COUNT {
            self.mixer.strips[part].is_sustain_down = false;
            self.mixer.voices.sostenuto(part, false, false);
            self.mixer.voices.lift_sustain(part);
            self.mixer.voices.stop_all(part, false);
        }
    }

    fn play_due(&mut self) {
        while let Some(at_micros) = self.pending.next_micros() {
            let due = self.timebase.sample_at(at_micros, self.rate, self.block_start);
            if due > self.position as i64 {
                return;
            }
            if let Some((event, serial)) = self.pending.pop() {
                // Before the start of the piece is not late, it is the start.
                if due < self.block_start as i64 && self.block_start > 0 {
                    self.meters.late.add(1);
                }
                self.apply(&event, serial);
            }
        }
    }

    fn frames_to_next(&self) -> usize {
        let to_grid = self.mixer.frames_to_grid();
        self.pending.next_micros().map_or(to_grid, |at_micros| {
            let due = self.timebase.sample_at(at_micros, self.rate, self.block_start);
            to_grid.min((due - self.position as i64).max(1) as usize)
        })
    }

    fn apply(&mut self, event: &Event, serial: u64) {
        self.recall.remember(event);
        let part = usize::from(event.part);
        let is_known = match Kind::from_u8(event.kind) {
            Some(Kind::Parameter) => self.mixer.values.set(usize::from(event.a), event.value),
            Some(Kind::Panic) => {
                self.panic(serial);
                true
            }
            Some(kind) if part < PART_COUNT => self.apply_to_part(kind, part, event),
            _ => false,
        };
        (if is_known { &self.meters.events } else { &self.meters.ignored }).add(1);
    }

    fn apply_to_part(&mut self, kind: Kind, part: usize, event: &Event) -> bool {
        let strip = &mut self.mixer.strips[part];
        let voices = &mut self.mixer.voices;
        match kind {
            Kind::NoteOn if event.a > 127 => false,
            Kind::NoteOn if event.b > 0 => {
                let tuning_hz = self.mixer.values.global(GlobalParameter::Tuning);
                voices.start(part, event.a, event.b, strip.instrument, tuning_hz)
            }
            Kind::NoteOn | Kind::NoteOff => {
                voices.stop(part, event.a, strip.is_sustain_down);
                true
            }
            Kind::Control => self.control(part, event.a, event.b),
            Kind::Instrument => match Instrument::from_u8(event.a) {
                Some(instrument) => {
                    strip.instrument = instrument;
                    true
                }
                None => false,
            },
            Kind::PitchBend if event.value.is_finite() => {
                strip.bend(event.value);
                true
            }
            _ => false,
        }
    }

    fn control(&mut self, part: usize, controller: u8, value: u8) -> bool {
        let strip = &mut self.mixer.strips[part];
        let voices = &mut self.mixer.voices;
        match controller {
            64 => {
                strip.is_sustain_down = value >= 64;
                if value < 64 {
                    voices.lift_sustain(part);
                }
            }
            66 => voices.sostenuto(part, value >= 64, strip.is_sustain_down),
            120 => voices.silence(part),
            121 => {
                strip.reset_controllers();
                voices.sostenuto(part, false, false);
                voices.lift_sustain(part);
            }
            123 => voices.stop_all(part, strip.is_sustain_down),
            _ => return strip.control(controller, value),
        }
        true
    }

    /// Fades everything out, lifts the pedals, and forgets the notes that were sent before this.
    fn panic(&mut self, serial: u64) {
        let forgotten = self.pending.forget_starts_before(serial);
        self.meters.dropped.add(forgotten as u64);
        for part in 0..PART_COUNT {
            self.mixer.strips[part].is_sustain_down = false;
            self.mixer.voices.silence(part);
        }
    }

    fn publish(&mut self, frames: usize) {
        let meters = &self.meters;
        meters.add_levels(&self.mixer.take_levels(), frames, self.rate as f32);
        meters.set_limiter_gain(self.mixer.take_limiter_gain());
        meters.voices.set(self.mixer.voices.count() as u64);
        meters.stolen.set(self.mixer.voices.stolen());
        meters.broken_chunks.set(self.mixer.broken_chunks());
        meters.late_tails.set(self.mixer.late_tails());
        meters.frames.add(frames as u64);
    }
}
