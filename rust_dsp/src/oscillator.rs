//! A sawtooth and a pulse without audible aliasing (polynomial band-limited steps).

use crate::units::phase_to_turns;

/// The correction near a step: `turns` is the phase in [0, 1), `step` the phase per sample.
#[inline(always)]
fn smooth_step(turns: f32, step: f32) -> f32 {
    if turns < step {
        let x = turns / step;
        x + x - x * x - 1.0
    } else if turns > 1.0 - step {
        let x = (turns - 1.0) / step;
        x * x + x + x + 1.0
    } else {
        0.0
    }
}

/// A sawtooth in −1 to 1 without offset, at a 32-bit phase.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn saw(phase: u32, step_turns: f32) -> f32 {
    let turns = phase_to_turns(phase);
    2.0 * turns - 1.0 - smooth_step(turns, step_turns)
}

/// A pulse as the difference of two sawtooths, so its offset is zero at every width; `width` is a 32-bit phase.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn pulse(phase: u32, step_turns: f32, width: u32) -> f32 {
    saw(phase, step_turns) - saw(phase.wrapping_add(width), step_turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_have_no_offset() {
        let step = crate::units::hz_to_step(100.0, 48_000.0);
        let turns = phase_to_turns(step);
        let (mut phase, mut saws, mut pulses) = (0u32, 0.0f64, 0.0f64);
        for _ in 0..48_000 {
            saws += f64::from(saw(phase, turns));
            pulses += f64::from(pulse(phase, turns, 1 << 30));
            phase = phase.wrapping_add(step);
        }
        assert!((saws / 48_000.0).abs() < 1e-3 && (pulses / 48_000.0).abs() < 1e-3);
    }
}
