//! A brush drawn over a drum head: wires that hiss louder and brighter the faster they move.

use crate::drum_piece::BrushStroke;
use crate::filter::{Response, StateVariable};
use crate::instrument::Note;
use crate::noise::Noise;
use crate::units::sine;
use crate::voice::TICK;

/// One stroke in motion.
pub struct Brush {
    noise: Noise,
    /// Single wires catch on the coat of the head: how far each tick is from even.
    grain: Noise,
    filter: StateVariable,
    tame: StateVariable,
    rate_hz: f32,
    from_hz: f32,
    to_hz: f32,
    q: f32,
    circles: f32,
    gain: f32,
    /// How far through the stroke, 0 to 1, and what a tick adds.
    place: f32,
    place_step: f32,
    /// Level at the start and at the end of the tick.
    start: f32,
    end: f32,
}

impl Brush {
    /// A stroke about to begin; a harder one is quicker, brighter and louder.
    ///
    /// Realtime-safe: yes.
    pub fn new(stroke: &BrushStroke, gain: f32, note: &Note) -> Self {
        let rate_hz = note.rate_hz;
        let bright = 0.6 + 0.5 * note.velocity;
        let seconds = stroke.seconds * (1.25 - 0.5 * note.velocity);
        Self {
            noise: Noise::new(note.seed ^ 0x5741_5348),
            grain: Noise::new(note.seed ^ 0x4752_4149),
            filter: StateVariable::new(Response::Bandpass, stroke.from_hz * bright, stroke.q, rate_hz),
            tame: StateVariable::new(Response::Lowpass, 12_000.0, 0.6, rate_hz),
            rate_hz,
            from_hz: stroke.from_hz * bright,
            to_hz: stroke.to_hz * bright,
            q: stroke.q,
            circles: stroke.circles,
            gain: gain * stroke.gain,
            place: 0.0,
            place_step: TICK as f32 / (seconds * rate_hz),
            start: 0.0,
            end: 0.0,
        }
    }

    /// Moves on; false once the stroke is over.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self) -> bool {
        self.start = self.end;
        self.place += self.place_step;
        if self.place >= 1.0 {
            let is_silent = self.start == 0.0;
            self.end = 0.0;
            return !is_silent;
        }
        let turn = |place: f32| sine((f64::from(place) * 4_294_967_296.0) as u64 as u32);
        // Up quickly, down slowly: the hand starts fast and lets go.
        let swell = turn(0.5 * self.place.powf(0.7));
        let circle =
            if self.circles > 0.0 { 0.72 - 0.28 * turn(self.circles * self.place + 0.25) } else { 1.0 };
        self.end = self.gain * swell * circle * (1.0 + 0.22 * self.grain.sample());
        let hz = self.from_hz * (self.to_hz / self.from_hz).powf(self.place) * (0.75 + 0.25 * circle);
        self.filter.set(hz, self.q, self.rate_hz);
        true
    }

    /// Adds frames of the stroke; `frame` is how far into the tick the first lies.
    ///
    /// Realtime-safe: yes.
    pub fn render_add(&mut self, out: &mut [f32], frame: usize) {
        for (index, sample) in out.iter_mut().enumerate() {
            let part = (frame + index) as f32 * (1.0 / TICK as f32);
            let level = self.start + (self.end - self.start) * part;
            *sample += level * self.tame.process(self.filter.process(self.noise.sample()));
        }
    }
}
