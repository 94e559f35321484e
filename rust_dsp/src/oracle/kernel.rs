//! The oracle: learns one event at a time, foresees the next ones. Deterministic; its memory never grows.

use super::experts;
use super::grid::Grid;
use super::mixer::{Mixer, Outlook};
use super::pool::leader;
use super::profile::Profile;
use super::recall::{self, Recall};
use super::session::Session;
use super::tables::Tables;
use super::token::{Row, GAP, SILENCE};
use super::wide::widely;
use std::sync::Arc;

/// The furthest that is foreseen, in events.
pub const MOST_STEPS: usize = 64;

/// The oracle.
#[derive(Clone, Debug)]
pub struct Kernel {
    tables: Arc<Tables>,
    recall: Recall,
    session: Session,
    mixer: Mixer,
    /// The next event's outlook.
    next: Outlook,
    /// Whether `next` is about the present, and not yet to be made.
    is_ready: bool,
    /// What was likeliest to whoever knows nothing of the session, and how likely, if they were asked.
    cold: Option<(usize, f32)>,
}

impl Kernel {
    /// An oracle that has heard nothing.
    ///
    /// Realtime-safe: no.
    pub fn new(grid: Grid, beats_per_bar: u8, tables: Arc<Tables>) -> Self {
        let session = Session::new(grid, beats_per_bar);
        let recall = tables.recall.clone();
        Self {
            tables,
            recall,
            session,
            mixer: Mixer::new(),
            next: Outlook::empty(),
            is_ready: false,
            cold: None,
        }
    }

    /// Hears with other numbers of recall than the tables': in training they are not final.
    ///
    /// Realtime-safe: yes.
    pub fn set_recall(&mut self, gate: usize, numbers: &[f32]) {
        self.recall.numbers[gate * recall::NUMBERS..(gate + 1) * recall::NUMBERS].copy_from_slice(numbers);
    }

    /// What was heard.
    ///
    /// Realtime-safe: yes.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How the experts have done.
    ///
    /// Realtime-safe: yes.
    pub fn mixer(&self) -> &Mixer {
        &self.mixer
    }

    /// The same, to be put back.
    ///
    /// Realtime-safe: yes.
    pub fn mixer_mut(&mut self) -> &mut Mixer {
        self.is_ready = false;
        &mut self.mixer
    }

    /// The next event stands at `position` of a bar of `beats_per_bar` events.
    ///
    /// Realtime-safe: yes.
    pub fn set_meter(&mut self, beats_per_bar: u8, position: u8) {
        let context = &mut self.session.context;
        context.beats_per_bar = beats_per_bar.max(1);
        context.position = position % context.beats_per_bar;
        self.is_ready = false;
    }

    /// The next event is `token`.
    ///
    /// Realtime-safe: yes.
    pub fn observe(&mut self, token: u8) {
        self.make_ready();
        let cold = self.cold.take();
        learn(&mut self.mixer, &mut self.session, &self.next, cold, token, &self.tables.profile);
        self.is_ready = false;
    }

    /// So many beats of bars so long passed since the last event began, on these chords; now the next event begins.
    ///
    /// Realtime-safe: yes.
    pub fn elapse(&mut self, beats: &[u8], bar: u8) {
        self.session.elapse(beats, bar, &self.tables.profile);
        self.is_ready = false;
    }

    /// The next event is in this bar of the song.
    ///
    /// Realtime-safe: yes.
    pub fn set_bar(&mut self, bar: u32) {
        self.session.context.bar = bar;
        self.is_ready = false;
    }

    /// Forgets everything that was heard.
    ///
    /// Realtime-safe: no.
    pub fn forget(&mut self) {
        self.session = Session::new(self.session.grid, self.session.context.beats_per_bar);
        self.mixer = Mixer::new();
        self.is_ready = false;
        self.cold = None;
    }

    /// Another song begins. What was heard stays known.
    ///
    /// Realtime-safe: yes.
    pub fn end_song(&mut self) {
        self.session.end_song();
        self.is_ready = false;
    }

    /// Takes over what was heard in earlier sessions, oldest first, songs parted by `GAP`, with the beats that passed
    /// after each event; learns no new trust.
    ///
    /// Realtime-safe: no.
    pub fn remember(&mut self, song: &[u8], lengths: &[u32], beats: &[u8], bar: u8) {
        let mut rest = beats;
        for (at, &token) in song.iter().enumerate() {
            if token == GAP {
                self.session.end_song();
                continue;
            }
            self.session.observe(token, &self.tables.profile);
            let (passed, later) =
                rest.split_at(lengths.get(at).map_or(0, |&count| count as usize).min(rest.len()));
            if !passed.is_empty() {
                self.session.elapse(passed, bar, &self.tables.profile);
            }
            rest = later;
        }
        self.is_ready = false;
    }

