//! The graphics processor, for tests.
// The helpers here are no tests to clippy, but serve them only.
#![allow(clippy::unwrap_used)]

use sideman_dsp::gpu::device::Gpu;

/// None where there is none, unless `TESTS_NEED_GPU` is set: then that is a failure.
pub fn gpu() -> Option<Gpu> {
    let gpu = Gpu::open();
    let must = std::env::var_os("TESTS_NEED_GPU").is_some();
    assert!(gpu.is_ok() || !must, "{}", gpu.err().unwrap());
    gpu.ok()
}
