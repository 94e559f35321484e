//! Laws of the engine: what holds for every instrument, every event stream and every callback size.

use proptest::prelude::*;
use sideman_dsp::event::{Event, Kind};
use sideman_dsp::instrument::INSTRUMENT_COUNT;
use sideman_dsp::limiter::CEILING;
use sideman_dsp::param::{global_id, part_id, GlobalParameter, PartParameter};
use sideman_dsp::processor::Processor;
use sideman_dsp::render::{render, RenderOptions};

const RATE: u32 = 48_000;

/// A bar of the whole band, with pedals, bends, a change of instrument and every effect.
fn phrase() -> Vec<Event> {
    let mut events = vec![
        Event::new(60_000, Kind::Instrument, 0, 7, 0),
        Event::new(100_000, Kind::Instrument, 2, 8, 0),
        Event::new(0, Kind::Instrument, 4, 9, 0),
        Event::new(120_000, Kind::Instrument, 1, 10, 0),
        Event::control(0, 0, 64, 127),
        Event::new(1_000, Kind::Instrument, 4, 5, 0),
        Event { value: 0.7, ..Event::new(90_000, Kind::PitchBend, 5, 0, 0) },
        Event::parameter(70_123, 3, 1.0),
        Event::control(200_000, 0, 64, 0),
        Event::parameter(210_000, 3, 0.0),
    ];
    for (part, at) in [(0, 3_000), (3, 100_003), (5, 220_001)] {
        for send in [PartParameter::Hall, PartParameter::Chorus, PartParameter::Delay, PartParameter::Mid] {
            events.push(Event::parameter(at, part_id(part, send) as u8, -6.0));
        }
    }
    events.push(Event::parameter(90_001, global_id(GlobalParameter::Tempo) as u8, 300.0));
    events.push(Event::parameter(150_001, global_id(GlobalParameter::High) as u8, 4.0));
    for part in 0..6u8 {
        for step in 0..6i64 {
            let at = step * 40_007 + i64::from(part) * 3_331;
            let pitch = 36 + part * 5 + step as u8;
            events.push(Event::note_on(at, part, pitch, 50 + 12 * step as u8));
            events.push(Event::note_off(at + 35_000, part, pitch));
        }
    }
    events
}

fn run(
    processor: &mut Processor,
    events: &[Event],
    frames: usize,
    mut block: impl FnMut() -> usize,
) -> Vec<f32> {
    for event in events {
        processor.schedule(*event);
    }
    let mut out = vec![0.0; 2 * frames];
    let mut done = 0;
    while done < frames {
        let count = block().clamp(1, frames - done);
        processor.process(&mut out[2 * done..2 * (done + count)]);
        done += count;
    }
    out
}

/// Where two renderings first differ; comparing them whole would print them whole.
fn first_difference(a: &[f32], b: &[f32]) -> Option<(usize, f32, f32)> {
    assert_eq!(a.len(), b.len());
    (0..a.len()).find(|&n| a[n].to_bits() != b[n].to_bits()).map(|n| (n, a[n], b[n]))
}

#[test]
fn any_split_into_callbacks_gives_the_same_bits() {
    let frames = 20_000;
    let whole = run(&mut Processor::offline(RATE, true), &phrase(), frames, || 8_192);
    assert!(whole.iter().any(|sample| sample.abs() > 0.05));
    for size in [1, 31, 64, 128, 1_000] {
        let split = run(&mut Processor::offline(RATE, true), &phrase(), frames, || size);
        assert_eq!(first_difference(&whole, &split), None, "callbacks of {size}");
    }
    let mut state = 7usize;
    let ragged = run(&mut Processor::offline(RATE, true), &phrase(), frames, || {
        state = state.wrapping_mul(25_173).wrapping_add(13_849) % 65_536;
        state % 700
    });
    assert_eq!(first_difference(&whole, &ragged), None);
}

