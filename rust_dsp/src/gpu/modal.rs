//! Struck and plucked bodies on the device: sums of decaying sines whose every frame is known when they begin.

use super::device::Gpu;
use super::error::GpuError;
use super::work::{add_pass, Room};
use crate::voice::TICK;

/// The shader.
pub const SOURCE: &str = include_str!("modal.wgsl");

/// Frames of a workgroup.
const FRAMES: usize = 64;
const _: () = assert!(FRAMES % TICK == 0);

/// A decaying sine; laid out as the shader reads it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Partial {
    step: [u32; 2],
    phase: u32,
    gain: f32,
    fall: f32,
    spare: [u32; 3],
}

// SAFETY: eight words without gaps; all bits mean something.
unsafe impl bytemuck::Zeroable for Partial {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Partial {}

impl Partial {
    /// One that makes `turns` a frame, starts at `phase` turns, and loses 60 dB in `t60_frames`.
    ///
    /// Realtime-safe: yes.
    pub fn new(turns: f64, phase: f64, gain: f32, t60_frames: f64) -> Self {
        // Three powers of ten.
        let fall = 3.0 * std::f64::consts::LOG2_10 / t60_frames.max(1.0);
        let step = (turns.rem_euclid(1.0) * 2f64.powi(64)) as u64;
        let phase = (phase.rem_euclid(1.0) * 2f64.powi(32)) as u64 as u32;
        Self { step: [(step >> 32) as u32, step as u32], phase, gain, fall: fall as f32, spare: [0; 3] }
    }
}

/// Partials that sound together for a while; laid out as the shader reads it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Ring {
    /// The first frame.
    pub first_frame: u32,
    /// How many frames it sounds.
    pub frames: u32,
    /// The first of its partials.
    pub first_partial: u32,
    /// How many partials it has.
    pub partials: u32,
    /// Gains to the two sides.
    pub gains: [f32; 2],
    /// Nothing; rounds up to what the shader needs.
    pub spare: [u32; 2],
}

// SAFETY: eight words without gaps; all bits mean something.
unsafe impl bytemuck::Zeroable for Ring {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Ring {}

/// Renders notes; what comes back is interleaved stereo.
///
/// Realtime-safe: no.
///
/// # Errors
/// There are too many of them at once, or the device failed.
pub fn render(gpu: &Gpu, rings: &[Ring], partials: &[Partial], frames: usize) -> Result<Vec<f32>, GpuError> {
    let [pipeline] = gpu.pipelines("modal", SOURCE, ["render_modes"])?;
    let ticks = frames.div_ceil(FRAMES);
    let (starts, sounding) = sounding(rings, ticks);
    let largest = size_of_val(partials).max(4 * sounding.len()).max(8 * FRAMES * ticks) as u64;
    if largest > gpu.most_bytes() {
        return Err(GpuError::TooLarge(format!("{} notes in {frames} frames", rings.len())));
    }
    let mut rooms: [Room; 6] = std::array::from_fn(|_| Room::storage(gpu));
    let settings = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: 16,
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    gpu.queue.write_buffer(&settings, 0, bytemuck::cast_slice(&[ticks as u32, 0, 0, 0]));
    rooms[1].filled(gpu, rings);
    rooms[2].filled(gpu, partials);
    rooms[3].filled(gpu, &starts);
    rooms[4].filled(gpu, &sounding);
    let bytes = (8 * FRAMES * ticks) as u64;
    rooms[5].at_least(gpu, bytes);
    let mut readback = Room::readback(gpu);
    readback.at_least(gpu, bytes);
    let mut commands = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut bound = vec![(0, &settings)];
    bound.extend((1..6).map(|n| (n as u32, rooms[n].buffer())));
    add_pass(gpu, &mut commands, &pipeline, &bound, ticks as u32);
    let pending = gpu.submit(commands, rooms[5].buffer(), readback.buffer(), bytes.max(4));
    gpu.collect(pending, |values| values[..(2 * frames).min(values.len())].to_vec())
}

/// Which rings sound in which tick: where each tick's begin, and one row of all of them.
fn sounding(rings: &[Ring], ticks: usize) -> (Vec<u32>, Vec<u32>) {
    let span = |ring: &Ring| {
        let end = ring.first_frame.saturating_add(ring.frames) as usize;
        (ring.first_frame as usize / FRAMES).min(ticks)..end.div_ceil(FRAMES).min(ticks)
    };
    let mut starts = vec![0u32; ticks + 1];
    for tick in rings.iter().flat_map(span) {
        starts[tick + 1] += 1;
    }
    for tick in 0..ticks {
        starts[tick + 1] += starts[tick];
    }
    let mut next = starts.clone();
    let mut row = vec![0; starts[ticks] as usize];
    for (n, ring) in rings.iter().enumerate() {
        for tick in span(ring) {
            row[next[tick] as usize] = n as u32;
            next[tick] += 1;
        }
    }
    (starts, row)
}
