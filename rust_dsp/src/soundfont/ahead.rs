//! What is known ahead of its time, rendered ahead of its time: by another device, or by the CPU where that is late.
//!
//! A band knows what it will play a commit horizon ahead. Its player plans batches as soon as they are sure, someone
//! renders them, and at their time they are only copied. Whether a batch is there is asked once, when its first tick
//! is due: if it is not, the whole batch is rendered from its plan, tick by tick, and its late arrival is ignored. The
//! filters go on from wherever they are known: each rendered batch brings the integrators at its end.

use super::group::{Buses, Group, Task, LANES};
use super::kernel::Kernel;
use super::lane::{Course, Run, BUSES, FRACTION_BITS};
use super::plan::{Plan, Segment, NONE};
use super::voice::TICK;
use std::collections::VecDeque;

/// A filter's integrators.
pub type State = [f32; 2];

/// A batch as somebody rendered it.
#[derive(Clone, Debug, Default)]
pub struct Take {
    /// The four buses, one after the other, each as long as the batch.
    pub buses: Vec<f32>,
    /// The integrators at the end, a pair a chain.
    pub states: Vec<State>,
}

/// A batch on its way to being heard.
pub struct Batch {
    /// What it is.
    pub plan: Plan,
    take: Option<Take>,
    /// The integrators as the CPU has them, if it must.
    states: Vec<State>,
}

/// Batches in the order of time.
pub struct Ahead {
    kernel: Kernel,
    batches: VecDeque<Batch>,
    /// The number of the first of them.
    first: u64,
    /// Ticks of it that were played, and whether they were taken as they came.
    played: usize,
    is_taken: bool,
    /// The integrators at the end of the batch before.
    states: Vec<State>,
    buses: Box<Buses>,
    /// Batches that were played; memory is given back by who plans.
    spent: Vec<Batch>,
    late: u64,
}

impl Ahead {
    /// Nothing planned.
    ///
    /// Realtime-safe: no (allocates).
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            batches: VecDeque::new(),
            first: 0,
            played: 0,
            is_taken: false,
            states: Vec::new(),
            buses: Buses::new(),
            spent: Vec::new(),
            late: 0,
        }
    }

    /// Adds the next batch, finished; returns its number, which counts from nought.
    ///
    /// Realtime-safe: no (allocates and frees).
    pub fn push(&mut self, plan: Plan) -> u64 {
        self.spent.clear();
        let states = vec![[0.0; 2]; plan.chains.len()];
        self.batches.push_back(Batch { plan, take: None, states });
        self.spent.reserve(self.batches.len());
        self.first + self.batches.len() as u64 - 1
    }

    /// A batch was rendered. Says whether it is in time: its first tick was not played yet.
    ///
    /// Realtime-safe: no (may free).
    pub fn arrive(&mut self, number: u64, take: Take) -> bool {
        let begun = self.first + u64::from(self.played > 0);
        let is_in_time = number >= begun;
        if let Some(batch) = number.checked_sub(self.first).and_then(|n| self.batches.get_mut(n as usize)) {
            let fits = take.buses.len() == BUSES * TICK * batch.plan.ticks.len()
                && take.states.len() == batch.plan.chains.len();
            if is_in_time && fits {
                batch.take = Some(take);
                return true;
            }
        }
        false
    }

    /// Plays one tick to the four buses; says whether there was anything planned.
    ///
    /// Realtime-safe: yes.
    pub fn play(&mut self, pool: &[f32], out: [&mut [f32; TICK]; BUSES]) -> bool {
        let Some(batch) = self.batches.front_mut() else {
            for bus in out {
                bus.fill(0.0);
            }
            return false;
        };
        if self.played == 0 {
            self.is_taken = batch.take.is_some();
            self.late += u64::from(!self.is_taken);
            for (state, chain) in batch.states.iter_mut().zip(&batch.plan.chains) {
                let known = if chain.from == NONE { None } else { self.states.get(chain.from as usize) };
                *state = known.copied().unwrap_or_default();
            }
        }
        let (tick, ticks) = (self.played, batch.plan.ticks.len());
        if let Some(take) = batch.take.as_ref().filter(|_| self.is_taken) {
            for (bus, out) in out.into_iter().enumerate() {
                let first = (bus * ticks + tick) * TICK;
                out.copy_from_slice(&take.buses[first..first + TICK]);
            }
        } else {
            self.buses.clear(0..BUSES, TICK);
            render_tick(&batch.plan, tick, pool, &mut batch.states, &mut self.buses, self.kernel);
            for (bus, out) in out.into_iter().enumerate() {
                self.kernel.sum(&self.buses, bus, out);
            }
        }
        self.played += 1;
        if self.played == ticks {
            self.end_batch();
        }
        true
    }

    fn end_batch(&mut self) {
        if let Some(mut batch) = self.batches.pop_front() {
            match batch.take.as_mut().filter(|_| self.is_taken) {
                Some(take) => std::mem::swap(&mut self.states, &mut take.states),
                None => std::mem::swap(&mut self.states, &mut batch.states),
            }
            self.spent.push(batch);
        }
        self.first += 1;
        self.played = 0;
    }

    /// Ticks planned and not played yet.
    ///
    /// Realtime-safe: yes.
    pub fn planned(&self) -> usize {
        self.batches.iter().map(|batch| batch.plan.ticks.len()).sum::<usize>() - self.played
    }

    /// Batches that the CPU had to render.
    ///
    /// Realtime-safe: yes.
    pub fn late(&self) -> u64 {
        self.late
    }
}

/// Adds one tick of a plan to the buses.
///
/// Realtime-safe: yes.
pub fn render_tick(
    plan: &Plan,
    tick: usize,
    pool: &[f32],
    states: &mut [State],
    buses: &mut Buses,
    kernel: Kernel,
) {
    let first = plan.ticks.get(tick).map_or(plan.segments.len(), |&first| first as usize);
    let end = plan.ticks.get(tick + 1).map_or(plan.segments.len(), |&end| end as usize);
    let mut rest = &plan.segments[first..end];
    while let Some(&head) = rest.first() {
        let is_filtered = head.link != NONE;
        let alike = rest.iter().take(LANES).take_while(|segment| {
            (segment.first, segment.count) == (head.first, head.count)
                && (segment.link != NONE) == is_filtered
        });
        let (members, others) = rest.split_at(alike.count());
        rest = others;
        let (mut group, mut courses) = (Group::EMPTY, [Course::OPEN; LANES]);
        for (n, segment) in members.iter().enumerate() {
            group.place(n, run(segment));
            courses[n] = segment.course;
            if let Some(state) = states.get(segment.chain as usize) {
                courses[n].state = [state[0], state[1], 0.0, 0.0];
            }
        }
        let task = Task {
            first: head.first as usize,
            frames: head.count as usize,
            is_filtered,
            is_gliding: members.iter().any(|segment| segment.course.filter_slopes != [0.0; 4]),
            is_first: false,
            buses: BUSES,
        };
        kernel.render(&mut group, courses.each_ref(), pool, buses, &task);
        for (n, segment) in members.iter().enumerate() {
            if let Some(state) = states.get_mut(segment.chain as usize) {
                *state = [group.state[0][n], group.state[1][n]];
            }
        }
    }
}

/// Where a segment reads.
fn run(segment: &Segment) -> Run {
    let &Segment { base, fraction, step, count, .. } = segment;
    Run { base, fraction, step, reach: base + ((fraction + step * count) >> FRACTION_BITS) + 3 }
}
