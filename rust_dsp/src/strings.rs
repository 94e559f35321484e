//! A string section: six bowed players, each with a vibrato and a pitch of their own, through bodies of wood.

use crate::envelope::{Contour, Envelope};
use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Generator, Note};
use crate::noise::Noise;
use crate::oscillator::Saw;
use crate::units::{hz_to_step, semitones_to_ratio, sine, t60_to_factor};
use crate::voice::TICK;

const PLAYERS: usize = 6;
/// How far each player is from the section's pitch in cents (together: nothing), and the gains to left and right.
const SEATS: [(f32, f32, f32); PLAYERS] = [
    (-6.0, 0.78, 0.18),
    (4.0, 0.68, 0.34),
    (-2.0, 0.55, 0.48),
    (2.0, 0.48, 0.55),
    (-4.0, 0.34, 0.68),
    (6.0, 0.18, 0.78),
];
/// How fast each player's finger rolls, in hertz.
const VIBRATO_HZ: [f32; PLAYERS] = [5.1, 5.6, 4.7, 5.9, 5.3, 4.9];
/// Cents of vibrato once a note is settled.
const VIBRATO_CENTS: f32 = 7.0;
/// The wood: hertz, resonance, gain. The last is the hill of the bridge, where the bow's force shows.
const WOOD: [(f32, f32, f32); 2] = [(470.0, 1.1, 0.55), (2_600.0, 0.9, 0.8)];
const LEVEL: f32 = 0.040;

/// One bowed note of the section.
pub struct Strings {
    rate_hz: f32,
    frequency_hz: f32,
    velocity: f32,
    phases: [u32; PLAYERS],
    steps: [u32; PLAYERS],
    vibrato_phases: [u32; PLAYERS],
    age_seconds: f32,
    envelope: Envelope,
    tone: [StateVariable; 2],
    wood: [[StateVariable; 2]; 2],
    bow: Noise,
    bow_filter: StateVariable,
    bow_gain: f32,
    bow_decay: f32,
    bow_floor: f32,
}

impl Strings {
    /// Sets the bows to the strings.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note) -> Self {
        let mut dice = Noise::new(note.seed);
        let mut random = || (dice.sample() * 2_147_483_647.0) as i32 as u32;
        let start = random();
        let rate_hz = note.rate_hz;
        let hard = note.velocity;
        let contour = Contour {
            attack_seconds: 0.22 - 0.17 * hard,
            decay_seconds: 0.6,
            sustain: 0.82,
            release_seconds: 0.42,
        };
        Self {
            rate_hz,
            frequency_hz: note.frequency_hz,
            velocity: hard,
            // Within a third of a turn: the low partials, which hardly beat, must not cancel for seconds.
            phases: std::array::from_fn(|_| start.wrapping_add(random() / 3)),
            steps: [0; PLAYERS],
            // Spread evenly, so that the section as a whole stays where it should.
            vibrato_phases: std::array::from_fn(|player| start.wrapping_add(player as u32 * 715_827_883)),
            age_seconds: 0.0,
            envelope: Envelope::new(contour, rate_hz),
            tone: [StateVariable::new(Response::Lowpass, 1_000.0, 0.6, rate_hz); 2],
            wood: [0.97, 1.03].map(|skew| {
                WOOD.map(|(hz, q, _)| StateVariable::new(Response::Bandpass, hz * skew, q, rate_hz))
            }),
            bow: Noise::new(note.seed ^ 0x00B0_0B0B),
            bow_filter: StateVariable::new(Response::Bandpass, 2_200.0 + 1_800.0 * hard, 0.7, rate_hz),
            bow_gain: 0.5 * hard * hard,
            bow_decay: t60_to_factor(0.25, rate_hz),
            bow_floor: 0.012 + 0.03 * hard,
        }
    }
}

impl Generator for Strings {
    fn tick(&mut self, expression: Expression) {
        self.envelope.tick();
        let tick_seconds = TICK as f32 / self.rate_hz;
        self.age_seconds += tick_seconds;
        let settled = ((self.age_seconds - 0.12) * 3.0).clamp(0.0, 1.0);
        let depth = (VIBRATO_CENTS * settled + 25.0 * expression.modulation) * 0.01;
        let pitch_hz = self.frequency_hz * expression.bend_ratio;
        for player in 0..PLAYERS {
            let turn = hz_to_step(VIBRATO_HZ[player], 1.0 / tick_seconds);
            self.vibrato_phases[player] = self.vibrato_phases[player].wrapping_add(turn);
            let semitones = SEATS[player].0 * 0.01 + depth * sine(self.vibrato_phases[player]);
            self.steps[player] = hz_to_step(pitch_hz * semitones_to_ratio(semitones), self.rate_hz);
        }
        // More bow, more edge; and each stroke opens as it speaks.
        let reach = 900.0 + 5_200.0 * self.velocity.powf(1.5) + 1_500.0 * expression.modulation;
        let cutoff_hz = 1.2 * self.frequency_hz + reach * (0.4 + 0.6 * self.envelope.value());
        for filter in &mut self.tone {
            filter.set(cutoff_hz, 0.6, self.rate_hz);
        }
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        // One table for all: the highest player decides what fits.
        let saw = Saw::new(self.steps.into_iter().max().unwrap_or(0));
        let gain = LEVEL * (0.25 + 0.75 * self.velocity);
        for index in 0..left.len() {
            let (l, r) = saw.ensemble(&mut self.phases, &self.steps, &SEATS);
            let hair = self.bow_filter.process(self.bow.sample()) * (self.bow_floor + self.bow_gain);
            self.bow_gain *= self.bow_decay;
            let level = gain * self.envelope.level(frame + index);
            left[index] = level * self.sound(0, l + hair);
            right[index] = level * self.sound(1, r + hair);
        }
    }

    fn release(&mut self) {
        self.envelope.release();
    }

    fn is_done(&self) -> bool {
        self.envelope.is_done()
    }

    fn decays(&self) -> bool {
        false
    }
}

impl Strings {
    #[inline(always)]
    fn sound(&mut self, side: usize, wave: f32) -> f32 {
        let toned = self.tone[side].process(wave);
        let mut sum = 0.6 * toned;
        for (filter, (_, _, gain)) in self.wood[side].iter_mut().zip(WOOD) {
            sum += gain * filter.process(toned);
        }
        sum
    }
}
