//! Laws of the oracle where events are no beats: beats that passed are known, kept and bounded; and who has a say.

mod kernels;

use kernels::{foreseen, fresh, likeliest, untrained};
use proptest::prelude::*;
use sideman_dsp::oracle::chance::Chance;
use sideman_dsp::oracle::experts::EXPERTS;
use sideman_dsp::oracle::gate::{Gate, COLD_GATE, HIDDEN};
use sideman_dsp::oracle::grid::Grid;
use sideman_dsp::oracle::kernel::Kernel;
use sideman_dsp::oracle::memory::{load, merge, save};
use sideman_dsp::oracle::session::CAPACITY;
use sideman_dsp::oracle::token::{CHORDS, GAP};
use std::sync::Arc;

#[test]
fn a_long_set_of_changes_and_their_beats_takes_no_more_memory_either() {
    let mut kernel = fresh(Grid::Changes);
    let mut chance = Chance::new(3);
    for _ in 0..CAPACITY + 1_000 {
        let token = chance.below(8) as u8 * 7;
        kernel.observe(token);
        kernel.elapse(&[token; 4][..=chance.below(4)], 4);
    }
    assert_eq!(kernel.session().past.len(), CAPACITY);
    assert_eq!(kernel.session().timeline.tokens().len(), CAPACITY);
    assert!(save(&kernel).len() < 6 * CAPACITY + 512);
    let mut other = fresh(Grid::Changes);
    load(&mut other, &save(&kernel)).unwrap();
    assert_eq!(save(&other), save(&kernel));
    assert!((foreseen(&mut kernel, 8)[7].iter().sum::<f32>() - 1.0).abs() < 1e-4);
}

#[test]
fn how_long_chords_last_tells_two_places_apart() {
    // The same two chords lead on to another one when they are held.
    let phrase = [(0u8, 2usize), (35, 2), (49, 4), (0, 4), (35, 4), (14, 4)];
    let mut kernel = fresh(Grid::Changes);
    let mut right = 0;
    for turn in 0..6 {
        for (token, beats) in phrase {
            right += usize::from(turn >= 3 && likeliest(&foreseen(&mut kernel, 1)[0]) == token);
            kernel.observe(token);
            kernel.elapse(&[token; 4][..beats], 4);
        }
    }
    assert_eq!(right, 18);
}

#[test]
fn who_foretells_cold_does_not_care_what_the_session_taught() {
    // Two pasts with the same last chords; one of them has heard what follows these.
    let last = [0u8, 35, 49, 1, 36, 14, 8, 50, 29];
    // A gate that looks at everything, but for how well the experts did.
    let (mut tables, mut chance) = (untrained(), Chance::new(2));
    let gate = &mut tables.gates[COLD_GATE].numbers;
    for (at, number) in gate.iter_mut().enumerate() {
        let losses = EXPERTS..2 * EXPERTS;
        *number = if losses.contains(&(at / HIDDEN)) { 0.0 } else { chance.share() - 0.5 };
    }
    let tables = Arc::new(tables);
    let mut taught = Kernel::new(Grid::Beats, 4, Arc::clone(&tables));
    let mut other = Kernel::new(Grid::Beats, 4, tables);
    for turn in 0..3 {
        for place in 0..32u8 {
            taught.observe(if place < 9 { last[place as usize] } else { 7 * (place % 5) });
            other.observe((place * 5 + turn) % CHORDS as u8);
        }
    }
    for token in last {
        taught.observe(token);
        other.observe(token);
    }
    foreseen(&mut taught, 1);
    let apart: f32 =
        taught.foresee_cold().iter().zip(&other.foresee_cold()).map(|(a, b)| (a - b).abs()).sum();
    assert!(apart < 1e-3, "{apart}");
}

