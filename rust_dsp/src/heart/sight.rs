//! What the chord net sees of a beat, or of its beginning, as channels of twelve pitch classes each.
//!
//! `realtime.core.chord_features` says what the channels and the facts are.

use super::evidence::Span;
use super::OCTAVE;

/// Parts of a beat.
pub const SLOTS: usize = 4;
const STRUCK: usize = SLOTS;
const BANDS: usize = STRUCK + 3;
const LOWEST: usize = BANDS + 3;
const HIGHEST: usize = LOWEST + 2;
const HELD: usize = HIGHEST + 1;
const RINGING: usize = HELD + 1;
const STRUCK_LOWEST: usize = RINGING + 1;
/// Rows of twelve.
pub const CHANNELS: usize = STRUCK_LOWEST + 1;
/// Numbers beside them that do not turn with the root.
pub const FACTS: usize = 8;

const BAND_EDGES: [i32; 2] = [50, 66];
const DECAY_MICROS: f64 = 2e6;
/// A note must sound for this part of a slot to be its lowest or highest.
const LEAST_SHARE: f64 = 0.3;
const SHORTEST_SLOT: f64 = 10_000.0;
/// Above every key.
const NO_KEY: i32 = 128;

/// What is seen of one beat.
#[derive(Clone, Debug)]
pub struct Sight {
    /// All of them 0 to 1.
    pub channels: [[f32; OCTAVE]; CHANNELS],
    /// The first is how much of the beat was seen.
    pub facts: [f64; FACTS],
}

struct Eye {
    start: i64,
    width: f64,
    rows: [[f64; OCTAVE]; CHANNELS],
    heard: [f64; SLOTS],
    last: usize,
    lows: [i32; SLOTS],
    highs: [i32; SLOTS],
}

/// What sounded from `start` until `now`, in a beat that is `length` long; microseconds.
pub fn see(spans: &[Span], start: i64, length: i64, now: i64) -> Sight {
    let width = length as f64 / SLOTS as f64;
    let seen = (now - start) as f64;
    let mut eye = Eye {
        start,
        width,
        rows: [[0.0; OCTAVE]; CHANNELS],
        heard: std::array::from_fn(|slot| (seen - slot as f64 * width).max(SHORTEST_SLOT).min(width)),
        last: (((seen - 1.0) / width) as i64).clamp(0, SLOTS as i64 - 1) as usize,
        lows: [NO_KEY; SLOTS],
        highs: [-1; SLOTS],
    };
    let (mut sounding, mut struck, mut lowest, mut lowest_struck) = (0, 0, NO_KEY, NO_KEY);
    for span in spans {
        let until = span.end.map_or(now, |end| end.min(now));
        if until <= start || span.start >= now {
            continue;
        }
        let pitch = i32::from(span.pitch);
        (sounding, lowest) = (sounding + 1, lowest.min(pitch));
        if span.start >= start {
            (struck, lowest_struck) = (struck + 1, lowest_struck.min(pitch));
        }
        eye.add(span, until);
    }
    eye.mark_edges(lowest_struck);
    let elapsed = (seen / length as f64).clamp(0.0, 1.0);
    let mut lows: Vec<i32> = eye.lows.into_iter().filter(|&low| low < NO_KEY).collect();
    lows.sort_unstable();
    lows.dedup();
    let facts = [
        elapsed,
        f64::from(u8::from(elapsed < 0.3)),
        f64::from(u8::from(elapsed < 0.7)),
        (f64::from(sounding) / 12.0).min(1.0),
        (f64::from(struck) / 12.0).min(1.0),
        (f64::from(lowest) / 100.0).min(1.0),
        lows.len() as f64 / SLOTS as f64,
        f64::from(u8::from(sounding > 0)),
    ];
    Sight { channels: eye.rows.map(|row| row.map(|weight| (weight as f32).min(1.0))), facts }
}

impl Eye {
    fn slot_of(&self, offset: f64) -> usize {
        ((offset / self.width) as usize).min(self.last)
    }

    /// A note that sounds in the beat, `until` then.
    fn add(&mut self, span: &Span, until: i64) {
        let (pitch, key) = (i32::from(span.pitch), usize::from(span.pitch) % OCTAVE);
        let touch = (0.6 + f64::from(span.velocity) / 250.0).min(1.0);
        let (begin, end) = ((span.start.max(self.start) - self.start) as f64, (until - self.start) as f64);
        let first = self.slot_of(begin);
        if span.start >= self.start {
            self.rows[STRUCK + first.min(2)][key] += touch;
        }
        let age = (self.start - span.start) as f64;
        let mut whole = 0.0;
        for slot in first..=self.slot_of(end - 1.0) {
            let edge = slot as f64 * self.width;
            let share = ((end.min(edge + self.heard[slot]) - begin.max(edge)) / self.heard[slot]).min(1.0);
            if share <= 0.0 {
                continue;
            }
            whole += share * touch;
            self.rows[slot][key] += share * touch * libm::exp2(-(age + edge).max(0.0) / DECAY_MICROS);
            if share >= LEAST_SHARE {
                self.lows[slot] = self.lows[slot].min(pitch);
                self.highs[slot] = self.highs[slot].max(pitch);
            }
        }
        whole /= (self.last + 1) as f64;
        let band = BAND_EDGES.iter().filter(|&&edge| pitch >= edge).count();
        self.rows[BANDS + band][key] += whole;
        if span.start < self.start {
            self.rows[HELD][key] += whole;
            if span.lifted.is_some_and(|lifted| lifted <= self.start) {
                self.rows[RINGING][key] += whole;
            }
        }
    }

    /// Who is lowest and highest in each slot, and lowest of what was struck; bass weighs most down low.
    fn mark_edges(&mut self, lowest_struck: i32) {
        for slot in 0..=self.last {
            let (low, high) = (self.lows[slot], self.highs[slot]);
            if high >= 0 {
                let half = LOWEST + usize::from(slot >= SLOTS / 2);
                self.rows[half][low as usize % OCTAVE] += if low < 60 { 0.5 } else { 0.3 };
                self.rows[HIGHEST][high as usize % OCTAVE] += 1.0 / (self.last + 1) as f64;
            }
        }
        if lowest_struck < NO_KEY {
            self.rows[STRUCK_LOWEST][lowest_struck as usize % OCTAVE] =
                if lowest_struck < 55 { 1.0 } else { 0.5 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_through_the_beat_is_in_every_slot_and_the_edge_of_each() {
        let span = Span { pitch: 40, velocity: 127, start: 0, end: None, lifted: None };
        let sight = see(&[span], 0, 400_000, 400_000);
        assert_eq!(sight.facts[0], 1.0);
        for slot in 0..SLOTS {
            assert!(sight.channels[slot][4] > 0.8);
        }
        assert_eq!(sight.channels[LOWEST][4], 1.0);
        assert_eq!(sight.channels[STRUCK_LOWEST][4], 1.0);
        assert_eq!(sight.channels.iter().map(|row| row[5]).sum::<f32>(), 0.0);
    }

    #[test]
    fn nothing_heard_is_nothing_seen() {
        let sight = see(&[], 0, 400_000, 45_000);
        assert!(sight.channels.iter().flatten().all(|&weight| weight == 0.0));
        assert_eq!(sight.facts[7], 0.0);
    }
}
