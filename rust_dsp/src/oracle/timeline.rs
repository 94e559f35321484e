//! What passed beat by beat, beneath events that are no beats: how well the music at a distance in time agrees.

use super::context::Context;
use super::grid::Grid;
use super::lags::Lags;
use super::past::Past;
use super::profile::Profile;
use super::token::GAP;

/// Beats a bar, until they are told.
const BAR: u8 = 4;

/// The beats so far.
#[derive(Clone, Debug)]
pub struct Timeline {
    past: Past,
    lags: Lags,
    context: Context,
    now: u32,
    bar: u8,
}

/// How the music a while ago, a number of beats back, agrees with the music here.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// Evidence of an unbroken agreement.
    pub exact: u8,
    /// Evidence that survives a strange beat.
    pub soft: u8,
    /// The share of late beats that agreed; 32,768 is all.
    pub slow: u16,
    /// How many beats back it is.
    pub beats: usize,
}

impl Timeline {
    /// No beat has passed.
    ///
    /// Realtime-safe: no.
    pub fn new(capacity: usize) -> Self {
        Self {
            past: Past::new(capacity),
            lags: Lags::new(capacity, Grid::Beats.forgetting()),
            context: Context::new(BAR),
            now: 0,
            bar: BAR,
        }
    }

    /// A beat passed, on this chord.
    ///
    /// Realtime-safe: yes.
    pub fn observe(&mut self, token: u8, profile: &Profile) {
        let evidence = Grid::Beats.evidence(&self.context, token);
        self.lags.observe(&self.past, token, evidence);
        self.past.push(token, self.now);
        self.context.observe(token, profile);
        self.now = self.now.saturating_add(1);
    }

    /// Bars are so many beats long.
    ///
    /// Realtime-safe: yes.
    pub fn set_bar(&mut self, beats: u8) {
        self.bar = beats.max(1);
        self.context.beats_per_bar = self.bar;
    }

    /// Beats a bar.
    ///
    /// Realtime-safe: yes.
    pub fn bar(&self) -> u8 {
        self.bar
    }

    /// A bar begins.
    ///
    /// Realtime-safe: yes.
    pub fn begin_bar(&mut self) {
        if self.context.position > 0 {
            self.context.position = 0;
            self.context.bar += 1;
        }
    }

    /// How many beats have passed; 0 where nobody counts them.
    ///
    /// Realtime-safe: yes.
    pub fn now(&self) -> u32 {
        self.now
    }

    /// The chords of the beats, newest first.
    ///
    /// Realtime-safe: yes.
    pub fn tokens(&self) -> &[u8] {
        self.past.tokens()
    }

    /// Where we are, in beats.
    ///
    /// Realtime-safe: yes.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// A song ends. What comes now is another one.
    ///
    /// Realtime-safe: yes.
    pub fn end_song(&mut self) {
        if self.past.tokens().first().is_some_and(|&token| token != GAP) {
            self.past.push(GAP, self.now);
            self.now = self.now.saturating_add(1);
            self.lags.clear();
            self.context = Context::new(self.bar);
        }
    }

    /// How the music at `time` agrees with the music now; None where it is unknown.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn agreement(&self, time: u32) -> Option<Agreement> {
        let beats = self.now.saturating_sub(time) as usize;
        if beats == 0 || beats > self.past.len() {
            return None;
        }
        let at = beats - 1;
        let (exact, soft, slow) = (self.lags.exact[at], self.lags.soft[at], self.lags.slow[at]);
        Some(Agreement { exact, soft, slow, beats })
    }

    /// Becomes a copy of `other`, which must be as large.
    ///
    /// Realtime-safe: yes.
    pub fn copy_from(&mut self, other: &Self) {
        self.past.copy_from(&other.past);
        self.lags.copy_from(&other.lags, other.past.len());
        self.context = other.context;
        self.now = other.now;
        self.bar = other.bar;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_seen_at_its_distance_in_beats() {
        let (mut line, profile) = (Timeline::new(64), Profile::plain());
        for _ in 0..2 {
            for token in [0u8, 0, 0, 35, 49, 49, 1] {
                line.observe(token, &profile);
            }
        }
        let same = line.agreement(line.now() - 7).unwrap();
        assert_eq!((same.beats, same.exact), (7, 4 + 1 + 1 + 4 + 4 + 1 + 4));
        assert_eq!(line.agreement(line.now() - 6).unwrap().exact, 0);
        assert!(line.agreement(line.now()).is_none());
    }
}
