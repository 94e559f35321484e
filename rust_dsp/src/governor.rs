//! The load governor: where blocks come near their deadline, less is computed before sound breaks up.

/// Smoothed load above which more is saved, and below which less is; between them all stays as it is.
const HIGH: f32 = 0.7;
const LOW: f32 = 0.45;
/// How fast the smoothed load follows one that rises or falls, in seconds.
const RISE_SECONDS: f32 = 0.01;
const FALL_SECONDS: f32 = 0.1;
/// Seconds that a step needs to be felt before the next is taken.
const FELT_SECONDS: f32 = 0.02;
/// Seconds of calm before a step is taken back.
const CALM_SECONDS: f32 = 1.0;
/// One block that was held up for long does not stand for a load that lasts.
const MOST_LOAD: f32 = 1.5;

/// How much is saved, in four steps. New notes sound with all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thrift(u8);

impl Thrift {
    /// Nothing is saved.
    pub const NONE: Self = Self(0);
    /// All is saved that can be.
    pub const MOST: Self = Self(4);

    /// The step, 0 to 4.
    ///
    /// Realtime-safe: yes.
    pub fn step(self) -> u8 {
        self.0
    }

    /// Notes that were let go and are quieter than this end at once: from the first step on the quiet ones, from the
    /// second on all.
    ///
    /// Realtime-safe: yes.
    pub fn least_tail(self) -> f32 {
        match self.0 {
            0 => 0.0,
            // −50 dBFS.
            1 => 0.003,
            _ => f32::INFINITY,
        }
    }

    /// Whether filters of quiet notes stand still: from the second step on.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn saves_filters(self) -> bool {
        self.0 >= 2
    }

    /// How many of so many notes may sound: two thirds with the third step, a third with the fourth.
    ///
    /// Realtime-safe: yes.
    pub fn polyphony(self, full: usize) -> usize {
        match self.0 {
            0..=2 => full,
            3 => (2 * full / 3).max(1),
            _ => (full / 3).max(1),
        }
    }
}

/// Watches how long blocks take.
#[derive(Clone, Copy, Debug)]
pub struct Governor {
    load: f32,
    thrift: Thrift,
    since_step: f32,
    calm: f32,
}

impl Governor {
    /// One that has seen nothing.
    pub const NEW: Self = Self { load: 0.0, thrift: Thrift::NONE, since_step: FELT_SECONDS, calm: 0.0 };

    /// A block of so many frames took so long: what is to be saved from the next on.
    ///
    /// Realtime-safe: yes.
    pub fn observe(&mut self, nanos: u64, frames: usize, rate: u32) -> Thrift {
        let seconds = frames as f32 / rate as f32;
        if seconds <= 0.0 {
            return self.thrift;
        }
        let load = (nanos as f32 * 1e-9 / seconds).min(MOST_LOAD);
        let time = if load > self.load { RISE_SECONDS } else { FALL_SECONDS };
        self.load += (load - self.load) * (1.0 - (-seconds / time).exp());
        self.since_step += seconds;
        self.calm = if self.load < LOW { self.calm + seconds } else { 0.0 };
        if self.load > HIGH && self.thrift < Thrift::MOST && self.since_step >= FELT_SECONDS {
            self.thrift.0 += 1;
            self.since_step = 0.0;
        } else if self.calm >= CALM_SECONDS && self.thrift > Thrift::NONE {
            self.thrift.0 -= 1;
            self.calm = 0.0;
        }
        self.thrift
    }

    /// The smoothed load, 1 at the deadline.
    ///
    /// Realtime-safe: yes.
    pub fn load(&self) -> f32 {
        self.load
    }
}
