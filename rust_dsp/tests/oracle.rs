//! Laws of the oracle: it learns loops, forgets nothing it should keep, keeps nothing it should forget, and survives bytes.

mod kernels;

use kernels::{foreseen, fresh, likeliest};
use proptest::prelude::*;
use sideman_dsp::oracle::chance::Chance;
use sideman_dsp::oracle::grid::Grid;
use sideman_dsp::oracle::kernel::Kernel;
use sideman_dsp::oracle::memory::{load, merge, save};
use sideman_dsp::oracle::session::CAPACITY;
use sideman_dsp::oracle::song::Song;
use sideman_dsp::oracle::tables::Tables;
use sideman_dsp::oracle::token::{CHORDS, GAP};
use sideman_dsp::oracle::trainer::{train, Plan};

/// The share of beats foreseen from the third pass on.
fn share_foreseen(song: &[u8], passes: usize, strange: f32, chance: &mut Chance) -> f32 {
    let mut kernel = fresh(Grid::Beats);
    let (mut right, mut asked) = (0, 0);
    for pass in 0..passes {
        for bar in song.chunks(4) {
            let other = (chance.share() < strange).then(|| chance.below(CHORDS - 1) as u8);
            for &token in bar {
                let token = other.unwrap_or(token);
                let guess = likeliest(&foreseen(&mut kernel, 1)[0]);
                asked += usize::from(pass >= 2);
                right += usize::from(pass >= 2 && guess == token);
                kernel.observe(token);
            }
        }
    }
    right as f32 / asked as f32
}

fn random_song(bars: usize, chance: &mut Chance) -> Vec<u8> {
    let palette: Vec<u8> = (0..6).map(|_| chance.below(CHORDS - 1) as u8).collect();
    (0..bars).flat_map(|_| [palette[chance.below(6)]; 4]).collect()
}

fn simulated(bars: usize, strange: f32) -> f32 {
    let mut chance = Chance::new(7 + bars as u64);
    let songs = 20;
    (0..songs).map(|_| share_foreseen(&random_song(bars, &mut chance), 6, strange, &mut chance)).sum::<f32>()
        / songs as f32
}

#[test]
fn exact_loops_are_known_from_the_third_pass_on() {
    for bars in [4, 8, 12] {
        let share = simulated(bars, 0.0);
        assert!(share >= 0.995, "{bars} bars: {share}");
    }
}

#[test]
fn strange_bars_do_not_break_a_loop() {
    for bars in [8, 12] {
        let (some, many) = (simulated(bars, 0.05), simulated(bars, 0.15));
        assert!(some >= 0.88, "{bars} bars: {some}");
        assert!(many >= 0.72, "{bars} bars: {many}");
    }
}

#[test]
fn a_very_long_set_takes_no_more_memory_than_a_long_one() {
    let mut kernel = fresh(Grid::Beats);
    let mut chance = Chance::new(3);
    for _ in 0..CAPACITY + 7_000 {
        kernel.observe(chance.below(8) as u8 * 7);
    }
    assert_eq!(kernel.session().past.len(), CAPACITY);
    assert!(save(&kernel).len() < CAPACITY + 256);
    assert!((foreseen(&mut kernel, 8)[7].iter().sum::<f32>() - 1.0).abs() < 1e-4);
}

#[test]
fn a_second_song_is_not_a_new_one_to_who_remembers_it() {
    let mut chance = Chance::new(11);
    let song = random_song(16, &mut chance);
    let hear = |kernel: &mut Kernel| {
        let mut right = 0;
        for &token in &song {
            right += usize::from(likeliest(&foreseen(kernel, 1)[0]) == token);
            kernel.observe(token);
        }
        right
    };
    let mut kernel = fresh(Grid::Beats);
    let first = hear(&mut kernel);
    let mut other = fresh(Grid::Beats);
    load(&mut other, &save(&kernel)).unwrap();
    other.end_song();
    let second = hear(&mut other);
    assert!(
        second > first && second as f32 >= 0.9 * song.len() as f32,
        "{first} then {second} of {}",
        song.len()
    );
}

