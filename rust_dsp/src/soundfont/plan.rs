//! What voices will play, written down instead of played: so that another device may render it.
//!
//! Events, envelopes, LFOs and stealing stay with the player, exactly as when it renders; a plan has what is left for
//! every sample: where a stretch reads, its gains, its filter. Stretches of one tick depend on each other only through
//! the integrators of the voices' filters, and for these a plan has chains.

use super::lane::{Course, Lane, Run};
use super::synth::SoundFontSynth;
use super::voice::TICK;

/// No link, no voice.
pub const NONE: u32 = u32::MAX;

/// Which batch a lane was last planned in, and which chain is its own there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trace {
    batch: u32,
    chain: u32,
}

/// A stretch of one voice within one tick; laid out as shaders read it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Segment {
    /// The sample at its first frame, in the pool.
    pub base: u32,
    /// The fraction at its first frame, on the scale of [`super::lane::FRACTION_BITS`].
    pub fraction: u32,
    /// How far each frame moves on, on the same scale.
    pub step: u32,
    /// Its first frame within the tick.
    pub first: u32,
    /// Its frames.
    pub count: u32,
    /// The sum of the frames of all segments before it: where its own lie in one long row.
    pub offset: u32,
    /// Its place among the links of all chains, or [`NONE`] if it has no filter.
    pub link: u32,
    /// Its chain, or [`NONE`].
    pub chain: u32,
    /// How it sounds and moves, from its first frame on; but for the integrators, which are not known yet.
    pub course: Course,
}

/// The filtered segments of one voice, in the order of time.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Chain {
    /// The first of its links.
    pub first: u32,
    /// How many there are.
    pub count: u32,
    /// Its chain in the batch before, whose filter it goes on with; [`NONE`] if it begins at rest.
    pub from: u32,
}

/// A batch of ticks.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The segments, tick by tick.
    pub segments: Vec<Segment>,
    /// The first segment of each tick.
    pub ticks: Vec<u32>,
    /// Voices sounding at the end of each tick.
    pub voices: Vec<u32>,
    /// The chains.
    pub chains: Vec<Chain>,
    /// The segment of each link; the links of a chain lie together.
    pub links: Vec<u32>,
    /// Frames of all segments together.
    pub length: u32,
    /// Filtered segments, as they came.
    filtered: Vec<u32>,
    batch: u32,
}

impl Plan {
    /// An empty plan.
    ///
    /// Realtime-safe: yes.
    pub fn new() -> Self {
        Self { batch: 1, ..Self::default() }
    }

    /// Begins the next batch. Lanes go on from the one before.
    ///
    /// Realtime-safe: yes.
    pub fn begin(&mut self) {
        self.segments.clear();
        self.ticks.clear();
        self.voices.clear();
        self.chains.clear();
        self.links.clear();
        self.filtered.clear();
        self.length = 0;
        self.batch += 1;
    }

    /// Begins the next tick.
    ///
    /// Realtime-safe: no (grows).
    pub fn begin_tick(&mut self) {
        self.ticks.push(self.segments.len() as u32);
        self.voices.push(0);
    }

    /// Notes how many voices sound in the present tick.
    ///
    /// Realtime-safe: yes.
    pub fn note_voices(&mut self, count: usize) {
        if let Some(voices) = self.voices.last_mut() {
            *voices = count as u32;
        }
    }

    /// Writes down `frames` of a lane from `first` of the tick on, and moves the lane as rendering would have, but for
    /// its filter's integrators. Says whether it sounds on.
    ///
    /// Realtime-safe: no (grows).
    pub fn add(&mut self, lane: &mut Lane, first: usize, frames: usize) -> bool {
        let most = lane.most_frames(frames);
        let mut done = 0;
        while done < frames {
            let count = most.min(frames - done);
            let Some(run) = lane.run(count).or((done > 0).then_some(Run::SILENT)) else {
                return false;
            };
            let mut segment = Segment {
                base: run.base,
                fraction: run.fraction,
                step: run.step,
                first: (first + done) as u32,
                count: count as u32,
                offset: self.length,
                link: NONE,
                chain: NONE,
                course: lane.course,
            };
            if lane.is_filtered {
                segment.chain = self.chain(&mut lane.trace);
                self.filtered.push(self.segments.len() as u32);
            }
            self.segments.push(segment);
            self.length += count as u32;
            lane.advance(count);
            done += count;
        }
        true
    }

    /// The chain of a lane, a new one if this is the lane's first segment in the batch.
    fn chain(&mut self, trace: &mut Trace) -> u32 {
        if trace.batch != self.batch {
            let from = if trace.batch + 1 == self.batch { trace.chain } else { NONE };
            *trace = Trace { batch: self.batch, chain: self.chains.len() as u32 };
            self.chains.push(Chain { first: 0, count: 0, from });
        }
        self.chains[trace.chain as usize].count += 1;
        trace.chain
    }

    /// Ends the batch: puts the links of each chain together.
    ///
    /// Realtime-safe: no (grows).
    pub fn finish(&mut self) {
        let mut first = 0;
        for chain in &mut self.chains {
            chain.first = first;
            first += chain.count;
            chain.count = 0;
        }
        self.links.resize(self.filtered.len(), 0);
        for &index in &self.filtered {
            let segment = &mut self.segments[index as usize];
            let chain = &mut self.chains[segment.chain as usize];
            segment.link = chain.first + chain.count;
            chain.count += 1;
            self.links[segment.link as usize] = index;
        }
    }
}

impl SoundFontSynth {
    /// Writes down what the next `frames` are, instead of rendering them; all else goes as in
    /// [`SoundFontSynth::render`]. A plan begins with a tick and is told whole ticks.
    ///
    /// Realtime-safe: no (the plan grows).
    pub fn plan(&mut self, frames: usize, plan: &mut Plan) {
        debug_assert!(frames % TICK == 0);
        for _ in 0..frames / TICK {
            plan.begin_tick();
            self.ensemble.plan = Some(std::mem::take(plan));
            self.run(TICK, |_, _, _| ());
            *plan = self.ensemble.plan.take().unwrap_or_default();
            plan.note_voices(self.ensemble.count());
        }
    }
}
