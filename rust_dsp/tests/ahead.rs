//! Laws of rendering ahead, on a clock that only counts: whatever is late, nothing is missing.

// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

mod bank;

use bank::sine;
use proptest::prelude::*;
use sideman_dsp::soundfont::ahead::{render_tick, Ahead, State, Take};
use sideman_dsp::soundfont::font::SoundFont;
use sideman_dsp::soundfont::group::Buses;
use sideman_dsp::soundfont::kernel::Kernel;
use sideman_dsp::soundfont::midi::MidiEvent;
use sideman_dsp::soundfont::plan::{Plan, NONE};
use sideman_dsp::soundfont::synth::{SoundFontSynth, SynthOptions};
use sideman_dsp::soundfont::voice::TICK;
use std::sync::Arc;

const BATCH: usize = 8;
const BATCHES: usize = 12;
/// Batches that are sure ahead of their time.
const HORIZON: usize = 3;

/// A device: renders each batch in order, with its own kernel, and has it when its delay has gone by.
struct Device {
    states: Vec<State>,
    at_work: Vec<(u64, usize, Take)>,
}

impl Device {
    fn take(&mut self, number: u64, plan: &Plan, pool: &[f32], ready: usize) {
        let from = |from: u32| if from == NONE { [0.0; 2] } else { self.states[from as usize] };
        let mut states: Vec<State> = plan.chains.iter().map(|chain| from(chain.from)).collect();
        let ticks = plan.ticks.len();
        let mut all = vec![0.0; 4 * ticks * TICK];
        let mut buses = Buses::new();
        for tick in 0..ticks {
            buses.clear(0..4, TICK);
            render_tick(plan, tick, pool, &mut states, &mut buses, Kernel::Scalar);
            for bus in 0..4 {
                let first = (bus * ticks + tick) * TICK;
                buses.sum(bus, &mut all[first..first + TICK]);
            }
        }
        self.states.clone_from(&states);
        self.at_work.push((number, ready, Take { buses: all, states }));
    }
}

fn with_notes(font: &Arc<SoundFont>, notes: &[(usize, u8, u8, bool)]) -> SoundFontSynth {
    let mut synth = SoundFontSynth::new(Arc::clone(font), &SynthOptions::default());
    for &(at, key, velocity, is_on) in notes {
        let status = if is_on { 0x90 } else { 0x80 };
        synth.midi(MidiEvent::from_bytes(0, status, key, velocity).unwrap(), at);
    }
    synth
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_late_the_music_is_all_there(
        is_filtered in any::<bool>(),
        notes in prop::collection::vec((0usize..BATCHES * BATCH * TICK, 40u8..80, 30u8..128, any::<bool>()), 1..24),
        delays in prop::collection::vec(0usize..2 * HORIZON * BATCH, BATCHES),
    ) {
        let bank = if is_filtered { sine().with(8, 7_500).with(10, 900) } else { sine() };
        let font = Arc::new(SoundFont::parse(&bank.bytes()).unwrap());
        let mut wanted: [Vec<f32>; 4] = std::array::from_fn(|_| vec![0.0; BATCHES * BATCH * TICK]);
        let [left, right, reverb, chorus] = &mut wanted;
        with_notes(&font, &notes).render(left, right, reverb, chorus);

        let mut planner = with_notes(&font, &notes);
        let mut plan = Plan::new();
        let mut device = Device { states: Vec::new(), at_work: Vec::new() };
        let mut ahead = Ahead::new(Kernel::best());
        let (mut expected, mut sent) = (0, 0);
        let mut got: [Vec<f32>; 4] = std::array::from_fn(|_| Vec::new());
        for now in 0..BATCHES * BATCH {
            while sent < BATCHES && (sent + 1) * BATCH <= now + (HORIZON + 1) * BATCH {
                plan.begin();
                planner.plan(BATCH * TICK, &mut plan);
                plan.finish();
                let number = ahead.push(plan.clone());
                let ready = now + delays[sent];
                // There before its first tick, or not at all.
                expected += u64::from(ready > sent * BATCH);
                device.take(number, &plan, font.samples(), ready);
                sent += 1;
            }
            let (there, at_work) = device.at_work.drain(..).partition(|(_, ready, _)| *ready <= now);
            device.at_work = at_work;
            let there: Vec<(u64, usize, Take)> = there;
            for (number, ready, take) in there {
                prop_assert_eq!(ahead.arrive(number, take), ready <= number as usize * BATCH);
            }
            let mut tick = [[0.0; TICK]; 4];
            prop_assert!(ahead.play(font.samples(), tick.each_mut()));
            got.iter_mut().zip(tick).for_each(|(bus, tick)| bus.extend(tick));
        }
        prop_assert_eq!(ahead.late(), expected);
        prop_assert!(!ahead.play(font.samples(), [[1.0; TICK]; 4].each_mut()));
        for (wanted, got) in wanted.iter().zip(&got) {
            for (frame, (a, b)) in wanted.iter().zip(got).enumerate() {
                // −100 dB of full scale; where one renderer takes over from the other, too.
                prop_assert!((a - b).abs() < 1e-5, "frame {}: {} {}", frame, a, b);
            }
        }
    }
}
