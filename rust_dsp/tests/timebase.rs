//! Laws of the loop that tells the time: it converges, it smooths, it learns the rate, and it survives gaps.

use proptest::prelude::*;
use sideman_dsp::timebase::LoopFilter;

/// Numbers between −1 and 1, the same every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / f64::from(1 << 23) - 1.0
    }
}

/// A device whose clock runs at `rate` hertz of the sender's clock, asking for blocks with jitter.
struct Device {
    rate: f64,
    jitter_micros: f64,
    dice: Dice,
    now: f64,
}

impl Device {
    fn new(rate: f64, jitter_micros: f64) -> Self {
        Self { rate, jitter_micros, dice: Dice(7), now: 5e6 }
    }

    /// One callback; how far, in microseconds, the loop's idea of its start is from the truth.
    fn call(&mut self, filter: &mut LoopFilter, frames: usize) -> f64 {
        let jitter = self.jitter_micros * self.dice.throw();
        filter.update(self.now + jitter, frames);
        let truth = self.now;
        self.now += frames as f64 * 1e6 / self.rate;
        filter.start_micros() - truth
    }
}

/// The worst error in microseconds over so many seconds.
fn worst(device: &mut Device, filter: &mut LoopFilter, frames: usize, seconds: f64) -> f64 {
    let callbacks = (seconds * device.rate / frames as f64) as usize;
    (0..callbacks).map(|_| device.call(filter, frames).abs()).fold(0.0, f64::max)
}

fn root_mean_square(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
}

#[test]
fn jitter_of_callbacks_is_smoothed_to_a_fifth_at_worst_and_a_tenth_on_average() {
    let (mut filter, mut device) = (LoopFilter::new(48_000, 128), Device::new(48_000.0, 300.0));
    worst(&mut device, &mut filter, 128, 8.0);
    let errors: Vec<f64> = (0..20_000).map(|_| device.call(&mut filter, 128)).collect();
    let worst = errors.iter().fold(0.0f64, |worst, error| worst.max(error.abs()));
    // The root mean square of even jitter is its height over √3.
    assert!(worst <= 300.0 / 5.0 && root_mean_square(&errors) <= 300.0 / 3f64.sqrt() / 10.0, "{worst}");
}

#[test]
fn the_rate_of_a_clock_that_is_off_is_learnt_within_seconds() {
    for off in [-300e-6, -50e-6, 0.0, 20e-6, 300e-6] {
        let (mut filter, mut device) =
            (LoopFilter::new(48_000, 256), Device::new(48_000.0 * (1.0 + off), 100.0));
        worst(&mut device, &mut filter, 256, 30.0);
        let learnt = filter.measured_rate() / 48_000.0 - 1.0;
        assert!((learnt - off).abs() < 40e-6, "{off}: {learnt}");
        let left = worst(&mut device, &mut filter, 256, 10.0);
        assert!(left < 25.0, "{off}: {left} µs");
    }
}

#[test]
fn a_gap_that_the_device_reports_is_jumped_over_at_once_however_short_and_the_rate_stays() {
    let (mut filter, mut device) = (LoopFilter::new(48_000, 256), Device::new(48_009.6, 0.0));
    worst(&mut device, &mut filter, 256, 20.0);
    device.now += 5_333.0;
    filter.relock();
    assert!(worst(&mut device, &mut filter, 256, 2.0) < 1.0);
    assert!((filter.measured_rate() - 48_009.6).abs() < 0.1);
}

#[test]
fn a_late_first_callback_is_forgotten_within_a_second_and_a_half() {
    let (mut filter, mut device) = (LoopFilter::new(48_000, 128), Device::new(48_000.0, 0.0));
    filter.update(device.now + 3_000.0, 128);
    device.now += 128.0 / 48_000.0 * 1e6;
    worst(&mut device, &mut filter, 128, 1.5);
    assert!(worst(&mut device, &mut filter, 128, 5.0) < 100.0);
}

proptest! {
    #[test]
    fn at_every_rate_and_block_the_loop_is_stable(
        rate in 8_000u32..=192_000,
        frames in 1usize..=8_192,
        off in -500e-6f64..500e-6,
    ) {
        let (mut filter, mut device) =
            (LoopFilter::new(rate, frames), Device::new(f64::from(rate) * (1.0 + off), 0.0));
        let block = frames as f64 / f64::from(rate);
        // Tiny blocks are many; a few seconds of them say enough.
        worst(&mut device, &mut filter, frames, (60.0 * block).clamp(12.0, 120.0).min(block * 40_000.0));
        let left = worst(&mut device, &mut filter, frames, 20.0 * block);
        let settled = block * 40_000.0 > 10.0;
        prop_assert!(!settled || left < 5.0, "{} µs", left);
        prop_assert!((filter.measured_rate() / f64::from(rate) - 1.0).abs() < 0.011);
    }

    #[test]
    fn after_a_gap_of_any_length_the_loop_is_right_again_and_knows_the_rate_still(
        gap_micros in 0.0f64..10e6,
        size in 0usize..6,
    ) {
        let frames = [32, 64, 128, 256, 1_024, 4_096][size];
        let (mut filter, mut device) = (LoopFilter::new(48_000, frames), Device::new(48_009.6, 0.0));
        worst(&mut device, &mut filter, frames, 20.0);
        let before = filter.measured_rate();
        device.now += gap_micros;
        // A gap that is no longer than jitter may be is smoothed, a longer one jumped over.
        worst(&mut device, &mut filter, frames, 4.0);
        let left = worst(&mut device, &mut filter, frames, 4.0);
        prop_assert!(left < 150.0, "{} µs after {} µs", left, gap_micros);
        prop_assert!((filter.measured_rate() - before).abs() < 48_000.0 * 2e-3);
    }

    #[test]
    fn blocks_of_any_size_in_one_stream_keep_the_time(sizes in prop::collection::vec(1usize..=4_096, 50..200)) {
        let (mut filter, mut device) = (LoopFilter::new(48_000, 4_096), Device::new(48_004.8, 0.0));
        worst(&mut device, &mut filter, 512, 20.0);
        for frames in sizes {
            let error = device.call(&mut filter, frames).abs();
            prop_assert!(error < 25.0, "{} µs", error);
        }
    }
}