    /// Distributions over the next events, the nearest first, as many as `rows`.
    ///
    /// Realtime-safe: yes.
    pub fn foresee(&mut self, rows: &mut [Row]) {
        self.make_ready();
        let Some((first, further)) = rows.split_first_mut() else { return };
        *first = self.next.mixed;
        if further.is_empty() {
            return;
        }
        let mut outlook = Outlook::empty();
        for (row, step) in further.iter_mut().zip(2..=MOST_STEPS) {
            look(&self.tables, &self.recall, &self.session, &self.mixer, step, &mut outlook);
            *row = outlook.mixed;
        }
    }

    /// What the experts say and the gate sees, `step` events ahead.
    ///
    /// Realtime-safe: yes.
    pub fn outlook(&mut self, step: usize, outlook: &mut Outlook) {
        self.make_ready();
        look(&self.tables, &self.recall, &self.session, &self.mixer, step, outlook);
    }

    /// What the trained tables alone say of the next event, whatever this session has taught.
    ///
    /// Realtime-safe: yes.
    pub fn foresee_cold(&mut self) -> Row {
        let mut outlook = Outlook::empty();
        self.outlook_cold(&mut outlook);
        outlook.mixed
    }

    /// The same, with what led to it.
    ///
    /// Realtime-safe: yes.
    pub fn outlook_cold(&mut self, outlook: &mut Outlook) {
        let tables = &*self.tables;
        let known = experts::ask(&self.session, tables, &self.recall, 1, &mut outlook.opinions);
        self.mixer.look_cold(tables, &self.session, known, outlook);
        let top = leader(&outlook.mixed);
        // How a piece begins says nothing of how it goes on.
        let has_begun = self.session.context.recent[0].0 < SILENCE;
        self.cold = has_begun.then_some((top, outlook.mixed[top]));
    }

    fn make_ready(&mut self) {
        if self.is_ready {
            return;
        }
        prepare(&mut self.session);
        // Into its place at once: an outlook is large.
        let Self { tables, recall, session, mixer, next, .. } = self;
        look(tables, recall, session, mixer, 1, next);
        self.is_ready = true;
    }

    /// Becomes a copy of `other`.
    ///
    /// Realtime-safe: yes.
    pub fn copy_from(&mut self, other: &Self) {
        self.tables = Arc::clone(&other.tables);
        self.recall.numbers.copy_from_slice(&other.recall.numbers);
        self.session.copy_from(&other.session);
        self.mixer.clone_from(&other.mixer);
        self.next.clone_from(&other.next);
        self.is_ready = other.is_ready;
        self.cold = other.cold;
    }
}

/// What is expected `step` events ahead: all experts are asked, weighed and mixed.
#[inline(always)]
fn look_plainly(
    tables: &Tables,
    recall: &Recall,
    session: &Session,
    mixer: &Mixer,
    step: usize,
    outlook: &mut Outlook,
) {
    let known = experts::ask(session, tables, recall, step, &mut outlook.opinions);
    mixer.look(session, known, step, outlook);
    mixer.mix(tables, session, step, outlook);
}

widely! {
    fn look(tables: &Tables, recall: &Recall, session: &Session, mixer: &Mixer, step: usize, outlook: &mut Outlook)
    does look_plainly
}

/// `token` came where `expected` was, and `cold` where nothing is known of the session.
#[inline(always)]
fn learn_plainly(
    mixer: &mut Mixer,
    session: &mut Session,
    expected: &Outlook,
    cold: Option<(usize, f32)>,
    token: u8,
    profile: &Profile,
) {
    mixer.judge(expected, cold, token);
    session.observe(token, profile);
}

widely! {
    fn learn(
        mixer: &mut Mixer,
        session: &mut Session,
        expected: &Outlook,
        cold: Option<(usize, f32)>,
        token: u8,
        profile: &Profile,
    ) does learn_plainly
}

widely! { fn prepare(session: &mut Session) does Session::prepare }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_registers_give_the_same_bits() {
        let mut tables = Tables::untrained(None).unwrap();
        for (at, number) in tables.review.numbers.iter_mut().enumerate() {
            *number = ((at * 37 % 101) as f32 - 50.0) * 0.003;
        }
        let mut kernel = Kernel::new(Grid::Beats, 4, Arc::new(tables));
        let (mut wide, mut plain) = (Outlook::empty(), Outlook::empty());
        for at in 0..200 {
            kernel.outlook(1 + at % 9, &mut wide);
            let Kernel { tables, recall, session, mixer, .. } = &kernel;
            look_plainly(tables, recall, session, mixer, 1 + at % 9, &mut plain);
            assert_eq!(wide.mixed.map(f32::to_bits), plain.mixed.map(f32::to_bits), "event {at}");
            kernel.observe([0u8, 0, 35, 49, 49, 1, 14, 84][(at * at / 7) % 8]);
        }
    }
}
