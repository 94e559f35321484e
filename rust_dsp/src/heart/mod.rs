//! The heart's hot kernels: what listening and playing compute again and again, a few microseconds each.
//!
//! All of them are pure, and give the same bits on every machine: what is not +, -, * or / comes from `libm`, which
//! is compiled in. Public functions of this module may allocate: `Realtime-safe: no` unless they say otherwise.

pub mod chance;
pub mod chord_net;
pub mod evidence;
pub mod key_filter;
pub mod likeliest;
pub mod melody_filter;
pub mod sight;
pub mod voicing;
pub mod walking;

/// Pitch classes.
pub const OCTAVE: usize = 12;
