//! One drum stroke: a falling body tone, modes, shaped noise and a cluster of metal.

use crate::brush::Brush;
use crate::drum_piece::{Metal, NoiseBurst, Piece, Sweep};
use crate::filter::{Response, StateVariable};
use crate::instrument::{Expression, Generator, Note};
use crate::modal::{ModalBank, Mode};
use crate::noise::Noise;
use crate::units::{hz_to_step, pan_to_gains, sine, t60_to_factor};
use crate::voice::TICK;

const LEVEL: f32 = 0.46;
/// The most noise bursts a piece has.
const BURSTS: usize = 2;

/// What the drummer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kit {
    /// Sticks.
    Sticks,
    /// Brushes.
    Brushes,
}

impl Kit {
    /// The piece on a percussion key.
    ///
    /// Realtime-safe: yes.
    pub fn piece(self, pitch: u8) -> Option<&'static Piece> {
        match self {
            Self::Sticks => crate::drum_table::piece(pitch),
            Self::Brushes => crate::brush_table::piece(pitch),
        }
    }
}

/// One stroke.
pub struct Drum {
    kit: Kit,
    choke_group: u8,
    modes: ModalBank,
    body: Option<Body>,
    bursts: [Option<Burst>; BURSTS],
    brush: Option<Brush>,
    gains: (f32, f32),
}

impl Drum {
    /// Strikes the piece on this key; `None` where General MIDI has nothing there that the kit knows.
    ///
    /// Realtime-safe: yes.
    pub fn new(note: &Note, kit: Kit) -> Option<Self> {
        let piece = kit.piece(note.pitch)?;
        let rate_hz = note.rate_hz;
        let gain = LEVEL * piece.gain * note.velocity.powf(1.45);
        let mut modes = ModalBank::new(rate_hz);
        for &(frequency_hz, mode_gain, t60_seconds) in piece.modes {
            modes.add(Mode { frequency_hz, gain: gain * mode_gain, t60_seconds });
        }
        if let Some(metal) = &piece.metal {
            add_metal(&mut modes, metal, note, gain);
        }
        // A soft stroke on metal excites the lower modes only: less hiss, or it would be the brighter one.
        let hiss = if piece.metal.is_some() { gain * (0.45 + 0.55 * note.velocity) } else { gain };
        let burst = |noise: &NoiseBurst| Burst::new(noise, hiss, note);
        Some(Self {
            kit,
            choke_group: piece.choke_group,
            modes,
            body: piece.sweep.as_ref().map(|sweep| Body::new(sweep, gain, note)),
            bursts: [piece.noise.first().map(burst), piece.noise.get(1).map(burst)],
            brush: piece.stroke.as_ref().map(|stroke| Brush::new(stroke, gain, note)),
            gains: pan_to_gains(piece.pan),
        })
    }

    /// Whether a stroke on `pitch` silences this one: hats are one pair of cymbals.
    ///
    /// Realtime-safe: yes.
    pub fn is_choked_by(&self, pitch: u8) -> bool {
        self.choke_group != 0
            && self.kit.piece(pitch).is_some_and(|other| other.choke_group == self.choke_group)
    }
}

/// Cymbals have hundreds of modes; a few dozen at scattered frequencies shimmer alike.
fn add_metal(bank: &mut ModalBank, metal: &Metal, note: &Note, gain: f32) {
    // The same cymbal hangs there at every stroke: its modes come from the pitch, not from the seed.
    let mut scatter = Noise::new(u32::from(note.pitch) * 7919 + 17);
    let mut strike = Noise::new(note.seed);
    let octaves = (metal.high_hz / metal.low_hz).log2();
    let each = gain * metal.gain / (metal.count as f32).sqrt();
    for index in 0..metal.count {
        let place = (index as f32 + 0.5 + 0.45 * scatter.sample()) / metal.count as f32;
        let frequency_hz = metal.low_hz * (octaves * place).exp2();
        // Hard strokes wake the high modes; every stroke lands elsewhere on the bow.
        let tilt = (frequency_hz / metal.low_hz).powf(-0.8 * (1.0 - note.velocity));
        let sign = if scatter.sample() < 0.0 { -1.0 } else { 1.0 };
        // Metal has no lowest and no highest mode: the cluster fades in and out.
        let edge = (0.15 + 5.0 * place).min(1.0) * (0.1 + 6.0 * (1.0 - place)).min(1.0);
        bank.add(Mode {
            frequency_hz,
            gain: each * edge * tilt * sign * (1.0 + 0.4 * strike.sample()),
            t60_seconds: metal.t60_seconds * (1.0 - 0.55 * place) * (1.0 + 0.3 * scatter.sample()),
        });
    }
}

