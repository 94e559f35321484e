//! Which of a device's formats is taken: the nearest to what was asked that the device really offers.

use crate::request::RATES;
use std::ops::RangeInclusive;

/// One of the formats a device offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Sample rates in hertz.
    pub rates: RangeInclusive<u32>,
    /// Channels.
    pub channels: u16,
    /// How much the sample format is disliked; 0 is the best.
    pub format_cost: u8,
    /// Block sizes in frames, where the device tells.
    pub frames: Option<RangeInclusive<u32>>,
}

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The place of the offer.
    pub offer: usize,
    /// The sample rate in hertz: the engine runs at it, nothing is resampled.
    pub rate: u32,
    /// The block in frames.
    pub frames: u32,
}

/// The best offer: stereo before mono, then the nearest rate, then few channels, then the best sample format.
///
/// Realtime-safe: no (looks at every offer).
pub fn choose(offers: &[Offer], rate: u32, frames: usize) -> Option<Choice> {
    let (place, best) = offers
        .iter()
        .enumerate()
        .filter(|(_, offer)| offer.channels > 0 && playable_rate(offer, rate).is_some())
        .min_by_key(|(_, offer)| cost(offer, rate))?;
    let rate = playable_rate(best, rate)?;
    let asked = u32::try_from(frames).unwrap_or(u32::MAX);
    let frames = match &best.frames {
        Some(range) => nearest(range, asked),
        None => asked,
    };
    Some(Choice { offer: place, rate, frames: frames.max(1) })
}

fn nearest(range: &RangeInclusive<u32>, wanted: u32) -> u32 {
    wanted.min(*range.end()).max(*range.start())
}

/// The offered rate next to the one that is wanted, where the engine can run at it.
fn playable_rate(offer: &Offer, wanted: u32) -> Option<u32> {
    Some(nearest(&offer.rates, wanted)).filter(|rate| RATES.contains(rate))
}

fn cost(offer: &Offer, rate: u32) -> (bool, u32, u16, u8) {
    let taken = playable_rate(offer, rate).unwrap_or(rate);
    // A thousandth of an octave is as good as the same.
    let distance = (f64::from(taken) / f64::from(rate)).log2().abs() * 1e3;
    (offer.channels == 1, distance as u32, offer.channels, offer.format_cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offer(rates: RangeInclusive<u32>, channels: u16) -> Offer {
        Offer { rates, channels, format_cost: 0, frames: Some(64..=2_048) }
    }

    #[test]
    fn the_nearest_rate_wins_and_stereo_before_it() {
        let offers = [offer(8_000..=8_000, 2), offer(44_100..=44_100, 2), offer(48_000..=48_000, 1)];
        assert_eq!(choose(&offers, 48_000, 16), Some(Choice { offer: 1, rate: 44_100, frames: 64 }));
        assert_eq!(choose(&[], 48_000, 128), None);
        assert_eq!(choose(&[offer(4_000..=6_000, 2)], 48_000, 128), None);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_offered_and_an_exact_offer_is_taken_exactly(
            ranges in prop::collection::vec((4_000u32..200_000, 0u32..100_000, 0u16..9, 0u8..5), 0..12),
            rate in 8_000u32..=192_000,
            frames in 1usize..=8_192,
        ) {
            let offers: Vec<_> = ranges
                .into_iter()
                .map(|(low, width, channels, format_cost)| Offer {
                    format_cost,
                    frames: (channels % 2 == 0).then(|| 16 + low / 100..=16 + (low + width) / 100),
                    ..offer(low..=low + width, channels)
                })
                .collect();
            let Some(choice) = choose(&offers, rate, frames) else {
                let is_usable = |o: &Offer| o.channels > 0 && *o.rates.start() <= 192_000 && *o.rates.end() >= 8_000;
                prop_assert!(!offers.iter().any(is_usable));
                return Ok(());
            };
            let taken = &offers[choice.offer];
            prop_assert!(taken.rates.contains(&choice.rate));
            prop_assert!(taken.frames.as_ref().is_none_or(|range| range.contains(&choice.frames)));
            if offers.iter().any(|o| o.channels >= 2 && o.rates.contains(&rate)) {
                prop_assert!(choice.rate.abs_diff(rate) <= rate / 1_000);
            }
        }
    }
}