#[test]
fn who_foretells_cold_learns_from_the_piece_how_far_to_be_trusted() {
    // A gate that believes in chords which stay; they change all the time.
    let mut tables = untrained();
    tables.gates[COLD_GATE].numbers[Gate::BIAS + EXPERTS - 1] = 1.0;
    let tables = Arc::new(tables);
    let mut judged = Kernel::new(Grid::Beats, 4, Arc::clone(&tables));
    let mut unasked = Kernel::new(Grid::Beats, 4, tables);
    let mut chance = Chance::new(9);
    for _ in 0..200 {
        let token = chance.below(CHORDS) as u8;
        judged.foresee_cold();
        judged.observe(token);
        unasked.observe(token);
    }
    let most = |kernel: &mut Kernel| kernel.foresee_cold().iter().copied().fold(0.0, f32::max);
    let (judged, unasked) = (most(&mut judged), most(&mut unasked));
    assert!(judged < 0.7 * unasked, "{judged} and {unasked}");
}

#[test]
fn an_expert_that_is_left_out_has_no_say() {
    let mut kernel = fresh(Grid::Beats);
    for place in 0..40usize {
        kernel.observe([0, 35, 49, 1][place % 4]);
    }
    let before = foreseen(&mut kernel, 1);
    for expert in 0..EXPERTS {
        kernel.mixer_mut().leave_out(expert);
    }
    let after = foreseen(&mut kernel, 1);
    assert!(before[0][0] > 0.8 && after[0][0] < 0.1, "{} then {}", before[0][0], after[0][0]);
}

/// The same where each event takes some beats, and in between nobody counts them.
fn heard_in_time(grid: Grid, tokens: &[u8]) -> Kernel {
    let mut kernel = fresh(grid);
    for (at, &token) in tokens.iter().enumerate() {
        if token as usize >= CHORDS {
            kernel.end_song();
            continue;
        }
        kernel.observe(token);
        kernel.elapse(&[token; 5][..(at * 7 + token as usize) % 6], 4);
        if grid == Grid::Changes {
            kernel.set_meter(4, (at % 4) as u8);
        }
    }
    kernel
}

fn music() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![20 => 0..CHORDS as u8, 1 => Just(GAP)], 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_memory_of_events_and_beats_put_back_is_the_same_memory(tokens in music(), others in music()) {
        for grid in [Grid::Changes, Grid::Bars] {
            let mut kernel = heard_in_time(grid, &tokens);
            let saved = save(&kernel);
            let mut other = heard_in_time(grid, &others);
            load(&mut other, &saved).unwrap();
            prop_assert_eq!(foreseen(&mut kernel, 4), foreseen(&mut other, 4));
            prop_assert_eq!(save(&other), saved);
        }
    }

    #[test]
    fn memories_with_beats_are_merged_once(one in music(), two in music()) {
        let (mut kernel, other) = (heard_in_time(Grid::Changes, &one), heard_in_time(Grid::Changes, &two));
        let before = save(&kernel);
        merge(&mut kernel, &before).unwrap();
        prop_assert_eq!(save(&kernel), before);
        merge(&mut kernel, &save(&other)).unwrap();
        let merged = save(&kernel);
        merge(&mut kernel, &save(&other)).unwrap();
        prop_assert_eq!(save(&kernel), merged);
    }

    #[test]
    fn what_comes_changes_no_past_prediction(past in music(), one in music(), two in music()) {
        for grid in [Grid::Changes, Grid::Bars] {
            let told = |future: &[u8]| {
                let (mut kernel, mut rows) = (fresh(grid), Vec::new());
                for &token in past.iter().chain(future).filter(|&&token| (token as usize) < CHORDS) {
                    rows.push(foreseen(&mut kernel, 2));
                    kernel.observe(token);
                    kernel.elapse(&[token; 4][..=token as usize % 4], 4);
                }
                rows
            };
            let heard = past.iter().filter(|&&token| (token as usize) < CHORDS).count();
            prop_assert_eq!(&told(&one)[..heard], &told(&two)[..heard]);
        }
    }
}
