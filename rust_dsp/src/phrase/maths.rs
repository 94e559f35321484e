//! The few functions of a decoder besides matrices: the same bits on every machine, close to the exact values.

use crate::oracle::wide::widely;

/// Numbers that are summed side by side.
pub const SIDE: usize = 8;

/// The exponential of a number up to 88, to about 2e-7 of itself; 0 below -87. A number that is none stays none.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // A sum with this rounds to whole numbers, without a call.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > 88.0 { 88.0 } else { x };
    let whole = x * std::f32::consts::LOG2_E + ROUND - ROUND;
    // ln 2 in two pieces (Cody & Waite): what is left of x is exact.
    let part = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let p = 1.987_569_2e-4;
    let p = p * part + 1.398_2e-3;
    let p = p * part + 8.333_452e-3;
    let p = p * part + 4.166_579_6e-2;
    let p = p * part + 1.666_666_5e-1;
    let p = p * part + 0.5;
    let p = p * part * part + part + 1.0;
    let bits = (whole + ROUND).to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    if x < -87.0 {
        0.0
    } else {
        p * f32::from_bits(bits)
    }
}

/// The sum of eight numbers.
#[inline(always)]
pub(super) fn sum(lanes: &[f32; SIDE]) -> f32 {
    let half: [f32; 4] = std::array::from_fn(|at| lanes[at] + lanes[at + 4]);
    (half[0] + half[2]) + (half[1] + half[3])
}

/// The sum of products of two rows of the same length.
///
/// Realtime-safe: yes.
#[inline(always)]
pub fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut lanes = [0.0; SIDE];
    let (ones, others) = (one.chunks_exact(SIDE), other.chunks_exact(SIDE));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for at in 0..SIDE {
            lanes[at] += a[at] * b[at];
        }
    }
    sum(&lanes) + rest
}

#[inline(always)]
fn norm_plainly(state: &[f32], weights: &[f32], epsilon: f32, out: &mut [f32]) {
    let mean = dot(state, state) / state.len() as f32;
    let scale = 1.0 / (mean + epsilon).sqrt();
    for ((out, &x), &weight) in out.iter_mut().zip(state).zip(weights) {
        *out = x * scale * weight;
    }
}

widely! {
    /// The state at unit length, weighed (`RMSNorm`).
    ///
    /// Realtime-safe: yes.
    pub fn norm(state: &[f32], weights: &[f32], epsilon: f32, out: &mut [f32]) does norm_plainly
}

#[inline(always)]
fn gate_plainly(gate: &mut [f32], up: &[f32]) {
    for (gate, &up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + exp(-*gate)) * up;
    }
}

widely! {
    /// The gate opens for what comes up (`SwiGLU`).
    ///
    /// Realtime-safe: yes.
    pub fn swiglu(gate: &mut [f32], up: &[f32]) does gate_plainly
}

#[inline(always)]
fn add_plainly(state: &mut [f32], more: &[f32]) {
    for (state, &more) in state.iter_mut().zip(more) {
        *state += more;
    }
}

widely! {
    /// Adds a row to a row.
    ///
    /// Realtime-safe: yes.
    pub fn add(state: &mut [f32], more: &[f32]) does add_plainly
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_close_to_the_real_one() {
        for step in -86_999..88_000 {
            let x = step as f32 * 1e-3;
            assert!((f64::from(exp(x)) / f64::from(x).exp() - 1.0).abs() < 4e-7, "{x}");
        }
        assert_eq!(exp(-200.0), 0.0);
        assert!(exp(f32::NAN).is_nan() && exp(f32::INFINITY).is_finite());
    }

    #[test]
    fn wide_registers_give_the_same_bits() {
        let one: Vec<f32> = (0..77).map(|at| ((at * 37 % 101) as f32 - 50.0) * 0.03).collect();
        let (mut wide, mut plain) = (one.clone(), one.clone());
        swiglu(&mut wide, &one);
        gate_plainly(&mut plain, &one);
        assert_eq!(
            wide.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
            plain.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        );
        let (mut wide, mut plain) = (vec![0.0; 77], vec![0.0; 77]);
        norm(&one, &one, 1e-6, &mut wide);
        norm_plainly(&one, &one, 1e-6, &mut plain);
        assert_eq!(wide, plain);
    }
}
