//! Flush-to-zero for the length of one callback, so decaying tails never slow the processor down.

/// Turns denormal arithmetic off while it lives, then restores what was there.
pub struct FlushToZero {
    #[cfg(target_arch = "x86_64")]
    saved: u32,
    #[cfg(target_arch = "aarch64")]
    saved: u64,
}

#[cfg(target_arch = "x86_64")]
impl FlushToZero {
    /// Sets flush-to-zero and denormals-are-zero on this thread.
    ///
    /// Realtime-safe: yes.
    #[must_use]
    pub fn new() -> Self {
        // FTZ is bit 15 and DAZ bit 6 of MXCSR.
        const FLUSH: u32 = (1 << 15) | (1 << 6);
        let mut saved = 0u32;
        // SAFETY: stmxcsr stores 32 bits at a valid, aligned local.
        unsafe { std::arch::asm!("stmxcsr [{0}]", in(reg) &raw mut saved, options(nostack)) };
        let wanted = saved | FLUSH;
        // SAFETY: ldmxcsr loads 32 bits from a valid local; only rounding of denormals changes.
        unsafe {
            std::arch::asm!("ldmxcsr [{0}]", in(reg) &raw const wanted, options(nostack, readonly));
        }
        Self { saved }
    }
}

#[cfg(target_arch = "x86_64")]
impl Drop for FlushToZero {
    fn drop(&mut self) {
        // SAFETY: restores the value `new` read on this thread.
        unsafe {
            std::arch::asm!("ldmxcsr [{0}]", in(reg) &raw const self.saved, options(nostack, readonly));
        };
    }
}

#[cfg(target_arch = "aarch64")]
impl FlushToZero {
    /// Sets flush-to-zero on this thread.
    ///
    /// Realtime-safe: yes.
    #[must_use]
    pub fn new() -> Self {
        // FZ is bit 24 of FPCR; it covers inputs as well as results.
        const FLUSH: u64 = 1 << 24;
        let saved: u64;
        // SAFETY: reading FPCR has no side effect.
        unsafe { std::arch::asm!("mrs {0}, fpcr", out(reg) saved, options(nomem, nostack)) };
        // SAFETY: only the treatment of denormals changes.
        unsafe { std::arch::asm!("msr fpcr, {0}", in(reg) saved | FLUSH, options(nomem, nostack)) };
        Self { saved }
    }
}

#[cfg(target_arch = "aarch64")]
impl Drop for FlushToZero {
    fn drop(&mut self) {
        // SAFETY: restores the value `new` read on this thread.
        unsafe { std::arch::asm!("msr fpcr, {0}", in(reg) self.saved, options(nomem, nostack)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
impl FlushToZero {
    /// Does nothing where the processor has no such switch.
    ///
    /// Realtime-safe: yes.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }
}

impl Default for FlushToZero {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn denormals_are_zero_while_it_lives_and_back_afterwards() {
        let tiny = black_box(f32::MIN_POSITIVE);
        {
            let _guard = FlushToZero::new();
            assert_eq!(black_box(tiny * black_box(0.25)), 0.0);
        }
        assert!(black_box(tiny * black_box(0.25)) > 0.0);
    }
}
