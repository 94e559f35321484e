//! The audio thread allocates and frees nothing, counted by an allocator that watches it.

mod bank;

use sideman_dsp::callback::{Callback, HostClock};
use sideman_dsp::event::Event;
use sideman_dsp::governor::{Governor, Thrift};
use sideman_dsp::param::{part_id, PartParameter};
use sideman_dsp::processor::Processor;
use sideman_dsp::seat::Seat;
use sideman_dsp::soundfont::ahead::{Ahead, Take};
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::kernel::Kernel;
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::parts::SoundChoice;
use sideman_dsp::soundfont::plan::Plan;
use sideman_dsp::soundfont::player::Player;
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use sideman_dsp::soundfont::voice::TICK;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

fn count() {
    if IS_WATCHED.with(Cell::get) {
        CALLS.with(|calls| calls.set(calls.get() + 1));
    }
}

// SAFETY: passes everything on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A dense stream of every kind of event, sensible and senseless.
fn next_event(state: &mut u32, at_micros: i64) -> Event {
    let mut byte = || {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*state >> 24) as u8
    };
    let kind = match byte() {
        0..=99 => 1,
        100..=179 => 0,
        180..=219 => 2,
        220..=239 => 3,
        240..=242 => 4,
        243..=247 => 5,
        248..=253 => 6,
        _ => 200,
    };
    // Mostly instruments that there are; keys, controllers and parameters all over their range and beyond.
    let most = if kind == 5 { 12 } else { 130 };
    Event {
        at_micros,
        kind,
        part: byte() % 7,
        a: byte() % most,
        b: byte() % 128,
        value: f32::from(byte()) / 127.0 - 1.0,
    }
}

#[test]
fn process_neither_allocates_nor_frees_under_a_dense_stream_of_events() {
    let (mut sender, receiver) = sideman_dsp::ring::event_ring();
    let mut live = Processor::live(48_000, true, 128, receiver, std::sync::Arc::default());
    let mut offline = Processor::offline(48_000, true);
    let mut sampled = Processor::offline(48_000, true);
    let font = std::sync::Arc::new(SoundFont::parse(&bank::sine().bytes()).unwrap());
    let presets = [Some((0, 0)), None, Some((0, 0)), Some((0, 0)), Some((0, 0)), None];
    sampled.use_soundfont(&SoundChoice { font, presets });
    let mut out = vec![0.0; 2 * 512];
    let mut state = 1;
    let (mut governor, mut saved) = (Governor::NEW, Thrift::NONE);
    for part in 0..6 {
        for send in [PartParameter::Hall, PartParameter::Chorus, PartParameter::Delay, PartParameter::Low] {
            let everything = Event::parameter(0, part_id(part, send) as u8, -3.0);
            sender.send(everything);
            offline.schedule(everything);
        }
    }
    IS_WATCHED.with(|watched| watched.set(true));
    for block in 0..6_000i64 {
        let now = block * 2_667;
        for n in 0..20 {
            let event = next_event(&mut state, now + n * 130);
            sender.send(event);
            offline.schedule(event);
            sampled.schedule(event);
        }
        let frames = 1 + (block as usize * 37) % 256;
        live.begin_callback(now as f64, frames);
        live.process(&mut out[..2 * frames]);
        // Now and then time is short.
        let nanos = if block % 500 < 100 { 9_000_000 } else { 1_000 };
        let thrift = governor.observe(nanos, 128, 48_000);
        live.save(thrift);
        sampled.save(thrift);
        saved = saved.max(thrift);
        offline.process(&mut out[..2 * 128]);
        sampled.process(&mut out[..2 * 128]);
    }
    IS_WATCHED.with(|watched| watched.set(false));
    assert_eq!(CALLS.with(Cell::get), 0);
    assert!(live.meters().events.get() > 1_000 && saved == Thrift::MOST);
}

