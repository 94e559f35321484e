//! How to lay chords on keys: a search for the voicing that moves least, sits well and leads on to what comes.
//!
//! `realtime.core.band.voicing` says which notes of a chord a hand is given, and what the families are.

use super::OCTAVE;

/// Keys from the lowest up.
pub type Voicing = Vec<u8>;

/// The most notes of a hand.
pub const MOST_NOTES: usize = 8;

const CENTRE_COST: f64 = 0.25;
const CROWD_COST: f64 = 8.0;
/// How many of the best places of each chord are followed on to the next; before the player's keys are thought of,
/// three times as many.
const KEPT: usize = 10;
const RANKED: usize = 3 * KEPT;
/// Below this key (C3), thirds are mud: the beats of their partials are heard as roughness.
const MUDDY: u8 = 48;

/// A family of voicings, and where the hand plays.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// The smallest and largest distance between neighbours that sound like the family, and the widest span.
    pub gaps: [i32; 3],
    /// Whether the lowest two are wide apart, as in drop 2.
    pub is_dropped: bool,
    /// The lowest and the highest key.
    pub low: u8,
    /// See `low`.
    pub high: u8,
}

type Placed = (f64, Voicing);

/// The voicing of the first of `chords` (pitch classes) on the cheapest way through all of them; empty for none.
///
/// Viterbi over the best placed voicings of each chord. Cost: how far the voices move, how far the middle is from the
/// middle of the range, what is not like the family, and the keys of the player (`crowd`, one number a key, or none).
pub fn lead(chords: &[Vec<u8>], before: &[u8], hand: &Hand, crowd: &[f64]) -> Voicing {
    // Cost, the first voicing, the last.
    let mut paths: Vec<(f64, Voicing, Voicing)> = Vec::new();
    for (place, tones) in chords.iter().enumerate() {
        let best = best(tones, hand, crowd);
        let reached: Vec<_> = best
            .into_iter()
            .filter_map(|(cost, voicing)| {
                if place == 0 {
                    return Some((cost + moved(before, &voicing), voicing.clone(), voicing));
                }
                let ways = paths.iter().map(|(cost, first, last)| (cost + moved(last, &voicing), first));
                let (least, first) = ways.reduce(|best, way| if way.0 < best.0 { way } else { best })?;
                Some((least + cost, first.clone(), voicing))
            })
            .collect();
        if place == 0 || !reached.is_empty() {
            paths = reached;
        }
    }
    let cheapest = paths.into_iter().min_by(|one, other| {
        one.0.total_cmp(&other.0).then_with(|| (&one.1, &one.2).cmp(&(&other.1, &other.2)))
    });
    cheapest.map(|(_, first, _)| first).unwrap_or_default()
}

/// Every way to place these pitch classes, one note each, in the hand's range.
fn candidates(tones: &[u8], hand: &Hand) -> Vec<Voicing> {
    let mut ways = vec![Voicing::new()];
    for &tone in tones {
        let places: Vec<u8> =
            (hand.low..=hand.high).filter(|key| usize::from(*key) % OCTAVE == usize::from(tone)).collect();
        ways = ways
            .iter()
            .flat_map(|way| places.iter().map(move |&key| [way.as_slice(), &[key]].concat()))
            .collect();
    }
    for way in &mut ways {
        way.sort_unstable();
    }
    ways
}

fn best(tones: &[u8], hand: &Hand, crowd: &[f64]) -> Vec<Placed> {
    let mut placed: Vec<Placed> =
        candidates(tones, hand).into_iter().map(|voicing| (sits(&voicing, hand), voicing)).collect();
    cheapest(&mut placed, RANKED);
    if !crowd.is_empty() {
        for (cost, voicing) in &mut placed {
            *cost += CROWD_COST * voicing.iter().map(|&key| crowd[usize::from(key)]).sum::<f64>();
        }
    }
    cheapest(&mut placed, KEPT);
    placed
}

/// The cheapest so many, in order.
fn cheapest(placed: &mut Vec<Placed>, most: usize) {
    placed.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1)));
    placed.truncate(most);
}

/// What a voicing costs by itself.
fn sits(voicing: &[u8], hand: &Hand) -> f64 {
    let [least, most, span] = hand.gaps;
    let gaps: Vec<i32> = voicing.windows(2).map(|pair| i32::from(pair[1]) - i32::from(pair[0])).collect();
    let mut cost = 0.0;
    for &gap in &gaps {
        cost += if gap > most { 3.0 } else { 0.0 };
        cost += if gap == 1 || gap < least { 2.0 } else { 0.0 };
    }
    let lowest = gaps.first().copied();
    if lowest.is_some_and(|gap| gap < 3) {
        cost += 2.0;
    }
    let (Some(&bottom), Some(&top)) = (voicing.first(), voicing.last()) else { return cost };
    cost += 0.5 * f64::from((i32::from(top) - i32::from(bottom) - span).max(0));
    if hand.is_dropped && gaps.len() > 1 && gaps[0] < 5 {
        cost += 2.0;
    }
    if bottom < MUDDY && lowest.is_some_and(|gap| gap < 5) {
        cost += 3.0;
    }
    let middle = voicing.iter().map(|&key| f64::from(key)).sum::<f64>() / voicing.len() as f64;
    cost + CENTRE_COST * (middle - f64::midpoint(f64::from(hand.low), f64::from(hand.high))).abs()
}

/// How far the voices go, paired from the lowest up, in semitones; more voices than before come from its highest.
fn moved(before: &[u8], voicing: &[u8]) -> f64 {
    let Some(&highest) = before.last() else { return 0.0 };
    let old = before.iter().copied().chain(std::iter::repeat(highest));
    f64::from(voicing.iter().zip(old).map(|(&new, old)| u32::from(new.abs_diff(old))).sum::<u32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAND: Hand = Hand { gaps: [1, 9, 19], is_dropped: false, low: 52, high: 74 };

    #[test]
    fn a_common_tone_stays_and_the_rest_moves_little() {
        let c = lead(&[vec![4, 7, 0]], &[], &HAND, &[]);
        let f = lead(&[vec![9, 0, 5]], &c, &HAND, &[]);
        assert!(moved(&c, &f) <= 4.0, "{c:?} {f:?}");
    }

    #[test]
    fn nothing_to_voice_is_nothing_played() {
        assert!(lead(&[], &[60], &HAND, &[]).is_empty());
    }
}
