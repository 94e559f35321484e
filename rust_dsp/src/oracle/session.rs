//! What this session has heard, prepared so that every expert can answer at once.

use super::context::Context;
use super::grid::Grid;
use super::lags::Lags;
use super::maths::exp;
use super::past::Past;
use super::places::{collect_best, collect_exact, room, Place};
use super::profile::Profile;
use super::recall::{self, Memory};
use super::timeline::Timeline;
use super::token::{Row, GAP, WIDTH};

/// Events that are remembered: an hour of a fast tune in four, beat by beat.
pub const CAPACITY: usize = 8_192;
/// How much louder each bit of evidence makes a vote.
const GROWTH: f32 = 0.15;
/// Evidence in beats beyond this makes no vote louder.
const LONG_ENOUGH: u8 = 80;
/// A place elsewhere in the bar counts this much.
const OFF_METRE: f32 = 0.1;
/// How much of the cache is forgotten with each event.
const CACHE_MEMORY: f32 = 0.985;

/// The session.
#[derive(Clone, Debug)]
pub struct Session {
    /// What an event is.
    pub grid: Grid,
    /// What was heard.
    pub past: Past,
    /// Where we are.
    pub context: Context,
    /// Places with an unbroken agreement.
    pub exact: Vec<Place>,
    /// Places whose agreement survives strange chords.
    pub soft: Vec<Place>,
    /// The periods of late.
    pub slow: Vec<Place>,
    /// Transposed repeats.
    pub moved: Vec<Place>,
    /// Places that are recalled, of every kind.
    pub memories: Vec<Memory>,
    /// The best evidence of the four kinds, 0 to 1.
    pub strengths: [f32; 4],
    /// How often each chord was heard, lately more.
    pub cache: Row,
    /// Events of this song.
    heard: u32,
    /// Beats that passed since the last event began, as far as they were told.
    elapsed: usize,
    lags: Lags,
    /// What passed beat by beat, where that is told.
    pub timeline: Timeline,
    /// How many chords were heard, and when each was heard last, counted in them; 0 where it never was.
    count: u32,
    last: [u32; WIDTH],
}

impl Session {
    /// A session in which nothing was heard yet.
    ///
    /// Realtime-safe: no.
    pub fn new(grid: Grid, beats_per_bar: u8) -> Self {
        Self {
            grid,
            past: Past::new(CAPACITY),
            context: Context::new(beats_per_bar),
            exact: room(),
            soft: room(),
            slow: room(),
            moved: room(),
            memories: recall::room(),
            strengths: [0.0; 4],
            cache: [0.0; WIDTH],
            heard: 0,
            elapsed: 0,
            lags: Lags::new(CAPACITY, grid.forgetting()),
            timeline: Timeline::new(CAPACITY),
            count: 0,
            last: [0; WIDTH],
        }
    }

