//! Plans of the `SoundFont` player, rendered on the device.

use super::device::{Gpu, Pending};
use super::error::GpuError;
use super::pool::DevicePool;
use super::work::{add_pass, Room};
use crate::soundfont::lane::BUSES;
use crate::soundfont::plan::{Chain, Plan, Segment};
use crate::soundfont::voice::TICK;

/// The shader.
pub const SOURCE: &str = include_str!("sampler.wgsl");
const ENTRIES: [&str; 5] = ["interpolate", "fold", "carry", "filter_segments", "mix_tick"];

// SAFETY: eight words and twenty, without gaps; all bits mean something.
unsafe impl bytemuck::Zeroable for Segment {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Segment {}
// SAFETY: three words.
unsafe impl bytemuck::Zeroable for Chain {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Chain {}

/// What a batch needs for itself.
struct Slot {
    settings: wgpu::Buffer,
    segments: Room,
    sound: Room,
    links: Room,
    folds: Room,
    chains: Room,
    states: Room,
    ticks: Room,
    buses: Room,
    readback: Room,
}

/// A bank on the device, and batches on their way.
pub struct Sampler<'a> {
    gpu: &'a Gpu,
    pool: DevicePool,
    pipelines: [wgpu::ComputePipeline; 5],
    /// Two, so that one batch is prepared while the other is rendered.
    slots: [Slot; 2],
    turn: usize,
}

impl<'a> Sampler<'a> {
    /// Takes the bank's samples to the device, in pieces of no more than `most_bytes`.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// They do not fit, or the device refuses.
    pub fn new(gpu: &'a Gpu, samples: &[f32], most_bytes: u64) -> Result<Self, GpuError> {
        let pipelines = gpu.pipelines("sampler", SOURCE, ENTRIES)?;
        let pool = DevicePool::new(gpu, samples, most_bytes)?;
        Ok(Self { gpu, pool, pipelines, slots: std::array::from_fn(|_| Slot::new(gpu)), turn: 0 })
    }

    /// Sends a finished plan off; the one before it must have been sent to the same sampler. No more than two may be
    /// under way.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The plan does not fit.
    pub fn submit(&mut self, plan: &Plan) -> Result<Pending, GpuError> {
        let gpu = self.gpu;
        let bytes = size_of_val(plan.segments.as_slice()).max(4 * plan.length as usize) as u64;
        if bytes > gpu.most_bytes() {
            return Err(GpuError::TooLarge(format!("{} stretches at once", plan.segments.len())));
        }
        self.turn ^= 1;
        let [even, odd] = &mut self.slots;
        let (slot, before) = if self.turn == 0 { (even, odd) } else { (odd, even) };
        let words = slot.fill(gpu, plan, &self.pool);
        let all = slot.bindings(&self.pool, before.states.buffer());
        let mut commands = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let (segments, links) = (plan.segments.len() as u32, (plan.links.len() as u32).div_ceil(64));
        let passes: [(&[usize], u32); 5] = [
            (&[0, 1, 2, 3, 4, 5, 6], segments),
            (&[0, 1, 6, 7, 8], links),
            (&[0, 8, 9, 10, 11], (plan.chains.len() as u32).div_ceil(64)),
            (&[0, 1, 6, 7, 8], links),
            (&[0, 1, 6, 12, 13], plan.ticks.len() as u32),
        ];
        for (pipeline, (numbers, groups)) in self.pipelines.iter().zip(passes) {
            let bound: Vec<_> = numbers.iter().map(|&n| (n as u32, all[n])).collect();
            add_pass(gpu, &mut commands, pipeline, &bound, groups);
        }
        Ok(gpu.submit(commands, slot.buses.buffer(), slot.readback.buffer(), words * 4))
    }
}

impl Slot {
    fn new(gpu: &Gpu) -> Self {
        let room = || Room::storage(gpu);
        Self {
            settings: gpu.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 32,
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            segments: room(),
            sound: room(),
            links: room(),
            folds: room(),
            chains: room(),
            states: room(),
            ticks: room(),
            buses: room(),
            readback: Room::readback(gpu),
        }
    }

    /// Takes the plan to the device and makes room for what comes of it: so many floats.
    fn fill(&mut self, gpu: &Gpu, plan: &Plan, pool: &DevicePool) -> u64 {
        let count = |n: usize| n as u32;
        let settings = [
            count(plan.segments.len()),
            count(plan.links.len()),
            count(plan.chains.len()),
            count(plan.ticks.len()),
            pool.length,
            pool.piece_bits,
            u32::from(pool.is_packed),
            0,
        ];
        gpu.queue.write_buffer(&self.settings, 0, bytemuck::cast_slice(&settings));
        self.segments.filled(gpu, &plan.segments);
        self.links.filled(gpu, &plan.links);
        self.chains.filled(gpu, &plan.chains);
        let mut ticks = plan.ticks.clone();
        ticks.push(count(plan.segments.len()));
        self.ticks.filled(gpu, &ticks);
        self.sound.at_least(gpu, 4 * u64::from(plan.length));
        self.folds.at_least(gpu, 32 * plan.links.len() as u64);
        self.states.at_least(gpu, 8 * plan.chains.len() as u64);
        let words = (BUSES * TICK * plan.ticks.len()) as u64;
        self.buses.at_least(gpu, 4 * words);
        self.readback.at_least(gpu, 4 * words);
        words
    }

    /// Every buffer in the order of the shader's bindings.
    fn bindings<'b>(&'b self, pool: &'b DevicePool, before: &'b wgpu::Buffer) -> [&'b wgpu::Buffer; 14] {
        let [a, b, c, d] = &pool.pieces;
        [
            &self.settings,
            self.segments.buffer(),
            a,
            b,
            c,
            d,
            self.sound.buffer(),
            self.links.buffer(),
            self.folds.buffer(),
            self.chains.buffer(),
            before,
            self.states.buffer(),
            self.ticks.buffer(),
            self.buses.buffer(),
        ]
    }
}
