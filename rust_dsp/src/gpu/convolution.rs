//! Convolution with long impulse responses on the device: partitions of one size, all blocks of a stretch at once.

use super::device::Gpu;
use super::error::GpuError;
use super::work::{add_pass, Room};
use std::f64::consts::TAU;

/// The shader.
pub const SOURCE: &str = include_str!("convolution.wgsl");

/// Frames of a partition; transforms are twice as long.
const BLOCK: usize = 4_096;
const SIZE: usize = 2 * BLOCK;
/// The most partitions of an impulse response: 87 s at 48 kHz.
const MOST_PARTITIONS: usize = 1_024;
/// The most blocks that are convolved at once; with the partitions' they stay below 128 MiB.
const MOST_BLOCKS: usize = 512;

type Point = [f32; 2];

/// What shaders are told.
#[derive(Clone, Copy)]
#[repr(C)]
struct Settings {
    count: u32,
    half: u32,
    stride: u32,
    direction: f32,
    partitions: u32,
    spare: [u32; 3],
}

// SAFETY: eight words without gaps.
unsafe impl bytemuck::NoUninit for Settings {}

/// One channel in, two out.
pub struct Convolver<'a> {
    gpu: &'a Gpu,
    butterfly: wgpu::ComputePipeline,
    multiply: wgpu::ComputePipeline,
    twiddles: Room,
    impulse: Room,
    partitions: usize,
    frames: usize,
}

impl<'a> Convolver<'a> {
    /// Takes the impulse responses of the two sides, of the same length, to the device.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// They are too long, or the device failed.
    pub fn new(gpu: &'a Gpu, [left, right]: [&[f32]; 2]) -> Result<Self, GpuError> {
        let frames = left.len().min(right.len()).max(1);
        let partitions = frames.div_ceil(BLOCK);
        if partitions > MOST_PARTITIONS {
            let (most, rest) = (MOST_PARTITIONS * BLOCK, frames - MOST_PARTITIONS * BLOCK);
            return Err(GpuError::TooLarge(format!(
                "an impulse response has {rest} frames more than {most}"
            )));
        }
        let [butterfly, multiply] = gpu.pipelines("convolution", SOURCE, ["butterfly", "multiply"])?;
        let turn = |n: usize| -> Point {
            let (sine, cosine) = (-TAU * n as f64 / SIZE as f64).sin_cos();
            [cosine as f32, sine as f32]
        };
        let mut twiddles = Room::storage(gpu);
        twiddles.filled(gpu, &(0..BLOCK).map(turn).collect::<Vec<_>>());
        // The two sides are the real and the imaginary part of one signal: what goes in is real, so they stay apart.
        let mut points: Vec<Point> = vec![[0.0; 2]; partitions * SIZE];
        for n in 0..frames.min(left.len()) {
            points[n / BLOCK * SIZE + n % BLOCK] = [left[n], right[n]];
        }
        let mut convolver =
            Self { gpu, butterfly, multiply, twiddles, impulse: Room::storage(gpu), partitions, frames };
        let mut commands = convolver.commands();
        let (mut from, mut to) = (Room::storage(gpu), Room::storage(gpu));
        from.filled(gpu, &points);
        to.at_least(gpu, bytes(partitions));
        if convolver.transform(&mut commands, &from, &to, partitions, 1.0) {
            std::mem::swap(&mut from, &mut to);
        }
        gpu.queue.submit([commands.finish()]);
        convolver.impulse = from;
        gpu.check()?;
        Ok(convolver)
    }

    /// What `input` gives, with the whole tail.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The device failed.
    pub fn convolve(&self, input: &[f32]) -> Result<[Vec<f32>; 2], GpuError> {
        let frames = if input.is_empty() { 0 } else { input.len() + self.frames - 1 };
        let blocks = frames.div_ceil(BLOCK).clamp(1, MOST_BLOCKS);
        let history = self.partitions - 1;
        let mut rooms = [Room::storage(self.gpu), Room::storage(self.gpu)];
        for room in &mut rooms {
            room.at_least(self.gpu, bytes(history + blocks));
        }
        let mut readback = Room::readback(self.gpu);
        readback.at_least(self.gpu, bytes(blocks));
        let mut out = [Vec::with_capacity(frames), Vec::with_capacity(frames)];
        while out[0].len() < frames {
            // Each transform sees its own block and the one before it.
            let start = out[0].len() as isize - ((history + 1) * BLOCK) as isize;
            let mut points: Vec<Point> = Vec::with_capacity((history + blocks) * SIZE);
            for block in 0..history + blocks {
                let first = start + (block * BLOCK) as isize;
                let at = |n: usize| usize::try_from(first + n as isize).ok().and_then(|n| input.get(n));
                points.extend((0..SIZE).map(|n| [at(n).copied().unwrap_or(0.0), 0.0]));
            }
            rooms[0].filled(self.gpu, &points);
            let mut commands = self.commands();
            let [mut from, mut to] = [&rooms[0], &rooms[1]];
            if self.transform(&mut commands, from, to, history + blocks, 1.0) {
                (from, to) = (to, from);
            }
            self.add_products(&mut commands, from, to, blocks);
            (from, to) = (to, from);
            if self.transform(&mut commands, from, to, blocks, -1.0) {
                (from, _) = (to, from);
            }
            let pending = self.gpu.submit(commands, from.buffer(), readback.buffer(), bytes(blocks));
            self.gpu.collect(pending, |values| {
                for block in values.chunks_exact(2 * SIZE) {
                    // The first half has wrapped round.
                    for point in block[2 * BLOCK..].chunks_exact(2) {
                        out[0].push(point[0] * (1.0 / SIZE as f32));
                        out[1].push(point[1] * (1.0 / SIZE as f32));
                    }
                }
            })?;
        }
        for side in &mut out {
            side.truncate(frames);
        }
        Ok(out)
    }

    fn commands(&self) -> wgpu::CommandEncoder {
        self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// Adds the transform of `blocks`; says whether the result is in `to` and not in `from`.
    fn transform(
        &self,
        commands: &mut wgpu::CommandEncoder,
        from: &Room,
        to: &Room,
        blocks: usize,
        direction: f32,
    ) -> bool {
        let (mut from, mut to) = (from.buffer(), to.buffer());
        let stages = SIZE.ilog2();
        for stage in 0..stages {
            let count = (blocks * BLOCK) as u32;
            let settings = self.settings(count, 1 << stage, direction);
            let bound = [(0, &settings), (1, self.twiddles.buffer()), (2, from), (3, to)];
            add_pass(self.gpu, commands, &self.butterfly, &bound, count / 64);
            (from, to) = (to, from);
        }
        stages % 2 == 1
    }

    fn add_products(&self, commands: &mut wgpu::CommandEncoder, from: &Room, to: &Room, blocks: usize) {
        let count = (blocks * SIZE) as u32;
        let settings = self.settings(count, 1, 1.0);
        let bound = [(0, &settings), (2, from.buffer()), (3, to.buffer()), (4, self.impulse.buffer())];
        add_pass(self.gpu, commands, &self.multiply, &bound, count / 64);
    }

    fn settings(&self, count: u32, stride: u32, direction: f32) -> wgpu::Buffer {
        let partitions = self.partitions as u32;
        let settings = Settings { count, half: BLOCK as u32, stride, direction, partitions, spare: [0; 3] };
        let buffer = self.gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 32,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.gpu.queue.write_buffer(&buffer, 0, bytemuck::bytes_of(&settings));
        buffer
    }
}

/// Bytes of so many transforms.
fn bytes(blocks: usize) -> u64 {
    (blocks * SIZE * size_of::<Point>()) as u64
}