#[test]
fn training_is_the_same_twice_and_what_it_makes_can_be_read() {
    let mut chance = Chance::new(5);
    let songs: Vec<Song> = (0..12)
        .map(|group| {
            let tokens = random_song(24, &mut chance);
            let positions = (0..tokens.len()).map(|at| (at % 4) as u8).collect();
            Song { tokens, positions, beats_per_bar: 4, bar: 4, key: Some(0), group, ..Song::default() }
        })
        .collect();
    let plan = Plan { grid: Grid::Beats, seed: 1, epochs: 1, worth: 1.0 };
    let once = train(&songs, plan, &mut |_, _| {});
    assert_eq!(once, train(&songs, plan, &mut |_, _| {}));
    assert!(Tables::unpack(&once, Grid::Beats).is_ok());
    assert!(Tables::unpack(&once, Grid::Bars).is_err());
}

fn heard(grid: Grid, tokens: &[u8]) -> Kernel {
    let mut kernel = fresh(grid);
    for &token in tokens {
        if token as usize >= CHORDS {
            kernel.end_song();
        } else {
            kernel.observe(token);
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
    fn whatever_was_heard_expectations_are_distributions(tokens in music(), steps in 1usize..=64) {
        for grid in [Grid::Beats, Grid::Changes, Grid::Bars] {
            let mut kernel = heard(grid, &tokens);
            for row in foreseen(&mut kernel, steps) {
                prop_assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-4);
                prop_assert!(row.iter().all(|mass| (0.0..=1.0001).contains(mass)));
            }
        }
    }

    #[test]
    fn looking_ahead_changes_nothing(tokens in music(), steps in 1usize..=32) {
        let (mut quiet, mut curious) = (fresh(Grid::Beats), fresh(Grid::Beats));
        let mut scratch = fresh(Grid::Beats);
        for &token in tokens.iter().filter(|&&token| (token as usize) < CHORDS) {
            foreseen(&mut curious, steps);
            scratch.copy_from(&curious);
            scratch.observe(3);
            quiet.observe(token);
            curious.observe(token);
        }
        prop_assert_eq!(foreseen(&mut quiet, 2), foreseen(&mut curious, 2));
        prop_assert_eq!(save(&quiet), save(&curious));
    }

    #[test]
    fn a_memory_put_back_is_the_same_memory(tokens in music()) {
        let mut kernel = heard(Grid::Beats, &tokens);
        let saved = save(&kernel);
        let mut other = heard(Grid::Beats, &[1, 2, 3]);
        load(&mut other, &saved).unwrap();
        prop_assert_eq!(foreseen(&mut kernel, 4), foreseen(&mut other, 4));
        prop_assert_eq!(save(&other), saved);
    }

    #[test]
    fn merging_twice_is_merging_once_and_merging_oneself_is_nothing(one in music(), two in music()) {
        let (mut kernel, other) = (heard(Grid::Beats, &one), heard(Grid::Beats, &two));
        let before = save(&kernel);
        merge(&mut kernel, &before).unwrap();
        prop_assert_eq!(save(&kernel), before);
        merge(&mut kernel, &save(&other)).unwrap();
        let merged = save(&kernel);
        merge(&mut kernel, &save(&other)).unwrap();
        prop_assert_eq!(save(&kernel), merged);
    }

    #[test]
    fn bytes_that_are_no_memory_are_refused(noise in prop::collection::vec(any::<u8>(), 0..400), at in 0usize..200) {
        let mut kernel = heard(Grid::Beats, &[1, 2, 3, 4, 5, 6]);
        let before = save(&kernel);
        prop_assert!(load(&mut kernel, &noise).is_err());
        prop_assert!(merge(&mut kernel, &noise).is_err());
        prop_assert!(Tables::unpack(&noise, Grid::Beats).is_err());
        let mut damaged = before.clone();
        let place = at % damaged.len();
        damaged[place] ^= 0x41;
        prop_assert!(load(&mut kernel, &damaged).is_err());
        prop_assert!(load(&mut kernel, &before[..place]).is_err());
        prop_assert_eq!(save(&kernel), before);
    }
}
