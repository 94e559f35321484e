//! The experts: each gives a distribution for the event `step` ahead.

use super::habit::Habit;
use super::ladder::Ladder;
use super::maths::ln;
use super::places::{tally, with_escape};
use super::recall::Recall;
use super::session::Session;
use super::tables::Tables;
use super::token::{Row, CHORDS, WIDTH};

/// How many there are.
pub const EXPERTS: usize = 10;
/// The experts before this one, and the last, know nothing of the session.
pub const COLD: usize = 3;
/// The place of recall among them.
pub const RECALL: usize = 8;
/// Their names, in order.
pub const NAMES: [&str; EXPERTS] =
    ["interval", "degree", "chords", "match", "tolerant", "period", "transposed", "cache", "recall", "hold"];
/// No expert holds a chord less likely than this.
const FLOOR: f32 = 2e-5;

/// Logarithms of what each expert says.
pub type Opinions = [Row; EXPERTS];

/// Asks all of them. Returns how many contexts the static tables knew.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn ask(
    session: &Session,
    tables: &Tables,
    recall: &Recall,
    step: usize,
    opinions: &mut Opinions,
) -> [usize; 2] {
    let ([interval, degree, chords], known) = general(session, &tables.ladder, &tables.habit, step);
    let mut base = interval;
    for ((mine, other), third) in base.iter_mut().zip(&degree).zip(&chords) {
        *mine = (*mine + *other + *third) * (1.0 / COLD as f32);
    }
    let past = &session.past;
    let [_, soft, slow, moved] = session.strengths;
    opinions[0] = interval;
    opinions[1] = degree;
    opinions[2] = chords;
    let recalled = Recall::vote(recall.of(Recall::gate_of(session, step)), session, step).row(&base);
    // Where the longer contexts do not know, what is merely similar does.
    opinions[3] = with_escape(&tally(past, &session.exact, step), 3.0, &recalled);
    let votes = tally(past, &session.soft, step);
    opinions[4] = with_escape(&votes, 0.05 + (1.0 - soft).max(0.0).powi(2), &base);
    let votes = tally(past, &session.slow, step);
    let sure = (slow * slow).clamp(0.02, 0.98);
    opinions[5] = with_escape(&votes, votes.1.max(0.5) * (1.0 - sure) / sure, &base);
    let votes = tally(past, &session.moved, step);
    opinions[6] = with_escape(&votes, 0.1 + (1.0 - moved).max(0.0).powi(2) * 2.0, &base);
    let heard: f32 = session.cache.iter().sum();
    opinions[7] = with_escape(&(session.cache, heard), 8.0, &base);
    opinions[8] = recalled;
    opinions[9] = hold(session);
    for row in opinions.iter_mut() {
        take_logarithms(row);
    }
    known
}

#[inline(always)]
fn general(session: &Session, ladder: &Ladder, habit: &Habit, step: usize) -> ([Row; COLD], [usize; 2]) {
    let context = session.general();
    if ladder.is_empty() {
        return ([habit.predict(context, session.grid, step); COLD], [0, 0]);
    }
    let root = context.root();
    let (interval, known) = ladder.predict(&context.by_interval(step), root);
    let (degree, known_degree) = ladder.predict(&context.by_degree(step), root);
    let (chords, _) = ladder.predict(&context.by_chords(step), root);
    ([interval, degree, chords], [known, known_degree])
}

#[inline(always)]
fn hold(session: &Session) -> Row {
    let mut row = [0.02 / CHORDS as f32; WIDTH];
    let now = session.past.tokens().first().copied().unwrap_or(super::token::SILENCE);
    if (now as usize) < CHORDS {
        row[now as usize] += 0.98;
    }
    row
}

#[inline(always)]
fn take_logarithms(row: &mut Row) {
    for mass in &mut row[..CHORDS] {
        *mass = ln(*mass + FLOOR);
    }
    row[CHORDS..].fill(-12.0);
}
