//! Work in wide registers: the same arithmetic in the same order, so every machine gives the same bits.

/// Makes a function that does what `$plain`, which must be inlined always, does: in code for AVX2 where the processor
/// has it. No multiply-add is fused.
macro_rules! widely {
    ($(#[$about:meta])* $seen:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?) does $plain:path) => {
        $(#[$about])*
        $seen fn $name($($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            {
                // SAFETY: callers check for AVX2 first.
                #[target_feature(enable = "avx2")]
                unsafe fn in_avx2($($argument: $kind),*) {
                    $plain($($argument),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    unsafe { in_avx2($($argument),*) };
                    return;
                }
            }
            $plain($($argument),*);
        }
    };
}

pub(crate) use widely;
