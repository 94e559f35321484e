//! A stereo delay: echoes that go from side to side, each duller than the last, in time with the music if wanted.

use super::line::Line;
use crate::filter::OnePole;
use crate::param::GlobalParameter;
use crate::smoother::{Smoother, GRID};
use crate::values::ParameterValues;

const LONGEST_SECONDS: f32 = 2.0;
/// How long it takes to go over from one delay time to another, in grid steps at 48 kHz some 40 ms.
const CROSSING_STEPS: u32 = 32;

/// The delay: stereo in, stereo out, wet only.
pub struct Delay {
    rate_hz: f32,
    line: Line,
    damping: [OnePole; 2],
    damping_hz: f32,
    feedback: Smoother,
    spread: Smoother,
    /// Delay that is heard, delay that comes, both in frames, and grid steps until it is there.
    now: f32,
    next: f32,
    crossing: u32,
    is_idle: bool,
}

impl Delay {
    /// A silent delay.
    ///
    /// Realtime-safe: no (allocates its delay line).
    pub fn new(rate_hz: f32) -> Self {
        let glide = |parameter: GlobalParameter| Smoother::new(0.0, parameter.smoothing_seconds(), rate_hz);
        Self {
            rate_hz,
            line: Line::new(LONGEST_SECONDS, rate_hz),
            damping: [OnePole::default(); 2],
            damping_hz: 0.0,
            feedback: glide(GlobalParameter::DelayFeedback),
            spread: glide(GlobalParameter::DelaySpread),
            now: 0.0,
            next: 0.0,
            crossing: 0,
            is_idle: true,
        }
    }

    /// Moves on by one grid step.
    ///
    /// Realtime-safe: yes.
    pub fn tick(&mut self, values: &ParameterValues) {
        self.is_idle = self.line.is_silent();
        if self.is_idle {
            // Nothing sounds: whatever is set now needs no crossing, and no memory of the last echo.
            self.damping.iter_mut().for_each(OnePole::reset);
            self.crossing = 0;
            self.now = 0.0;
        }
        self.feedback.tick(values.global(GlobalParameter::DelayFeedback));
        self.spread.tick(values.global(GlobalParameter::DelaySpread));
        let tone_hz = values.global(GlobalParameter::DelayTone);
        if self.damping_hz != tone_hz {
            self.damping_hz = tone_hz;
            self.damping.iter_mut().for_each(|filter| filter.set(tone_hz, self.rate_hz));
        }
        let wanted = self.frames(values);
        if self.now == 0.0 {
            (self.now, self.next) = (wanted, wanted);
        } else if self.crossing > 0 {
            self.crossing -= 1;
            if self.crossing == 0 {
                self.now = self.next;
            }
        } else if wanted != self.now {
            self.next = wanted;
            self.crossing = CROSSING_STEPS;
        }
    }

    /// The time between echoes in frames: of beats if there are any, halved until the line is long enough.
    fn frames(&self, values: &ParameterValues) -> f32 {
        let beats = values.global(GlobalParameter::DelayBeats);
        let mut seconds = values.global(GlobalParameter::DelayTime);
        if beats >= 0.02 {
            seconds = beats * 60.0 / values.global(GlobalParameter::Tempo);
        }
        while seconds > LONGEST_SECONDS {
            seconds *= 0.5;
        }
        (seconds * self.rate_hz).clamp(4.0, self.line.longest())
    }

    /// The echo that is heard with one stereo sample, `frame` frames into the grid step.
    ///
    /// Realtime-safe: yes.
    #[inline(always)]
    pub fn process(&mut self, left: f32, right: f32, frame: usize) -> (f32, f32) {
        self.is_idle = false;
        let mut echo = [self.line.read(self.now, 0), self.line.read(self.now, 1)];
        if self.crossing > 0 {
            let passed = (CROSSING_STEPS - self.crossing) as f32 + frame as f32 * (1.0 / GRID as f32);
            let share = passed * (1.0 / CROSSING_STEPS as f32);
            for (side, echo) in echo.iter_mut().enumerate() {
                *echo += share * (self.line.read(self.next, side) - *echo);
            }
        }
        let echo = [self.damping[0].process(echo[0]), self.damping[1].process(echo[1])];
        let (feedback, spread) = (self.feedback.at(frame), self.spread.at(frame));
        // Spread: both sides enter on the left, and each echo changes sides.
        let middle = 0.5 * (left + right);
        let entering = [left + spread * (middle - left) + spread * 0.4 * middle, right * (1.0 - spread)];
        let crossed = [echo[0] + spread * (echo[1] - echo[0]), echo[1] + spread * (echo[0] - echo[1])];
        self.line.push([entering[0] + feedback * crossed[0], entering[1] + feedback * crossed[1]]);
        (echo[0], echo[1])
    }

