//! What was heard in a stretch of time, weighed note by note: the raw material of harmony.

use super::OCTAVE;

/// A note that sounded from `start` until `end` (none: it still does), its key up from `lifted` on; microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// MIDI key, 0 to 127.
    pub pitch: u8,
    /// MIDI velocity, 1 to 127.
    pub velocity: u8,
    /// When it was struck.
    pub start: i64,
    /// When it fell silent.
    pub end: Option<i64>,
    /// When its key came up.
    pub lifted: Option<i64>,
}

/// How notes are weighed; see `realtime.core.evidence`, which gives the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Scales {
    /// A note has lost half of its weight after so many microseconds.
    pub decay_micros: f64,
    /// What beginning in the window counts for.
    pub onset_weight: f64,
    /// How far the top note must stand above the rest to be a melody.
    pub melody_gap: u8,
    /// What it counts for then.
    pub melody_weight: f64,
}

/// The weights of the pitch classes, of each being the bass, and how many different notes took part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// About 1 for a note that sounds all the time.
    pub weights: [f64; OCTAVE],
    /// How much each was the lowest.
    pub bass: [f64; OCTAVE],
    /// Different keys.
    pub notes: usize,
}

/// Less of the window than this is not heard.
const LEAST_SHARE: f64 = 0.02;
/// The lowest note sounds for this part of the window at least, or as long as any.
const LEAST_BASS: f64 = 0.15;
/// A bass lies below this key, or within so many semitones of the lowest note.
const NO_BASS: u8 = 64;
const BASS_WIDTH: u8 = 4;
const MIDDLE: u8 = 60;

/// Weighs what sounded from `start` until `end`; notes from before whose key is up count `ringing_weight`.
pub fn weigh(spans: &[Span], start: i64, end: i64, ringing_weight: f64, scales: &Scales) -> Evidence {
    let length = (end - start).max(1) as f64;
    let share_of =
        |span: &Span| (span.end.map_or(end, |at| at.min(end)) - span.start.max(start)) as f64 / length;
    let mut heard: Vec<(&Span, f64)> = spans
        .iter()
        .filter(|span| span.end.is_none_or(|at| at > start))
        .map(|span| (span, share_of(span)))
        .filter(|(_, share)| *share > LEAST_SHARE)
        .collect();
    let mut evidence = Evidence { notes: keys(&heard).len(), ..Evidence::default() };
    let melody = melody(&heard, scales.melody_gap);
    for &(span, share) in &heard {
        let age = (start - span.start).max(0) as f64;
        let onset = if span.start >= start { scales.onset_weight } else { 0.0 };
        let mut weight = share * libm::exp2(-age / scales.decay_micros) + onset;
        weight *= register(span.pitch) * (0.7 + 0.3 * f64::from(span.velocity) / 100.0);
        if span.lifted.is_some() && span.start < start {
            weight *= ringing_weight;
        }
        if melody == Some(span.pitch) {
            weight *= scales.melody_weight;
        }
        evidence.weights[usize::from(span.pitch) % OCTAVE] += weight;
    }
    if ringing_weight < 1.0 && heard.iter().any(|(span, _)| is_fingered(span, start)) {
        heard.retain(|(span, _)| is_fingered(span, start));
    }
    evidence.bass = bass(&heard);
    evidence
}

/// Whether a finger is on the key, or it was struck in the window.
fn is_fingered(span: &Span, start: i64) -> bool {
    span.lifted.is_none() || span.start >= start
}

/// Harmony lives below the middle; the top of the keyboard decorates.
fn register(pitch: u8) -> f64 {
    if pitch <= MIDDLE {
        return 1.0;
    }
    (1.0 - f64::from(pitch - MIDDLE) / 40.0).max(0.45)
}

/// The different keys, from the lowest up.
fn keys(heard: &[(&Span, f64)]) -> Vec<u8> {
    let mut keys: Vec<u8> = heard.iter().map(|(span, _)| span.pitch).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The key of the top line, where one stands out.
fn melody(heard: &[(&Span, f64)], gap: u8) -> Option<u8> {
    match keys(heard)[..] {
        [_, .., below, top] if top >= MIDDLE && top - below >= gap => Some(top),
        _ => None,
    }
}

/// How much each pitch class was the lowest: the lowest notes share it by how low and how long they were.
fn bass(heard: &[(&Span, f64)]) -> [f64; OCTAVE] {
    let mut bass = [0.0; OCTAVE];
    let least = heard.iter().map(|(_, share)| *share).fold(0.0, f64::max).min(LEAST_BASS);
    let lowest = heard.iter().filter(|(_, share)| *share >= least).map(|(span, _)| span.pitch).min();
    let Some(lowest) = lowest else { return bass };
    for (span, share) in heard {
        if span.pitch >= lowest && span.pitch - lowest <= BASS_WIDTH && span.pitch < NO_BASS {
            let weight = if span.pitch == lowest { 1.0 } else { 0.25 };
            bass[usize::from(span.pitch) % OCTAVE] += share * weight;
        }
    }
    bass
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALES: Scales =
        Scales { decay_micros: 2e6, onset_weight: 0.35, melody_gap: 7, melody_weight: 0.35 };

    fn held(pitch: u8) -> Span {
        Span { pitch, velocity: 100, start: 0, end: None, lifted: None }
    }

    #[test]
    fn the_lowest_note_is_the_bass_and_a_lonely_top_counts_less() {
        let heard = weigh(&[48, 52, 55, 72].map(held), 0, 1_000_000, 1.0, &SCALES);
        assert_eq!(heard.notes, 4);
        assert_eq!(heard.bass[0], 1.0);
        assert!(heard.weights[0] < heard.weights[4] + 1.0 && heard.weights[4] > 1.0);
        assert!(heard.bass[4] > 0.0 && heard.bass[7] == 0.0);
    }

    #[test]
    fn silence_is_no_evidence() {
        assert_eq!(weigh(&[], 0, 0, 0.4, &SCALES), Evidence::default());
        let over = Span { end: Some(10), ..held(60) };
        assert_eq!(weigh(&[over], 10, 20, 1.0, &SCALES), Evidence::default());
    }
}