    /// One more event.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn observe(&mut self, token: u8, profile: &Profile) {
        let evidence = self.grid.evidence(&self.context, token);
        self.heard = self.heard.saturating_add(1);
        self.lags.observe(&self.past, token, evidence);
        self.past.push(token, self.timeline.now());
        self.elapsed = 0;
        self.context.observe(token, profile);
        for weight in &mut self.cache {
            *weight *= CACHE_MEMORY;
        }
        self.cache[token as usize] += 1.0;
        self.count = self.count.saturating_add(1);
        self.last[token as usize] = self.count;
    }

    /// So many beats, on these chords, passed since the last event began, or since this was last told.
    ///
    /// Realtime-safe: yes.
    pub fn elapse(&mut self, beats: &[u8], bar: u8, profile: &Profile) {
        self.timeline.set_bar(bar);
        for &token in beats {
            self.timeline.observe(token, profile);
        }
        self.elapsed = self.elapsed.saturating_add(beats.len());
        match self.grid {
            Grid::Beats => {}
            Grid::Bars => self.timeline.begin_bar(),
            Grid::Changes => {
                self.context.recent[0].1 = self.elapsed.clamp(1, 255) as u8;
                self.context.bar = self.timeline.now() / u32::from(self.timeline.bar());
            }
        }
    }

    /// The context that the static tables know: of bars that in beats, where the beats are told.
    ///
    /// Realtime-safe: yes.
    pub fn general(&self) -> &Context {
        if self.grid == Grid::Bars && self.timeline.now() > 0 {
            self.timeline.context()
        } else {
            &self.context
        }
    }

    /// A song ends. What comes now is another one; what was heard stays.
    ///
    /// Realtime-safe: yes.
    pub fn end_song(&mut self) {
        if self.past.tokens().first().is_some_and(|&token| token != GAP) {
            self.past.push(GAP, self.timeline.now());
        }
        self.lags.clear();
        self.timeline.end_song();
        self.heard = 0;
        self.elapsed = 0;
        self.context = Context::new(self.context.beats_per_bar);
    }

    /// How many events ago a chord was heard last, 0 where it is the last one; many where it never was.
    ///
    /// Realtime-safe: yes.
    #[inline]
    pub fn age(&self, token: u8) -> u32 {
        match self.last[token as usize] {
            0 => u32::MAX,
            last => self.count - last,
        }
    }

    /// Finds the places that vote. To be called once, before the experts are asked.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn prepare(&mut self) {
        let count = self.past.len().min(CAPACITY);
        let beats = if self.grid == Grid::Beats { usize::from(self.context.beats_per_bar) } else { 1 };
        collect_exact(&self.lags, count, &mut self.exact);
        let best = self.exact.iter().map(|place| place.evidence).max().unwrap_or(0);
        self.weigh_exact(beats);
        let first = self.grid.least_period(self.context.beats_per_bar).min(count) - usize::from(count > 0);
        recall::collect(&self.lags, &self.past, &self.timeline, count, beats, &mut self.memories);
        let soft = self.prepare_soft(first.min(count), count, beats);
        let slow = self.prepare_slow(first.min(count), count, beats);
        let moved = self.prepare_moved(count, beats);
        self.strengths =
            [f32::from(best) / 64.0, soft as f32 / 64.0, slow as f32 / 32_768.0, moved as f32 / 64.0];
    }

    /// The longer the agreement, in events and in beats, the louder.
    #[inline(always)]
    fn weigh_exact(&mut self, beats: usize) {
        let is_timed = self.timeline.now() > 0;
        for place in &mut self.exact {
            let time = self.past.times()[place.index as usize];
            let run = self.timeline.agreement(time).map_or(0, |there| there.exact.min(LONG_ENOUGH));
            let metre = if is_timed { 1.0 } else { metre(place.index, beats) };
            place.weight = exp(GROWTH * (f32::from(place.evidence) + f32::from(run))) * metre;
        }
    }

    #[inline(always)]
    fn prepare_soft(&mut self, first: usize, count: usize, beats: usize) -> u32 {
        let top = collect_best(&self.lags.soft[first..count], 60, 6, &mut self.soft);
        for place in &mut self.soft {
            place.index += first as u16;
            place.weight = exp(-0.08 * place.weight) * metre(place.index, beats);
        }
        top
    }

    #[inline(always)]
    fn prepare_slow(&mut self, first: usize, count: usize, beats: usize) -> u32 {
        let top = collect_best(&self.lags.slow[first..count], 6_000, 3_000, &mut self.slow);
        for place in &mut self.slow {
            place.index += first as u16;
            place.weight = exp(place.weight * (-1.0 / 1_500.0)) * metre(place.index, beats);
        }
        top
    }

    #[inline(always)]
    fn prepare_moved(&mut self, count: usize, beats: usize) -> u32 {
        let top = collect_best(&self.lags.moved[..count], 40, 10, &mut self.moved);
        for place in &mut self.moved {
            place.by = self.lags.by[place.index as usize];
            place.evidence = self.lags.moved[place.index as usize];
            place.weight = exp(-0.12 * place.weight) * metre(place.index, beats);
        }
        top
    }

    /// Becomes a copy of `other`.
    ///
    /// Realtime-safe: yes.
    pub fn copy_from(&mut self, other: &Self) {
        self.grid = other.grid;
        self.past.copy_from(&other.past);
        self.lags.copy_from(&other.lags, other.past.len());
        self.timeline.copy_from(&other.timeline);
        self.elapsed = other.elapsed;
        self.context = other.context;
        self.cache = other.cache;
        self.heard = other.heard;
        (self.count, self.last) = (other.count, other.last);
        self.strengths = other.strengths;
        for (mine, theirs) in [
            (&mut self.exact, &other.exact),
            (&mut self.soft, &other.soft),
            (&mut self.slow, &other.slow),
            (&mut self.moved, &other.moved),
        ] {
            mine.clear();
            mine.extend_from_slice(theirs);
        }
        self.memories.clear();
        self.memories.extend_from_slice(&other.memories);
    }

    /// The period at which the music lately repeats, in events, and the share of late events that agreed with it.
    ///
    /// Realtime-safe: yes.
    pub fn period(&self) -> (usize, f32) {
        let first = self.grid.least_period(self.context.beats_per_bar);
        let kept = 1.0 - 0.5f32.powi(self.grid.forgetting() as i32);
        let heard = (self.heard as usize).min(self.past.len());
        let mut best = (0, 0.0);
        for distance in first..heard.saturating_sub(first) {
            // So far there was time to agree this much.
            let possible = 32_768.0 * (1.0 - kept.powi((heard - distance) as i32));
            let agreement = f32::from(self.lags.slow[distance - 1]) / possible;
            if agreement > best.1 + 0.01 {
                best = (distance, agreement);
            }
        }
        (best.0, best.1.min(1.0))
    }
}

fn metre(index: u16, beats: usize) -> f32 {
    if (index as usize + 1) % beats == 0 {
        1.0
    } else {
        OFF_METRE
    }
}
