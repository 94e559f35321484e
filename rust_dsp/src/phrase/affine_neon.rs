//! The products of a group on processors with NEON.

use super::affine::STEP;
use std::arch::aarch64::{
    vaddvq_s32, vdupq_n_s32, vget_high_u8, vget_low_s16, vget_low_u8, vld1q_s16, vld1q_u8, vmlal_high_s16,
    vmlal_s16, vmovl_u8, vreinterpretq_s16_u16,
};

/// The sum of products of a group.
#[inline]
pub(super) fn product(weights: &[u8], values: &[i16]) -> i32 {
    // SAFETY: every aarch64 has NEON; chunks are `STEP` long.
    unsafe {
        let mut sums = [vdupq_n_s32(0); 2];
        for (q, v) in weights.chunks_exact(STEP).zip(values.chunks_exact(STEP)) {
            let bytes = vld1q_u8(q.as_ptr());
            let halves = [
                vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes))),
                vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(bytes))),
            ];
            for (half, &q) in halves.iter().enumerate() {
                let v = vld1q_s16(v.as_ptr().add(8 * half));
                sums[0] = vmlal_s16(sums[0], vget_low_s16(q), vget_low_s16(v));
                sums[1] = vmlal_high_s16(sums[1], q, v);
            }
        }
        vaddvq_s32(sums[0]) + vaddvq_s32(sums[1])
    }
}