#[test]
fn what_is_sent_to_an_effect_comes_back_about_as_loud_and_ends() {
    for send in [PartParameter::Reverb, PartParameter::Hall, PartParameter::Chorus, PartParameter::Delay] {
        let play = |level_db: f32| {
            let events = [
                Event::parameter(0, part_id(0, PartParameter::Reverb) as u8, -60.0),
                Event::parameter(0, part_id(0, send) as u8, level_db),
                Event::note_on(100_000, 0, 64, 100),
                Event::note_off(200_000, 0, 64),
            ];
            render(&events, &RenderOptions { tail_seconds: 12.0, ..RenderOptions::default() })
        };
        let (dry, wet) = (play(-60.0), play(0.0));
        let energy = |x: &[f32]| x.iter().map(|sample| sample * sample).sum::<f32>();
        let added: Vec<f32> =
            wet.iter().zip(dry.iter().chain(std::iter::repeat(&0.0))).map(|(w, d)| w - d).collect();
        let share_db = 10.0 * (energy(&added) / energy(&dry)).log10();
        assert!(share_db.abs() < 5.0, "{send:?}: {share_db:.1} dB");
        assert!(wet.len() < 2 * 48_000 * 11, "it never ends");
    }
}

#[test]
fn reset_equals_new() {
    let mut processor = Processor::offline(RATE, true);
    let first = run(&mut processor, &phrase(), 20_000, || 256);
    processor.reset();
    let second = run(&mut processor, &phrase(), 20_000, || 256);
    assert_eq!(first_difference(&first, &second), None);
}

#[test]
fn no_events_give_digital_silence() {
    let out = run(&mut Processor::offline(RATE, true), &[], 48_000, || 512);
    assert!(out.iter().all(|&sample| sample == 0.0));
}

#[test]
fn every_note_of_every_instrument_ends_and_frees_its_voice() {
    for instrument in 0..INSTRUMENT_COUNT as u8 {
        for pitch in [0, 21, 36, 42, 49, 60, 84, 108, 127] {
            let mut processor = Processor::offline(RATE, false);
            let events = [
                Event::new(0, Kind::Instrument, 0, instrument, 0),
                Event::note_on(0, 0, pitch, 127),
                Event::note_off(300_000, 0, pitch),
            ];
            run(&mut processor, &events, 48_000 * 8, || 4_096);
            assert_eq!(processor.voices(), 0, "instrument {instrument}, pitch {pitch}");
        }
    }
}

#[test]
fn a_held_piano_note_ends_by_itself() {
    let mut processor = Processor::offline(RATE, false);
    run(&mut processor, &[Event::note_on(0, 0, 36, 100)], 48_000 * 50, || 8_192);
    assert_eq!(processor.voices(), 0);
}

#[test]
fn events_sound_at_their_sample() {
    for instrument in [0u8, 1, 2, 5, 6, 7, 8] {
        for at_micros in [0i64, 1_000, 12_345, 333_333] {
            let events =
                [Event::new(0, Kind::Instrument, 0, instrument, 0), Event::note_on(at_micros, 0, 38, 127)];
            let options = RenderOptions { effects: false, tail_seconds: 0.2, ..RenderOptions::default() };
            let out = render(&events, &options);
            let onset = out.iter().position(|&sample| sample != 0.0).unwrap() / 2;
            let expected = (at_micros as f64 * 0.048).round() as usize;
            // A sine that starts at phase zero is heard one sample after its start.
            assert!((expected..=expected + 1).contains(&onset), "{onset} for {expected}");
        }
    }
}

#[test]
fn the_limiter_holds_its_ceiling_whatever_is_played() {
    let mut events = vec![Event::parameter(0, global_id(GlobalParameter::Level) as u8, 12.0)];
    for pitch in 24..100u8 {
        events.push(Event::note_on(0, pitch % 6, pitch, 127));
    }
    let out = render(&events, &RenderOptions { tail_seconds: 1.0, ..RenderOptions::default() });
    let peak = out.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    assert!(peak > 0.8 && peak <= CEILING, "{peak}");
}

#[test]
fn the_sustain_pedal_holds_and_lets_go() {
    let mut processor = Processor::offline(RATE, false);
    let events = [
        Event::new(0, Kind::Instrument, 0, 5, 0),
        Event::control(0, 0, 64, 127),
        Event::note_on(0, 0, 60, 100),
        Event::note_off(10_000, 0, 60),
    ];
    run(&mut processor, &events, 48_000, || 512);
    assert_eq!(processor.voices(), 1);
    run(&mut processor, &[Event::control(1_100_000, 0, 64, 0)], 48_000, || 512);
    assert_eq!(processor.voices(), 0);
}

