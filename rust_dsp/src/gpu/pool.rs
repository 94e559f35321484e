//! A bank's samples on the device: in as few bytes as hold them exactly, in pieces that shaders may see.

use super::device::Gpu;
use super::error::GpuError;

/// Pieces that shaders have bindings for.
pub const PIECES: usize = 4;

/// The samples of a bank.
pub struct DevicePool {
    /// The pieces; those beyond the last hold nothing.
    pub pieces: [wgpu::Buffer; PIECES],
    /// A word's piece is its number shifted right by this.
    pub piece_bits: u32,
    /// Whether a word holds two samples of 16 bits, instead of one float.
    pub is_packed: bool,
    /// Samples.
    pub length: u32,
}

impl DevicePool {
    /// Takes the samples to the device; no piece is larger than `most_bytes`.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// They are too many.
    pub fn new(gpu: &Gpu, samples: &[f32], most_bytes: u64) -> Result<Self, GpuError> {
        let is_packed = samples.iter().all(|&sample| is_short(sample));
        let words: Vec<u32> = if is_packed {
            let short = |sample: f32| (sample * 32_768.0) as i32 as u32 & 0xffff;
            let pair = |pair: &[f32]| short(pair[0]) | short(pair.get(1).copied().unwrap_or(0.0)) << 16;
            samples.chunks(2).map(pair).collect()
        } else {
            samples.iter().map(|sample| sample.to_bits()).collect()
        };
        let piece_bits = (most_bytes.min(gpu.most_bytes()) / 4).max(64).ilog2().min(30);
        let piece = 1usize << piece_bits;
        if words.len() > PIECES * piece {
            let (needed, room) = (words.len() >> 18, (PIECES * piece) >> 18);
            return Err(GpuError::TooLarge(format!("the bank takes {needed} MiB, and {room} MiB fit")));
        }
        let pieces = std::array::from_fn(|n| {
            let part = words.get(n * piece..words.len().min((n + 1) * piece)).unwrap_or(&[]);
            let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("pool"),
                size: (4 * part.len() as u64).max(16),
                usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            if !part.is_empty() {
                gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(part));
            }
            buffer
        });
        gpu.check()?;
        Ok(Self { pieces, piece_bits, is_packed, length: samples.len() as u32 })
    }
}

/// Whether 16 bits hold it exactly.
fn is_short(sample: f32) -> bool {
    let scaled = sample * 32_768.0;
    scaled == scaled.trunc() && (-32_768.0..32_768.0).contains(&scaled)
}
