//! Voices to strips to stereo: the whole sound path of one processor.

use crate::effects::{Bus, Effects};
use crate::event::PART_COUNT;
use crate::filter::DcBlocker;
use crate::instrument::{Expression, Instrument};
use crate::limiter::Limiter;
use crate::param::GlobalParameter;
use crate::smoother::{Smoother, GRID};
use crate::strip::Strip;
use crate::units::db_to_gain;
use crate::values::ParameterValues;
use crate::voices::{Buses, Voices};

/// Peak and energy of one bus since they were last taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Level {
    /// Highest sample.
    pub peak: f32,
    /// Sum of squares, both channels.
    pub sum: f32,
}

impl Level {
    #[inline(always)]
    fn add(&mut self, left: f32, right: f32) {
        self.peak = self.peak.max(left.abs()).max(right.abs());
        self.sum += left * left + right * right;
    }
}

/// The sound path.
pub struct Mixer {
    /// The pool of notes.
    pub voices: Voices,
    /// One strip a part.
    pub strips: [Strip; PART_COUNT],
    /// Every parameter's present value.
    pub values: ParameterValues,
    /// Levels of the parts and of the master since [`Mixer::take_levels`].
    levels: [Level; PART_COUNT + 1],
    /// Chunks thrown away because a bus held something that is no number.
    broken_chunks: u64,
    rate_hz: f32,
    effects: Option<Box<Effects>>,
    buses: [Bus; PART_COUNT],
    mix: Bus,
    master: Smoother,
    ceiling: Smoother,
    blockers: [DcBlocker; 2],
    limiter: Limiter,
    frame: usize,
    is_fresh: bool,
}

impl Mixer {
    /// A silent mixer; without `effects` there are no sends and no compressor, the limiter stays. Where `is_live`, the
    /// hall's tail has a thread of its own.
    ///
    /// Realtime-safe: no (allocates all it will ever need).
    pub fn new(rate_hz: f32, effects: bool, is_live: bool) -> Self {
        crate::oscillator::prepare();
        Self {
            voices: Voices::new(rate_hz),
            strips: Instrument::DEFAULTS.map(|instrument| Strip::new(instrument, rate_hz)),
            values: ParameterValues::default(),
            levels: [Level::default(); PART_COUNT + 1],
            broken_chunks: 0,
            rate_hz,
            effects: effects.then(|| Box::new(Effects::new(rate_hz, is_live))),
            buses: [[[0.0; GRID]; 2]; PART_COUNT],
            mix: [[0.0; GRID]; 2],
            master: Smoother::new(1.0, GlobalParameter::Level.smoothing_seconds(), rate_hz),
            ceiling: Smoother::new(1.0, GlobalParameter::Ceiling.smoothing_seconds(), rate_hz),
            blockers: [DcBlocker::new(rate_hz); 2],
            limiter: Limiter::new(rate_hz),
            frame: 0,
            is_fresh: true,
        }
    }

    /// Frames until the next grid step; [`Mixer::render`] takes no more than this.
    ///
    /// Realtime-safe: yes.
    pub fn frames_to_grid(&self) -> usize {
        GRID - self.frame
    }

    /// Frames by which the limiter delays everything.
    ///
    /// Realtime-safe: yes.
    pub fn latency_frames(&self) -> usize {
        self.limiter.latency_frames()
    }

    /// Renders `out.len() / 2` interleaved frames, at most [`Mixer::frames_to_grid`].
    ///
    /// Realtime-safe: yes.
    pub fn render(&mut self, out: &mut [f32]) {
        let frames = out.len() / 2;
        if self.frame == 0 {
            self.tick();
        }
        let sends = self.effects.iter_mut().flat_map(|effects| effects.sends.iter_mut());
        for channel in sends.chain([&mut self.mix]).flatten() {
            channel[..frames].fill(0.0);
        }
        let sounding = self.voices.parts_sounding();
        self.render_voices(frames);
        for (part, _) in sounding.iter().enumerate().filter(|(_, is_sounding)| **is_sounding) {
            self.add_part(part, frames);
        }
        self.finish(out);
        self.frame = (self.frame + frames) % GRID;
    }

