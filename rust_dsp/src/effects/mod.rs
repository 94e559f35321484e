//! What sounds around the instruments: sends to a room, a hall, a chorus and a delay, then the bus's own tone.

pub mod chorus;
pub mod convolver;
pub mod delay;
pub mod equaliser;
pub mod hall;
pub mod line;
pub mod partition;
pub mod response;
pub mod tail;

use crate::compressor::Compressor;
use crate::param::{GlobalParameter, PartParameter};
use crate::reverb::Reverb;
use crate::smoother::{Smoother, GRID};
use crate::units::db_to_gain;
use crate::values::ParameterValues;
use chorus::Chorus;
use convolver::Convolver;
use delay::Delay;
use equaliser::Equaliser;

/// Stereo samples of one grid step.
pub type Bus = [[f32; GRID]; 2];

/// The sends.
pub const SEND_COUNT: usize = 4;

/// Each send's parameter at a part, and its return.
pub const SENDS: [(PartParameter, GlobalParameter); SEND_COUNT] = [
    (PartParameter::Reverb, GlobalParameter::ReverbLevel),
    (PartParameter::Hall, GlobalParameter::HallLevel),
    (PartParameter::Chorus, GlobalParameter::ChorusLevel),
    (PartParameter::Delay, GlobalParameter::DelayLevel),
];

/// All effects of one mixer.
pub struct Effects {
    /// What goes to each effect, filled by the mixer.
    pub sends: [Bus; SEND_COUNT],
    returns: [Smoother; SEND_COUNT],
    room: Reverb,
    hall: Convolver,
    chorus: Chorus,
    delay: Delay,
    equaliser: Equaliser,
    compressor: Compressor,
    rate_hz: f32,
}

impl Effects {
    /// Silent effects; the hall's tail is computed by a worker where `is_live`.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(rate_hz: f32, is_live: bool) -> Self {
        Self {
            sends: [[[0.0; GRID]; 2]; SEND_COUNT],
            returns: SENDS.map(|(_, level)| Smoother::new(1.0, level.smoothing_seconds(), rate_hz)),
            room: Reverb::new(rate_hz),
            hall: Convolver::new(hall::response(rate_hz), is_live),
            chorus: Chorus::new(rate_hz),
            delay: Delay::new(rate_hz),
            equaliser: Equaliser::new(rate_hz, GlobalParameter::Low.smoothing_seconds()),
            compressor: Compressor::new(rate_hz),
            rate_hz,
        }
    }

    /// Moves on by one grid step; `snap` jumps to the settings, for the first step of all.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, values: &ParameterValues, snap: bool) {
        for (smoother, (_, level)) in self.returns.iter_mut().zip(SENDS) {
            let gain = db_to_gain(values.global(level));
            if snap {
                smoother.snap(gain);
            }
            smoother.tick(gain);
        }
        self.room
            .tick(values.global(GlobalParameter::ReverbDecay), values.global(GlobalParameter::ReverbDamping));
        self.chorus
            .tick(values.global(GlobalParameter::ChorusRate), values.global(GlobalParameter::ChorusDepth));
        self.delay.tick(values);
        let tone = [GlobalParameter::Low, GlobalParameter::Mid, GlobalParameter::High];
        self.equaliser
            .tick(tone.map(|gain| values.global(gain)), values.global(GlobalParameter::MidFrequency));
        self.compressor.tick(values);
    }

    /// Adds what the effects answer to `mix` and shapes it, from `frame` frames into the grid step on.
    ///
    /// Realtime-safe: yes.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        let frames = left.len();
        self.process_sends(frames, frame);
        for (send, level) in self.sends.iter().zip(&self.returns) {
            for index in 0..frames {
                let gain = level.at(frame + index);
                left[index] += gain * send[0][index];
                right[index] += gain * send[1][index];
            }
        }
        self.equaliser.process(left, right);
        for index in 0..frames {
            (left[index], right[index]) = self.compressor.process(left[index], right[index], frame + index);
        }
    }

    /// Replaces what is in the sends by what comes back.
    fn process_sends(&mut self, frames: usize, frame: usize) {
        let [room, hall, chorus, delay] = &mut self.sends;
        for index in 0..frames {
            (room[0][index], room[1][index]) = self.room.process(room[0][index], room[1][index]);
        }
        let [left, right] = hall;
        self.hall.process(&mut left[..frames], &mut right[..frames]);
        if !(self.chorus.is_idle() && is_silent(chorus, frames)) {
            for index in 0..frames {
                (chorus[0][index], chorus[1][index]) =
                    self.chorus.process(chorus[0][index], chorus[1][index], frame + index);
            }
        }
        if !(self.delay.is_idle() && is_silent(delay, frames)) {
            for index in 0..frames {
                (delay[0][index], delay[1][index]) =
                    self.delay.process(delay[0][index], delay[1][index], frame + index);
            }
        }
    }

    /// Blocks of the hall's tail that came too late to be heard.
    ///
    /// Realtime-safe: yes.
    pub fn late_tails(&self) -> u64 {
        self.hall.late()
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.room.reset();
        self.hall.reset();
        self.chorus.reset();
        self.delay.reset();
        self.equaliser.reset();
        self.compressor = Compressor::new(self.rate_hz);
    }
}

fn is_silent(bus: &Bus, frames: usize) -> bool {
    bus.iter().all(|side| side[..frames].iter().all(|sample| *sample == 0.0))
}
