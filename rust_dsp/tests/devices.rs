//! Laws of the supervisor: the music outlives every device. A fake machine, and a clock that only the test moves.

mod machine;

use machine::{card, Card, Stage, NULL};
use proptest::prelude::*;
use sideman_dsp::event::{Event, Kind};
use sideman_dsp::seat::Loss;
use sideman_dsp::standing::Place;

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Frames of silence at the start.
fn silence(samples: &[f32]) -> usize {
    samples.iter().take_while(|sample| **sample == 0.0).count()
}

#[test]
fn the_music_goes_on_without_the_device_and_is_back_within_two_seconds_of_its_return() {
    for (loss, away) in [(Some(Loss::Gone), 300), (Some(Loss::Gone), 30_000), (None, 5_000), (None, 700)] {
        let mut stage = Stage::new(vec![card("usb", 48_000, 128)]);
        stage.pass_millis(8_000);
        assert!(stage.is_on("usb") && peak(&stage.heard("usb")) > 0.01);
        stage.unplug("usb", loss);
        stage.pass_millis(away);
        if away > 600 {
            let standing = stage.board.read();
            assert_eq!((standing.place, standing.losses), (Place::Waiting, 1));
            assert!(standing.trouble.contains("the audio device"), "{}", standing.trouble);
            assert_eq!(stage.open_lines(), [NULL]);
        }
        let frames = stage.meters.frames.get();
        stage.plug("usb");
        stage.pass_millis(2_000);
        assert!(stage.is_on("usb"), "{loss:?} for {away} ms");
        assert!(peak(&stage.heard("usb")) > 0.01);
        assert_eq!(stage.open_lines(), ["usb"]);
        assert!(stage.meters.frames.get() - frames > 48_000, "the music stood still");
        assert_eq!(stage.meters.voices.get(), 3);
    }
}

#[test]
fn what_comes_back_fades_in_over_ten_milliseconds() {
    let mut stage = Stage::new(vec![card("usb", 48_000, 128)]);
    stage.pass_millis(6_000);
    let before = peak(&stage.heard("usb")[96_000..]);
    stage.unplug("usb", Some(Loss::Gone));
    stage.pass_millis(1_000);
    stage.plug("usb");
    stage.pass_millis(3_000);
    let heard = stage.heard("usb");
    let start = silence(&heard);
    // The ramp bounds every sample: n frames in, n/480 of the level before.
    for (n, sample) in heard[start..start + 480].iter().enumerate() {
        assert!(sample.abs() <= 1.2 * before * (n + 2) as f32 / 480.0, "frame {n}: {sample}");
    }
    assert!(peak(&heard[start + 480..]) > 0.5 * before);
}

#[test]
fn another_default_device_takes_over_after_a_fade_and_the_music_keeps_its_voices() {
    let headset = Card { is_there: false, ..card("headset", 48_000, 256) };
    let mut stage = Stage::new(vec![headset, card("speakers", 48_000, 128)]);
    stage.pass_millis(4_000);
    assert!(stage.is_on("speakers"));
    stage.plug("headset");
    stage.pass_millis(1_500);
    assert!(stage.is_on("headset"));
    assert_eq!(stage.open_lines(), ["headset"]);
    let left = stage.heard("speakers");
    assert_eq!(peak(&left[left.len() - 64..]), 0.0);
    let jumps = left.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(jumps < 0.1, "{jumps}");
    assert_eq!((stage.board.read().losses, stage.meters.voices.get()), (0, 3));
}

#[test]
fn a_device_at_another_rate_makes_the_engine_run_at_that_rate() {
    let mut stage = Stage::new(vec![card("studio", 48_000, 128), card("cinema", 44_100, 1_024)]);
    stage.pass_millis(6_000);
    stage.unplug("studio", Some(Loss::Gone));
    stage.pass_millis(500);
    assert!(stage.is_on("cinema"));
    stage.pass_millis(2_000);
    let opened = stage.board.read().opened;
    assert_eq!((opened.rate, opened.frames), (44_100, 1_024));
    // The third of the chord is found at its own frequency in what the device heard.
    let heard = stage.heard("cinema");
    let strength = |hz: f64| {
        let step = std::f64::consts::TAU * hz / 44_100.0;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in heard[44_100..88_200].iter().enumerate() {
            re += f64::from(*sample) * (step * n as f64).cos();
            im += f64::from(*sample) * (step * n as f64).sin();
        }
        re.hypot(im)
    };
    assert!(strength(329.628) > 20.0 * strength(329.628 * 44_100.0 / 48_000.0));
    assert_eq!(stage.meters.voices.get(), 3);
}

