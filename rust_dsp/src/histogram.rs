//! How often what was measured: a histogram of atomics that any thread may read.
//!
//! Values come in thousandths of the unit that is read: nanoseconds in, microseconds out; or millionths in, per mille
//! out.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Buckets an octave; a bucket is nine percent wide.
const PER_OCTAVE: f32 = 8.0;
/// From an eighth of a unit to over a million.
const BUCKETS: usize = 192;
const LOWEST: f32 = 0.125;

/// The histogram.
pub struct Histogram {
    buckets: [AtomicU32; BUCKETS],
    max_thousandths: AtomicU64,
}

impl Histogram {
    /// An empty histogram.
    ///
    /// Realtime-safe: yes.
    pub fn new() -> Self {
        Self { buckets: std::array::from_fn(|_| AtomicU32::new(0)), max_thousandths: AtomicU64::new(0) }
    }

    /// Counts one value.
    ///
    /// Realtime-safe: yes.
    pub fn record(&self, thousandths: u64) {
        let value = thousandths as f32 * 1e-3;
        let place = ((value / LOWEST).max(1.0).log2() * PER_OCTAVE) as usize;
        self.buckets[place.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
        self.max_thousandths.fetch_max(thousandths, Ordering::Relaxed);
    }

    /// What `share` of all values stayed below, to nine percent.
    ///
    /// Realtime-safe: yes.
    pub fn quantile(&self, share: f32) -> f32 {
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        let total: u64 = counts.clone().map(u64::from).sum();
        let wanted = (total as f64 * f64::from(share)).ceil() as u64;
        let mut seen = 0;
        for (place, count) in counts.enumerate() {
            seen += u64::from(count);
            if count > 0 && seen >= wanted {
                return upper_end(place).min(self.max());
            }
        }
        0.0
    }

    /// The highest value.
    ///
    /// Realtime-safe: yes.
    pub fn max(&self) -> f32 {
        self.max_thousandths.load(Ordering::Relaxed) as f32 * 1e-3
    }

    /// The upper end and the count of every bucket that is not empty, lowest first.
    ///
    /// Realtime-safe: no (allocates).
    pub fn counts(&self) -> Vec<(f32, u32)> {
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).enumerate();
        counts.filter(|(_, count)| *count > 0).map(|(place, count)| (upper_end(place), count)).collect()
    }
}

fn upper_end(place: usize) -> f32 {
    LOWEST * ((place as f32 + 1.0) / PER_OCTAVE).exp2()
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_within_a_bucket() {
        let histogram = Histogram::new();
        for micros in 1..=1000u64 {
            histogram.record(micros * 1_000);
        }
        assert!((histogram.quantile(0.5) / 500.0 - 1.0).abs() < 0.1);
        assert!((histogram.quantile(0.99) / 990.0 - 1.0).abs() < 0.1);
        assert!((histogram.max() - 1_000.0).abs() < 0.01);
        assert_eq!(Histogram::new().quantile(0.5), 0.0);
    }

    #[test]
    fn every_value_is_in_one_bucket_at_most_nine_percent_above_it() {
        let histogram = Histogram::new();
        let values = [0, 90, 130, 1_000, 47_000, 3_000_000, 999_000_000];
        for value in values {
            histogram.record(value);
        }
        let counts = histogram.counts();
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<u32>(), 7);
        for value in values.map(|value| (value as f32 * 1e-3).max(LOWEST)) {
            assert!(counts.iter().any(|(end, _)| (1.0..1.1).contains(&(end / value))), "{value}");
        }
        assert!(counts.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
