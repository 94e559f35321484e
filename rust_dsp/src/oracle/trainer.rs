//! Training: counts all songs, then fits the gates on songs whose own counts were left out.

use super::calibration::{Calibration, Calibrator};
use super::chance::Chance;
use super::count::{profile_of, Counts};
use super::gate::{gate_of, Gate, COLD_GATE, GATES};
use super::grid::Grid;
use super::habit::Habit;
use super::kernel::Kernel;
use super::ladder::{Ladder, Parts};
use super::mixer::Outlook;
use super::practice::variant;
use super::profile::Profile;
use super::pupils::Pupils;
use super::recall::Recall;
use super::review::Review;
use super::song::Song;
use super::tables::{pack, Tables};
use std::sync::Arc;

/// Parts of the corpus, each played with tables that were counted on the others.
const FOLDS: u32 = 4;
/// Songs that are played side by side, so that neighbours in a batch differ.
const TOGETHER: usize = 16;

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The grid of the songs.
    pub grid: Grid,
    /// Where chance begins.
    pub seed: u64,
    /// Times through the corpus.
    pub epochs: usize,
    /// Contexts that say fewer nats more than their parents are left out.
    pub worth: f32,
}

/// Trains; returns packed tables. `say` hears of every epoch: bits an event, one gate after the other.
///
/// Realtime-safe: no.
pub fn train(songs: &[Song], plan: Plan, say: &mut dyn FnMut(usize, &[f64])) -> Vec<u8> {
    let profile = profile_of(songs);
    let tables: Vec<Arc<Tables>> = (0..FOLDS).map(|fold| fold_tables(songs, &profile, plan, fold)).collect();
    let mut chance = Chance::new(plan.seed);
    let mut pupils = Pupils::new(&mut chance);
    for epoch in 0..plan.epochs {
        let mut order: Vec<&Song> = songs.iter().filter(|song| song.tokens.len() > 8).collect();
        chance.shuffle(&mut order);
        let shrink = 1.0 - epoch as f32 / plan.epochs as f32;
        for group in order.chunks(TOGETHER) {
            play(group, plan.grid, &tables, &mut pupils, 2e-3 * shrink + 1e-4, &mut chance);
        }
        let bits = pupils.bits();
        say(epoch, &bits);
    }
    let learnt = pupils.finish();
    let folds: Vec<_> = tables.iter().map(|old| with(old, &learnt, Calibration::plain())).collect();
    let calibration = calibrate(songs, plan.grid, &folds, &mut chance);
    let parts = count(songs, plan, &profile, None);
    pack(plan.grid, &with(&folds[0], &learnt, calibration), &parts)
}

fn with(old: &Tables, learnt: &(Recall, Review, Vec<Gate>), calibration: Calibration) -> Arc<Tables> {
    let (recall, review, gates) = learnt.clone();
    Arc::new(Tables { recall, review, calibration, gates, ..old.clone() })
}

/// Plays all songs once more, as they will be played, and counts how often the likeliest chord comes.
fn calibrate(songs: &[Song], grid: Grid, folds: &[Arc<Tables>], chance: &mut Chance) -> Calibration {
    let mut calibrator = Calibrator::new();
    let mut outlook = Outlook::empty();
    for song in songs.iter().filter(|song| song.tokens.len() > 8) {
        let known = Arc::clone(&folds[(song.group % FOLDS) as usize]);
        let song = variant(song, grid, chance);
        let mut kernel = practising(grid, song.beats_per_bar, known);
        for (at, &now) in song.tokens.iter().enumerate() {
            lead_to(&mut kernel, &song, at);
            let (loss, general_loss) = (kernel.mixer().own_loss(), kernel.mixer().general_loss());
            for step in steps(chance) {
                let Some(&token) = song.tokens.get(at + step - 1).filter(|_| at > 0) else { break };
                kernel.outlook(step, &mut outlook);
                calibrator.count(gate_of(step), loss, &outlook.mixed, token);
            }
            kernel.outlook_cold(&mut outlook);
            calibrator.count(COLD_GATE, general_loss, &outlook.mixed, now);
            kernel.observe(song.heard(at));
        }
    }
    calibrator.finish()
}

/// A kernel whose probabilities stay as trained.
fn practising(grid: Grid, beats_per_bar: u8, known: Arc<Tables>) -> Kernel {
    let mut kernel = Kernel::new(grid, beats_per_bar, known);
    kernel.mixer_mut().practise();
    kernel
}

/// How far ahead to look: one step for each gate.
fn steps(chance: &mut Chance) -> [usize; 5] {
    [1, 2, 3 + chance.below(2), 5 + chance.below(4), 9 + chance.below(16)]
}

/// What passed since the last event, up to this one.
fn lead_to(kernel: &mut Kernel, song: &Song, event: usize) {
    kernel.set_meter(song.beats_per_bar, song.positions[event]);
    if event > 0 && !song.starts.is_empty() {
        kernel.elapse(song.beats_of(event - 1), song.bar);
    }
}

fn count(songs: &[Song], plan: Plan, profile: &Profile, without: Option<u32>) -> Parts {
    let mut counts = Counts::default();
    for song in songs.iter().filter(|song| without != Some(song.group % FOLDS)) {
        counts.add(song, plan.grid, profile);
    }
    counts.parts(plan.worth)
}

fn fold_tables(songs: &[Song], profile: &Profile, plan: Plan, fold: u32) -> Arc<Tables> {
    let ladder = Ladder::new(&count(songs, plan, profile, Some(fold))).unwrap_or_default();
    let gates = vec![Gate::plain(); GATES];
    let (habit, recall, review) = (Habit::ignorant(), Recall::plain(), Review::plain());
    let calibration = Calibration::plain();
    Arc::new(Tables { profile: profile.clone(), ladder, habit, recall, review, calibration, gates })
}

/// Songs are played side by side; the gates learn from every event, and from some further ahead.
fn play(
    group: &[&Song],
    grid: Grid,
    tables: &[Arc<Tables>],
    pupils: &mut Pupils,
    rate: f32,
    chance: &mut Chance,
) {
    let mut players: Vec<(Song, Kernel)> = group
        .iter()
        .map(|song| {
            let known = Arc::clone(&tables[(song.group % FOLDS) as usize]);
            (variant(song, grid, chance), practising(grid, song.beats_per_bar, known))
        })
        .collect();
    let longest = players.iter().map(|(song, _)| song.tokens.len()).max().unwrap_or(0);
    let mut outlook = Outlook::empty();
    for at in 0..longest {
        for (song, kernel) in &mut players {
            if at >= song.tokens.len() {
                continue;
            }
            lead_to(kernel, song, at);
            for step in steps(chance) {
                let Some(&token) = song.tokens.get(at + step - 1) else { break };
                pupils.learn(kernel, step, token, rate, &mut outlook);
            }
            pupils.learn_cold(kernel, song.tokens[at], rate, &mut outlook);
            kernel.observe(song.heard(at));
        }
    }
}
