//! The processor on a device: the ring that feeds it, the clock it follows, and its way to another device.

use super::Processor;
use crate::event::Kind;
use crate::governor::Thrift;
use crate::meters::Meters;
use crate::mixer::Mixer;
use crate::ring::EventReceiver;
use crate::timebase::{LoopFilter, Timebase};
use std::sync::Arc;

impl Processor {
    /// A processor for a device with blocks of `block_frames`; events come through the ring.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn live(
        rate: u32,
        effects: bool,
        block_frames: usize,
        receiver: EventReceiver,
        meters: Arc<Meters>,
    ) -> Self {
        Self {
            timebase: Timebase::Live(LoopFilter::new(rate, block_frames)),
            receiver: Some(receiver),
            meters,
            ..Self::new(rate, effects, true)
        }
    }

    /// A live callback begins: `now_micros` is the sender's clock.
    ///
    /// Realtime-safe: yes.
    pub fn begin_callback(&mut self, now_micros: f64, frames: usize) {
        if let Timebase::Live(filter) = &mut self.timebase {
            let xruns = self.meters.backend_xruns.get();
            if xruns != self.xruns_seen {
                self.xruns_seen = xruns;
                filter.relock();
            }
            match filter.update(now_micros, frames) {
                Some(error) => self.meters.jitters.record((error.abs() * 1e3) as u64),
                None => self.meters.relocks.add(u64::from(frames > 0)),
            }
            self.meters.set_measured_rate(filter.measured_rate() as f32);
        }
    }

    /// Saves so much from the next callback on.
    ///
    /// Realtime-safe: yes.
    pub fn save(&mut self, thrift: Thrift) {
        if thrift != Thrift::NONE || self.thrift != Thrift::NONE {
            self.mixer.voices.save(thrift);
        }
        self.thrift = thrift;
        self.meters.thrift.set(u64::from(thrift.step()));
        self.meters.thrifty.add(u64::from(thrift != Thrift::NONE));
    }

    /// Goes on with another device. At the same rate everything sounds on; at another the engine runs at that rate:
    /// settings, pedals and what waits stay, keys that are held are struck again, tails end.
    ///
    /// Realtime-safe: no (another rate allocates).
    pub fn move_to(&mut self, rate: u32, block_frames: usize) {
        self.timebase = Timebase::Live(LoopFilter::new(rate, block_frames));
        if rate == self.rate {
            return;
        }
        self.rate = rate;
        self.mixer = Mixer::new(rate as f32, self.effects, true);
        if let Some(choice) = &self.soundfont {
            self.mixer.voices.use_soundfont(choice);
        }
        for event in self.recall.events() {
            self.apply(&event, u64::MAX);
        }
    }

    /// Takes what came through the ring.
    ///
    /// Realtime-safe: yes.
    pub(super) fn receive(&mut self) {
        let Some(mut receiver) = self.receiver.take() else {
            return;
        };
        let lost_ending = receiver.take_lost_ending();
        while let Some(event) = receiver.receive() {
            if lost_ending && event.kind == Kind::NoteOn as u8 {
                self.meters.dropped.add(1);
            } else {
                self.schedule(event);
            }
        }
        if lost_ending {
            self.end_everything();
        }
        self.receiver = Some(receiver);
    }
}