/// A sine whose pitch falls from the blow to the resting tone of the head.
struct Body {
    phase: u32,
    rate_hz: f32,
    rest_hz: f32,
    excess_hz: f32,
    excess_decay: f32,
    step: u32,
    gain: f32,
    gain_decay: f32,
}

impl Body {
    fn new(sweep: &Sweep, gain: f32, note: &Note) -> Self {
        let rate_hz = note.rate_hz;
        Self {
            phase: 0,
            rate_hz,
            rest_hz: sweep.to_hz,
            // A harder blow stretches the head further.
            excess_hz: (sweep.from_hz - sweep.to_hz) * (0.35 + 0.65 * note.velocity),
            excess_decay: t60_to_factor(sweep.fall_seconds * 3.0, rate_hz / TICK as f32),
            step: 0,
            gain: gain * sweep.gain,
            gain_decay: t60_to_factor(sweep.t60_seconds, rate_hz),
        }
    }

    fn tick(&mut self) {
        self.step = hz_to_step(self.rest_hz + self.excess_hz, self.rate_hz);
        self.excess_hz *= self.excess_decay;
    }

    fn render_add(&mut self, out: &mut [f32]) {
        for sample in out {
            *sample += self.gain * sine(self.phase);
            self.phase = self.phase.wrapping_add(self.step);
            self.gain *= self.gain_decay;
        }
    }
}

/// Filtered noise that begins after a delay and dies away, as often as it is repeated.
struct Burst {
    noise: Noise,
    filters: [StateVariable; 2],
    gain: f32,
    level: f32,
    rise: f32,
    decay: f32,
    wait_frames: u32,
    gap_frames: u32,
    repeats: u32,
}

impl Burst {
    fn new(noise: &NoiseBurst, gain: f32, note: &Note) -> Self {
        let rate_hz = note.rate_hz;
        // Softer strokes are duller.
        let cutoff_hz = noise.cutoff_hz * (0.55 + 0.45 * note.velocity);
        let filter = StateVariable::new(noise.response, cutoff_hz, noise.q, rate_hz);
        let tame = StateVariable::new(Response::Lowpass, 15_000.0, 0.6, rate_hz);
        Self {
            // Each burst has its own noise, so neither depends on how many frames the other took.
            noise: Noise::new(note.seed ^ cutoff_hz.to_bits()),
            filters: [filter, tame],
            gain: gain * noise.gain,
            level: 0.0,
            rise: 1.0 / (noise.attack_seconds * rate_hz).max(1.0),
            decay: t60_to_factor(noise.t60_seconds, rate_hz),
            wait_frames: 0,
            gap_frames: (noise.gap_seconds * rate_hz) as u32,
            repeats: noise.repeats,
        }
    }

    fn render_add(&mut self, out: &mut [f32]) {
        for sample in out {
            if self.level < 1.0 {
                self.level = (self.level + self.rise).min(1.0);
            } else {
                self.gain *= self.decay;
            }
            if self.repeats > 0 {
                self.wait_frames += 1;
                if self.wait_frames >= self.gap_frames {
                    self.wait_frames = 0;
                    self.repeats -= 1;
                    self.level = 0.15;
                }
            }
            let filtered = self.filters[0].process(self.noise.sample());
            *sample += self.gain * self.level * self.level * self.filters[1].process(filtered);
        }
    }
}

impl Generator for Drum {
    fn tick(&mut self, _expression: Expression) {
        self.modes.prune(2e-6);
        if let Some(body) = &mut self.body {
            body.tick();
        }
        // Decided once a tick: where a callback ends must not matter.
        for burst in &mut self.bursts {
            burst.take_if(|burst| burst.gain < 1e-6);
        }
        self.brush.take_if(|brush| !brush.tick());
    }

    fn render(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        left.fill(0.0);
        self.modes.render_add(left);
        if let Some(body) = &mut self.body {
            body.render_add(left);
        }
        for burst in self.bursts.iter_mut().flatten() {
            burst.render_add(left);
        }
        if let Some(brush) = &mut self.brush {
            brush.render_add(left, frame);
        }
        for (l, r) in left.iter_mut().zip(right) {
            *r = *l * self.gains.1;
            *l *= self.gains.0;
        }
    }

    /// Drums ring as long as they ring.
    fn release(&mut self) {}
}
