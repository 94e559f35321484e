//! A string as a delay line that feeds itself: as long as a period, a little duller and softer each time round.
//!
//! After Karplus and Strong, extended by Jaffe and Smith (1983): a one-pole lowpass sets how fast the highs die, a
//! gain how fast the fundamental does, and a cubic between samples makes the loop exactly one period long, the
//! lowpass's own phase delay included. The loop is linear: it can sound at its resonances only, so nothing aliases.

use crate::voice::TICK;
use std::f32::consts::TAU;

/// The longest period in samples: at 48 kHz 12 Hz, at 192 kHz 47 Hz. A power of two.
const LONGEST: usize = 4_096;
/// The shortest, so that the cubic finds its four neighbours.
const SHORTEST: f32 = 4.0;

/// How fast a string falls silent.
#[derive(Clone, Copy, Debug)]
pub struct Losses {
    /// Seconds for the fundamental to fall by 60 dB.
    pub t60_seconds: f32,
    /// A frequency above the fundamental's, in hertz …
    pub high_hz: f32,
    /// … and the seconds it takes there.
    pub high_t60_seconds: f32,
}

/// A string.
pub struct Waveguide {
    samples: [f32; LONGEST],
    write: usize,
    rate_hz: f32,
    frequency_hz: f32,
    pole: f32,
    state: f32,
    losses: Losses,
    /// Delay in samples, and gain, at the start of the tick and what they grow by each sample.
    delay: f32,
    delay_step: f32,
    gain: f32,
    gain_step: f32,
    /// Pitch ratio and seconds of ringing that the targets below were made for.
    settings: (f32, f32),
    targets: (f32, f32),
}

impl Waveguide {
    /// A string at rest; one too low for its line sounds octaves higher.
    ///
    /// Realtime-safe: yes.
    pub fn new(frequency_hz: f32, losses: Losses, rate_hz: f32) -> Self {
        let mut frequency_hz = frequency_hz.max(1.0);
        while rate_hz / frequency_hz > 0.85 * LONGEST as f32 {
            frequency_hz *= 2.0;
        }
        Self {
            samples: [0.0; LONGEST],
            write: 0,
            rate_hz,
            frequency_hz,
            pole: pole(frequency_hz, losses, rate_hz),
            state: 0.0,
            losses,
            delay: 0.0,
            delay_step: 0.0,
            gain: 0.0,
            gain_step: 0.0,
            settings: (0.0, 0.0),
            targets: (0.0, 0.0),
        }
    }

    /// The period in samples, before any bend.
    ///
    /// Realtime-safe: yes.
    pub fn period(&self) -> f32 {
        self.rate_hz / self.frequency_hz
    }

    /// Makes the string fall silent within `t60_seconds`, as a finger on it does.
    ///
    /// Realtime-safe: yes.
    pub fn damp(&mut self, t60_seconds: f32) {
        self.losses.t60_seconds = self.losses.t60_seconds.min(t60_seconds);
    }

    /// Moves towards the pitch that is `ratio` times its own; call it once a tick.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, ratio: f32) {
        let settings = (ratio, self.losses.t60_seconds);
        if self.settings != settings {
            let is_fresh = self.settings.0 == 0.0;
            self.settings = settings;
            self.targets = self.loop_for(self.frequency_hz * ratio);
            if is_fresh {
                (self.delay, self.gain) = self.targets;
            }
        }
        self.delay_step = (self.targets.0 - self.delay) * (1.0 / TICK as f32);
        // A finger takes a moment to settle: at once, the damping would be a step in the wave.
        self.gain_step = (self.targets.1 - self.gain) * (0.25 / TICK as f32);
    }

    /// The delay in samples and the gain of a loop that sounds at this frequency.
    fn loop_for(&self, frequency_hz: f32) -> (f32, f32) {
        let omega = (TAU * frequency_hz / self.rate_hz).min(3.0);
        let (sin, cos) = omega.sin_cos();
        let own = (self.pole * sin).atan2(1.0 - self.pole * cos) / omega;
        let delay = (self.rate_hz / frequency_hz - own).clamp(SHORTEST, (LONGEST - 4) as f32);
        let through = (1.0 - self.pole) / (1.0 - 2.0 * self.pole * cos + self.pole * self.pole).sqrt();
        let wanted = 10f32.powf(-3.0 / (frequency_hz * self.losses.t60_seconds));
        (delay, (wanted / through).min(0.999_98))
    }

    /// Pushes one sample in and gives what passes the bridge.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, input: f32) -> f32 {
        self.delay += self.delay_step;
        self.gain += self.gain_step;
        let delayed = self.read(self.delay);
        self.state = delayed + self.pole * (self.state - delayed);
        let sample = input + self.gain * self.state;
        self.samples[self.write] = sample;
        self.write = (self.write + 1) & (LONGEST - 1);
        sample
    }

    /// What passed `delay` samples ago, between samples by a cubic; 1 is the newest.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn read(&self, delay: f32) -> f32 {
        let whole = delay as usize;
        let t = delay - whole as f32;
        let at = |delay: usize| self.samples[self.write.wrapping_sub(delay) & (LONGEST - 1)];
        let (a, b, c, d) = (at(whole - 1), at(whole), at(whole + 1), at(whole + 2));
        let (cube, odd) = ((d - a) * (1.0 / 6.0) + 0.5 * (b - c), 0.5 * (a + c) - b);
        let line = c - (1.0 / 3.0) * a - 0.5 * b - (1.0 / 6.0) * d;
        b + t * (line + t * (odd + t * cube))
    }
}

/// The pole of a one-pole lowpass that loses, each time round, what `losses` asks for at their high frequency.
fn pole(frequency_hz: f32, losses: Losses, rate_hz: f32) -> f32 {
    let at = |t60: f32| 10f32.powf(-3.0 / (frequency_hz * t60));
    let lost = at(losses.high_t60_seconds) / at(losses.t60_seconds);
    let cos = (TAU * losses.high_hz.max(frequency_hz).min(0.4 * rate_hz) / rate_hz).cos();
    // |H|² = (1−p)²/(1−2p·cos+p²) = lost², solved for p.
    let square = (lost * lost).clamp(1e-6, 0.999_999);
    let (whole, part) = (1.0 - square * cos, 1.0 - square);
    ((whole - (whole * whole - part * part).max(0.0).sqrt()) / part).clamp(0.0, 0.95)
}