    /// Whether nothing is left to come, so that silence need not be processed.
    ///
    /// Realtime-safe: yes.
    pub fn is_idle(&self) -> bool {
        self.is_idle
    }

    /// As if new.
    ///
    /// Realtime-safe: yes.
    pub fn reset(&mut self) {
        self.line.reset();
        self.damping.iter_mut().for_each(OnePole::reset);
        self.feedback.snap(0.0);
        self.spread.snap(0.0);
        self.now = 0.0;
        self.crossing = 0;
        self.is_idle = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::param::global_id;

    fn echoes(settings: &[(GlobalParameter, f32)]) -> Vec<(usize, usize)> {
        let mut values = ParameterValues::default();
        for (parameter, value) in settings {
            values.set(global_id(*parameter), *value);
        }
        let mut delay = Delay::new(48_000.0);
        let mut heard: Vec<(usize, usize)> = Vec::new();
        for n in 0..96_000usize {
            if n % GRID == 0 {
                delay.tick(&values);
            }
            // Long after the start, when the gliding settings have arrived.
            let input = if n == 24_000 { 1.0 } else { 0.0 };
            let (l, r) = delay.process(input, input, n % GRID);
            let (peak, side) = if l.abs() >= r.abs() { (l, 0) } else { (r, 1) };
            if peak.abs() > 0.02 && heard.last().is_none_or(|(at, _)| n - 24_000 > at + 1_000) {
                heard.push((n - 24_000, side));
            }
        }
        heard
    }

    #[test]
    fn echoes_come_in_time_with_the_tempo_and_change_sides() {
        let heard = echoes(&[
            (GlobalParameter::Tempo, 120.0),
            (GlobalParameter::DelayBeats, 0.5),
            (GlobalParameter::DelaySpread, 1.0),
            (GlobalParameter::DelayFeedback, 0.7),
            (GlobalParameter::DelayTone, 16_000.0),
        ]);
        assert!(heard.len() >= 3, "{heard:?}");
        for (index, (at, side)) in heard.iter().enumerate().take(3) {
            assert!(at.abs_diff((index + 1) * 12_000) < 4, "{heard:?}");
            assert_eq!(*side, index % 2, "{heard:?}");
        }
    }

    #[test]
    fn without_beats_the_time_counts_and_a_long_beat_is_halved_until_it_fits() {
        let time = echoes(&[(GlobalParameter::DelayBeats, 0.0), (GlobalParameter::DelayTime, 0.1)]);
        assert!(time[0].0.abs_diff(4_800) < 4, "{time:?}");
        // Four beats at 60 are four seconds: two fit, but this looks at one and a half.
        let beats = echoes(&[(GlobalParameter::DelayBeats, 4.0), (GlobalParameter::Tempo, 200.0)]);
        assert!(beats[0].0.abs_diff(57_600) < 4, "{beats:?}");
    }

    #[test]
    fn the_longest_feedback_still_dies_away_into_idleness() {
        let mut values = ParameterValues::default();
        values.set(global_id(GlobalParameter::DelayFeedback), 0.95);
        values.set(global_id(GlobalParameter::DelayBeats), 0.0);
        values.set(global_id(GlobalParameter::DelayTime), 0.02);
        let mut delay = Delay::new(8_000.0);
        for n in 0..20 * 8_000usize {
            if n % GRID == 0 {
                delay.tick(&values);
            }
            let (l, r) = delay.process(if n < 100 { 1.0 } else { 0.0 }, 0.0, n % GRID);
            assert!(l.abs() < 20.0 && r.abs() < 20.0);
        }
        delay.tick(&values);
        assert!(delay.is_idle());
    }
}