    fn tick(&mut self) {
        let values = &self.values;
        for (part, strip) in self.strips.iter_mut().enumerate() {
            strip.tick(part, values, self.is_fresh);
        }
        let master = db_to_gain(values.global(GlobalParameter::Level));
        let ceiling = db_to_gain(values.global(GlobalParameter::Ceiling));
        if self.is_fresh {
            self.master.snap(master);
            self.ceiling.snap(ceiling);
        }
        self.master.tick(master);
        self.ceiling.tick(ceiling);
        self.limiter.set_ceiling(self.ceiling.value());
        if let Some(effects) = &mut self.effects {
            effects.tick(values, self.is_fresh);
        }
        self.is_fresh = false;
    }

    fn render_voices(&mut self, frames: usize) {
        let expressions: [Expression; PART_COUNT] = std::array::from_fn(|part| self.strips[part].expression);
        let mut buses: Buses = self.buses.each_mut().map(|[left, right]| {
            let (left, right) = (&mut left[..frames], &mut right[..frames]);
            left.fill(0.0);
            right.fill(0.0);
            [left, right]
        });
        self.voices.render_add(&mut buses, &expressions);
    }

    fn add_part(&mut self, part: usize, frames: usize) {
        let [left, right] = &mut self.buses[part];
        let (left, right) = (&mut left[..frames], &mut right[..frames]);
        let mut check = 0.0;
        for index in 0..frames {
            check += left[index] * 0.0 + right[index] * 0.0;
        }
        // Zero times anything that is a number is zero: one broken voice must not reach the reverb.
        if check != 0.0 {
            self.voices.drop_part(part);
            self.broken_chunks += 1;
            return;
        }
        let strip = &mut self.strips[part];
        if self.effects.is_some() {
            strip.equaliser.process(left, right);
        }
        let level = &mut self.levels[part];
        for index in 0..frames {
            left[index] *= strip.gains[0].at(self.frame + index);
            right[index] *= strip.gains[1].at(self.frame + index);
            level.add(left[index], right[index]);
            self.mix[0][index] += left[index];
            self.mix[1][index] += right[index];
        }
        let Some(effects) = &mut self.effects else {
            return;
        };
        for (bus, gain) in effects.sends.iter_mut().zip(&strip.gains[2..]) {
            if gain.is_zero() {
                continue;
            }
            for index in 0..frames {
                let gain = gain.at(self.frame + index);
                bus[0][index] += left[index] * gain;
                bus[1][index] += right[index] * gain;
            }
        }
    }

    fn finish(&mut self, out: &mut [f32]) {
        let frames = out.len() / 2;
        let [left, right] = &mut self.mix;
        if let Some(effects) = &mut self.effects {
            effects.process(&mut left[..frames], &mut right[..frames], self.frame);
        }
        for (index, sample) in out.chunks_exact_mut(2).enumerate() {
            let master = self.master.at(self.frame + index);
            let l = self.blockers[0].process(left[index] * master);
            let r = self.blockers[1].process(right[index] * master);
            let (l, r) = self.limiter.process(l, r);
            self.levels[PART_COUNT].add(l, r);
            sample[0] = l;
            sample[1] = r;
        }
    }

    /// Blocks of the hall's tail that came too late to be heard.
    ///
    /// Realtime-safe: yes.
    pub fn late_tails(&self) -> u64 {
        self.effects.as_ref().map_or(0, |effects| effects.late_tails())
    }

    /// Levels of the parts and, last, of the master since the last call.
    ///
    /// Realtime-safe: yes.
    pub fn take_levels(&mut self) -> [Level; PART_COUNT + 1] {
        std::mem::take(&mut self.levels)
    }

    /// The deepest gain of the limiter since the last call.
    ///
    /// Realtime-safe: yes.
    pub fn take_limiter_gain(&mut self) -> f32 {
        self.limiter.take_lowest_gain()
    }

    /// How often a part's voices were dropped because they were no numbers.
    ///
    /// Realtime-safe: yes.
    pub fn broken_chunks(&self) -> u64 {
        self.broken_chunks
    }

    /// As if new: silent, every parameter at its default.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.voices.reset();
        for strip in &mut self.strips {
            strip.reset(self.rate_hz);
        }
        self.values = ParameterValues::default();
        self.levels = Default::default();
        self.broken_chunks = 0;
        if let Some(effects) = &mut self.effects {
            effects.reset();
        }
        self.blockers.iter_mut().for_each(DcBlocker::reset);
        self.limiter.reset();
        self.frame = 0;
        self.is_fresh = true;
    }
}
