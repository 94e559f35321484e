//! How long callbacks take: a histogram of atomics that any thread may read.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Buckets an octave; a bucket is nine percent wide.
const PER_OCTAVE: f32 = 8.0;
/// From 1/8 µs to over a second.
const BUCKETS: usize = 192;
const LOWEST_MICROS: f32 = 0.125;

/// The histogram.
pub struct Histogram {
    buckets: [AtomicU32; BUCKETS],
    max_nanos: AtomicU64,
}

impl Histogram {
    /// An empty histogram.
    ///
    /// Realtime-safe: yes.
    pub fn new() -> Self {
        Self { buckets: std::array::from_fn(|_| AtomicU32::new(0)), max_nanos: AtomicU64::new(0) }
    }

    /// Counts one duration.
    ///
    /// Realtime-safe: yes.
    pub fn record(&self, nanos: u64) {
        let micros = nanos as f32 * 1e-3;
        let place = ((micros / LOWEST_MICROS).max(1.0).log2() * PER_OCTAVE) as usize;
        self.buckets[place.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
        self.max_nanos.fetch_max(nanos, Ordering::Relaxed);
    }

    /// The duration in microseconds that `share` of all callbacks stayed below, to nine percent.
    ///
    /// Realtime-safe: yes.
    pub fn quantile_micros(&self, share: f32) -> f32 {
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        let total: u64 = counts.clone().map(u64::from).sum();
        let wanted = (total as f64 * f64::from(share)).ceil() as u64;
        let mut seen = 0;
        for (place, count) in counts.enumerate() {
            seen += u64::from(count);
            if count > 0 && seen >= wanted {
                let upper = LOWEST_MICROS * ((place as f32 + 1.0) / PER_OCTAVE).exp2();
                return upper.min(self.max_micros());
            }
        }
        0.0
    }

    /// The buckets that hold anything: the duration in microseconds each ends at, and how many there were.
    ///
    /// Realtime-safe: no (allocates).
    pub fn counts(&self) -> Vec<(f32, u32)> {
        let ends = (0..BUCKETS).map(|place| LOWEST_MICROS * ((place as f32 + 1.0) / PER_OCTAVE).exp2());
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        ends.zip(counts).filter(|(_, count)| *count > 0).collect()
    }

    /// The longest duration in microseconds.
    ///
    /// Realtime-safe: yes.
    pub fn max_micros(&self) -> f32 {
        self.max_nanos.load(Ordering::Relaxed) as f32 * 1e-3
    }
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
        assert!((histogram.quantile_micros(0.5) / 500.0 - 1.0).abs() < 0.1);
        assert!((histogram.quantile_micros(0.99) / 990.0 - 1.0).abs() < 0.1);
        assert!((histogram.max_micros() - 1_000.0).abs() < 0.01);
        assert_eq!(Histogram::new().quantile_micros(0.5), 0.0);
        assert_eq!(histogram.counts().iter().map(|(_, count)| count).sum::<u32>(), 1_000);
        assert!(histogram.counts().is_sorted_by(|a, b| a.0 < b.0));
    }
}