#[test]
fn a_closed_hat_silences_the_open_one() {
    let ring = |closed: bool| {
        let mut events = vec![Event::note_on(0, 1, 46, 110)];
        if closed {
            events.push(Event::note_on(100_000, 1, 42, 1));
        }
        let out = run(&mut Processor::offline(RATE, false), &events, 24_000, || 512);
        out[2 * 9_600..].iter().map(|sample| sample * sample).sum::<f32>()
    };
    assert!(ring(true) < 0.01 * ring(false));
}

#[test]
fn panic_ends_everything_within_ten_milliseconds() {
    let mut processor = Processor::offline(RATE, false);
    let mut events: Vec<Event> = (40..80).map(|pitch| Event::note_on(0, 4, pitch, 100)).collect();
    events.push(Event::note_on(150_000, 0, 60, 100));
    events.push(Event::new(100_000, Kind::Panic, 0, 0, 0));
    run(&mut processor, &events, 4_800, || 64);
    assert_eq!(processor.voices(), 40);
    run(&mut processor, &[], 480, || 64);
    assert_eq!(processor.voices(), 0);
    // Notes that were waiting when the panic was sent stay silent too.
    run(&mut processor, &[], 4_800, || 64);
    assert_eq!(processor.voices(), 0);
}

#[test]
fn more_notes_than_voices_never_drops_a_new_one() {
    let mut processor = Processor::offline(RATE, false);
    let mut events = Vec::new();
    for n in 0..400i64 {
        events.push(Event::note_on(n * 1_000, (n % 5) as u8, 30 + (n % 70) as u8, 90));
    }
    run(&mut processor, &events, 48_000 / 2, || 128);
    assert!((96..=128).contains(&processor.voices()), "{}", processor.voices());
    assert_eq!(processor.meters().dropped.get(), 0);
}

#[test]
fn a_lost_ending_ends_everything_instead_of_hanging() {
    let mut processor = Processor::offline(RATE, false);
    let organ = Event::new(0, Kind::Instrument, 0, 5, 0);
    run(&mut processor, &[organ, Event::note_on(0, 0, 60, 100)], 4_800, || 64);
    let flood = vec![Event::note_off(900_000_000, 3, 1); 5_000];
    run(&mut processor, &flood, 48_000, || 64);
    assert_eq!(processor.voices(), 0);
    assert!(processor.meters().overflows.get() > 0);
}

#[test]
fn a_flooded_ring_leaves_no_note_hanging() {
    let (mut sender, receiver) = sideman_dsp::ring::event_ring();
    let mut processor = Processor::live(RATE, false, 128, receiver, std::sync::Arc::default());
    let mut now_micros = 0.0;
    let mut play = |processor: &mut Processor, blocks: usize| {
        let mut out = [0.0; 256];
        for _ in 0..blocks {
            processor.begin_callback(now_micros, 128);
            processor.process(&mut out);
            now_micros += 128.0 / 0.048;
        }
    };
    sender.send(Event::new(0, Kind::Instrument, 0, 5, 0));
    // Far more than the ring holds, between two callbacks.
    for n in 0..20_000u32 {
        let pitch = 20 + (n % 90) as u8;
        sender.send(Event::note_on(0, 0, pitch, 100));
        sender.send(Event::note_off(1_000, 0, pitch));
    }
    play(&mut processor, 2_000);
    assert_eq!(processor.voices(), 0);
    // It goes on playing afterwards.
    assert!(sender.send(Event::note_on(6_000_000, 0, 60, 100)));
    play(&mut processor, 300);
    assert_eq!(processor.voices(), 1);
}

fn any_event() -> impl Strategy<Value = Event> {
    (-1_000i64..400_000, 0u8..8, 0u8..8, any::<u8>(), any::<u8>(), any::<f32>())
        .prop_map(|(at_micros, kind, part, a, b, value)| Event { at_micros, kind, part, a, b, value })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stream_of_events_gives_finite_sound_below_the_ceiling(
        events in prop::collection::vec(any_event(), 0..200),
        block in 1usize..3_000,
    ) {
        let out = run(&mut Processor::offline(RATE, true), &events, 24_000, || block);
        prop_assert!(out.iter().all(|sample| sample.is_finite() && sample.abs() <= CEILING));
    }
}