#[test]
fn a_device_s_callback_of_any_size_neither_allocates_nor_frees_also_while_it_fades_and_finds_its_seat_empty()
{
    let (mut sender, receiver) = sideman_dsp::ring::event_ring();
    let processor = Processor::live(48_000, true, 128, receiver, std::sync::Arc::default());
    let seat = Seat::new();
    seat.place(Box::new(Callback::new(processor, HostClock::new(0), 48_000)));
    let mut out = vec![0.0; 2 * 4_096];
    let mut state = 11;
    let before = CALLS.with(Cell::get);
    IS_WATCHED.with(|watched| watched.set(true));
    for block in 0..1_500i64 {
        for n in 0..20 {
            sender.send(next_event(&mut state, block * 500 + n * 20));
        }
        seat.set_leaving(block % 100 > 90);
        let frames = if block % 40 == 0 { 4_096 } else { 1 + (block as usize * 37) % 256 };
        seat.pull(&mut out[..2 * frames]);
        if block % 50 != 49 {
            continue;
        }
        if let Some(callback) = seat.vacate() {
            seat.pull(&mut out[..2 * frames]);
            seat.place(callback);
        }
    }
    IS_WATCHED.with(|watched| watched.set(false));
    assert_eq!(CALLS.with(Cell::get), before);
    assert_eq!(seat.pulls(), 1_530);
}

#[test]
fn the_soundfont_player_neither_allocates_nor_frees_under_a_dense_stream_of_messages() {
    let bank = bank::sine().with(8, 9_000).with(9, 200).with(6, 30);
    let font = std::sync::Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
    let options = SynthOptions { polyphony: 24, ..SynthOptions::default() };
    let mut player = Player::new(font, &options, true);
    let mut out = vec![0.0; 2 * 512];
    let mut state = 7u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let before = CALLS.with(Cell::get);
    IS_WATCHED.with(|watched| watched.set(true));
    for _ in 0..4_000 {
        let frames = 1 + usize::from(byte());
        for _ in 0..byte() % 24 {
            // Channel messages, and what system-exclusive ones say.
            let status = 0x80 + byte() % 0x75;
            if let Some(event) = MidiEvent::from_bytes(status & 15, status, byte(), byte()) {
                player.midi(event, usize::from(byte()) % frames);
            }
        }
        player.process(&mut out[..2 * frames]);
    }
    IS_WATCHED.with(|watched| watched.set(false));
    assert_eq!(CALLS.with(Cell::get), before);
    assert!(player.synth().stolen() > 0);
}

#[test]
fn playing_what_was_planned_ahead_neither_allocates_nor_frees() {
    let bank = bank::sine().with(8, 9_000);
    let font = std::sync::Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
    let mut synth = SoundFontSynth::new(std::sync::Arc::clone(&font), &SynthOptions::default());
    for key in [48, 60, 64, 67] {
        synth.midi(MidiEvent::from_bytes(0, 0x90, key, 100).unwrap(), usize::from(key));
    }
    let (mut ahead, mut plan) = (Ahead::new(Kernel::best()), Plan::new());
    for batch in 0..6 {
        plan.begin();
        synth.plan(16 * TICK, &mut plan);
        plan.finish();
        let states = vec![[0.0; 2]; plan.chains.len()];
        let number = ahead.push(plan.clone());
        // Every other one comes in time.
        if batch % 2 == 0 {
            assert!(ahead.arrive(number, Take { buses: vec![0.0; 4 * 16 * TICK], states }));
        }
    }
    let mut out = [[0.0; TICK]; 4];
    let before = CALLS.with(Cell::get);
    IS_WATCHED.with(|watched| watched.set(true));
    let mut ticks = 0;
    while ahead.play(font.samples(), out.each_mut()) {
        ticks += 1;
    }
    IS_WATCHED.with(|watched| watched.set(false));
    assert_eq!(CALLS.with(Cell::get), before);
    assert_eq!((ticks, ahead.late()), (6 * 16, 3));
}
