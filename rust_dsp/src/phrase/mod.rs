//! The phrase model: a small decoder of the Qwen2 family that says what a melody does next, a token at a time.
//!
//! It reads what mlx-lm writes (`config.json`, `model.safetensors`; floats, or mlx's affine 8 bits), and computes with
//! whole numbers where weights have 8 bits: activations are rounded to 16 bits, products are summed exactly, so AVX2,
//! NEON and plain code give the same bits. Everything else is done in one fixed order.

pub mod affine;
#[cfg(target_arch = "x86_64")]
mod affine_avx2;
#[cfg(target_arch = "aarch64")]
mod affine_neon;
pub mod attention;
pub mod config;
pub mod decoder;
pub mod layer;
pub mod maths;
pub mod matrix;
pub mod model;
pub mod rotary;
pub mod tensors;