#[test]
fn a_device_that_opens_but_never_asks_for_sound_does_not_hold_the_music_up() {
    let mut stage = Stage::new(vec![card("deaf", 48_000, 128)]);
    stage.unplug("deaf", Some(Loss::Gone));
    stage.fake.with(|machine| machine.cards[0].asks = false);
    stage.plug("deaf");
    let frames = stage.meters.frames.get();
    stage.pass_millis(10_000);
    let standing = stage.board.read();
    assert_eq!(standing.place, Place::Waiting);
    assert!(standing.trouble.contains("does not ask for sound"), "{}", standing.trouble);
    assert!(stage.meters.frames.get() - frames > 9 * 48_000);
    stage.fake.with(|machine| machine.cards[0].asks = true);
    stage.pass_millis(4_000);
    assert!(stage.is_on("deaf"));
}

#[test]
fn a_device_that_plays_with_no_block_but_its_own_is_opened_with_its_own_within_two_seconds() {
    let mut stage = Stage::new(vec![card("fussy", 48_000, 128)]);
    stage.pass_millis(6_000);
    stage.unplug("fussy", Some(Loss::Gone));
    stage.pass_millis(500);
    stage.fake.with(|machine| machine.cards[0].is_fussy = true);
    stage.plug("fussy");
    let frames = stage.meters.frames.get();
    stage.pass_millis(2_000);
    assert!(stage.is_on("fussy"));
    assert_eq!(stage.board.read().losses, 1);
    assert!(stage.meters.frames.get() - frames > 48_000, "the music stood still");
    // At the start nobody could know: it is found out there, too.
    let mut stage = Stage::new(vec![Card { is_fussy: true, ..card("fussy", 48_000, 128) }]);
    stage.pass_millis(3_000);
    assert!(stage.is_on("fussy"));
}

#[test]
fn a_machine_without_devices_is_asked_no_more_than_twice_a_second() {
    let mut stage = Stage::new(vec![card("usb", 48_000, 128)]);
    stage.unplug("usb", Some(Loss::Gone));
    stage.pass_millis(60_000);
    let opens = stage.fake.with(|machine| machine.opens);
    assert!((60..=85).contains(&opens), "{opens}");
}

#[test]
fn a_patient_start_without_a_device_plays_on_and_is_heard_when_one_comes() {
    let mut stage = Stage::new(vec![Card { is_there: false, ..card("usb", 96_000, 64) }]);
    assert_eq!(stage.board.read().trouble, "there is no device");
    stage.pass_millis(3_000);
    assert_eq!(stage.meters.voices.get(), 3);
    stage.plug("usb");
    stage.pass_millis(2_000);
    assert!(stage.is_on("usb") && peak(&stage.heard("usb")) > 0.01);
}

#[derive(Clone, Debug)]
enum Fate {
    Unplug(usize, bool),
    Plug(usize),
    Reformat(usize),
    Deafen(usize, bool),
    Pass(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        (0usize..3, any::<bool>()).prop_map(|(n, is_told)| Fate::Unplug(n, is_told)),
        (0usize..3).prop_map(Fate::Plug),
        (0usize..3).prop_map(Fate::Reformat),
        (0usize..3, any::<bool>()).prop_map(|(n, asks)| Fate::Deafen(n, asks)),
        (50u64..4_000).prop_map(Fate::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_becomes_of_the_devices_the_music_never_stands_still_and_comes_back(
        fates in prop::collection::vec(fate(), 1..14),
    ) {
        let ids = ["one", "two", "three"];
        let mut stage =
            Stage::new(vec![card("one", 48_000, 128), card("two", 44_100, 480), card("three", 96_000, 4_096)]);
        for fate in fates {
            match fate {
                Fate::Unplug(n, is_told) => stage.unplug(ids[n], is_told.then_some(Loss::Gone)),
                Fate::Plug(n) => stage.plug(ids[n]),
                Fate::Reformat(n) => stage.fake.with(|machine| {
                    let lines = machine.lines.iter().filter(|line| line.id == ids[n]);
                    lines.for_each(|line| line.seat.set_lost(Loss::Changed));
                }),
                Fate::Deafen(n, asks) => stage.fake.with(|machine| machine.cards[n].asks = asks),
                Fate::Pass(millis) => {
                    let before = stage.meters.frames.get();
                    stage.pass_millis(millis);
                    // A device that opens may stay deaf for three seconds; the music waits for it no longer than that.
                    let played = stage.meters.frames.get() - before;
                    prop_assert!(millis < 3_700 || played > 0);
                }
            }
            prop_assert!(stage.open_lines().len() <= 2);
        }
        for id in ids {
            stage.plug(id);
        }
        stage.fake.with(|machine| machine.cards.iter_mut().for_each(|card| card.asks = true));
        stage.pass_millis(5_500);
        prop_assert!(stage.board.read().place == Place::Device, "{:?}", stage.board.read());
        prop_assert_eq!(stage.open_lines().len(), 1);
        let at = 0;
        stage.sender.send(Event::new(at, Kind::Panic, 0, 0, 0));
        stage.pass_millis(200);
        prop_assert_eq!(stage.meters.voices.get(), 0);
    }
}
