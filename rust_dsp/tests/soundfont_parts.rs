//! Laws of a SoundFont in the band, on a bank written in memory.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use sideman_dsp::event::{Event, Kind, PART_COUNT};
use sideman_dsp::processor::Processor;
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::parts::SoundChoice;
use std::sync::Arc;

fn processor() -> Processor {
    let font = Arc::new(SoundFont::parse(&bank::sine().bytes()).unwrap());
    let mut processor = Processor::offline(48_000, false);
    // The bank has one preset, bank 0 and program 0: a sine of 480 Hz on key 60.
    let mut presets = [None; PART_COUNT];
    presets[3] = Some((0, 0));
    processor.use_soundfont(&SoundChoice { font, presets });
    processor
}

fn render(processor: &mut Processor, frames: usize) -> Vec<f32> {
    let mut out = vec![0.0; 2 * frames];
    processor.process(&mut out);
    out.chunks_exact(2).map(|frame| frame[0]).collect()
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32
}

fn crossings(samples: &[f32]) -> usize {
    samples.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count()
}

#[test]
fn a_part_plays_its_preset_and_ends_with_its_key() {
    let mut processor = processor();
    processor.schedule(Event::note_on(0, 3, 60, 110));
    let sound = render(&mut processor, 48_000);
    assert!((crossings(&sound[24_000..]) as i32 - 240).abs() <= 1);
    // As loud as the built-in instruments, within reason.
    assert!((1e-4..0.1).contains(&energy(&sound)), "{}", energy(&sound));
    processor.schedule(Event::note_off(1_000_000, 3, 60));
    render(&mut processor, 24_000);
    assert!(energy(&render(&mut processor, 4_800)) < 1e-9);
    assert_eq!(processor.voices(), 0);
}

#[test]
fn a_part_whose_preset_has_no_such_note_plays_its_own_instrument() {
    let mut processor = processor();
    processor.schedule(Event::note_on(0, 1, 36, 110));
    let sound = energy(&render(&mut processor, 9_600));
    assert!(sound > 1e-5, "{sound}");
}

#[test]
fn the_pedal_holds_and_panic_silences() {
    let mut processor = processor();
    processor.schedule(Event::control(0, 3, 64, 127));
    processor.schedule(Event::note_on(0, 3, 60, 110));
    processor.schedule(Event::note_off(100_000, 3, 60));
    render(&mut processor, 24_000);
    assert!(energy(&render(&mut processor, 4_800)) > 1e-5);
    processor.schedule(Event::new(0, Kind::Panic, 0, 0, 0));
    render(&mut processor, 4_800);
    assert!(energy(&render(&mut processor, 4_800)) < 1e-9);
}

#[test]
fn the_bend_and_the_tuning_reach_the_preset() {
    let mut processor = processor();
    processor.schedule(Event { value: 1.0, ..Event::new(0, Kind::PitchBend, 3, 0, 0) });
    processor.schedule(Event::note_on(100_000, 3, 60, 110));
    let sound = render(&mut processor, 72_000);
    // Two semitones above 480 Hz, half a second.
    assert!((crossings(&sound[48_000..]) as f64 - 269.4).abs() <= 1.5);
}

#[test]
fn a_part_is_as_loud_with_a_preset_as_with_its_own_instrument_however_loud_the_bank_is() {
    let level_db = |bank: Option<bank::Bank>, instrument: u8| {
        let mut processor = Processor::offline(48_000, false);
        if let Some(bank) = bank {
            let font = Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
            processor.use_soundfont(&SoundChoice { font, presets: [Some((0, 0)); PART_COUNT] });
        }
        processor.schedule(Event::new(0, Kind::Instrument, 3, instrument, 0));
        let mut loudest = 0.0f32;
        for key in [48, 55, 60, 64, 72] {
            processor.schedule(Event::note_on(0, 3, key, 90));
            for _ in 0..3 {
                loudest = loudest.max(energy(&render(&mut processor, 9_600)));
            }
            processor.schedule(Event::new(0, Kind::Panic, 0, 0, 0));
            render(&mut processor, 4_800);
        }
        10.0 * loudest.log10()
    };
    // Electric piano and organ; banks as they are, 20 dB quieter, and slow to begin.
    for instrument in [1, 5] {
        let own = level_db(None, instrument);
        for bank in [bank::sine(), bank::sine().with(48, 200), bank::sine().with(34, -2_000)] {
            let other = level_db(Some(bank), instrument);
            assert!((other - own).abs() < 3.0, "instrument {instrument}: {other} for {own}");
        }
    }
}
