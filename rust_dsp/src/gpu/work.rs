//! Buffers that grow, and passes over them.

use super::device::Gpu;

/// A buffer on the device that is made anew, larger, when more must fit.
pub struct Room {
    buffer: wgpu::Buffer,
    usage: wgpu::BufferUsages,
}

impl Room {
    /// One for shaders, filled from here.
    ///
    /// Realtime-safe: no.
    pub fn storage(gpu: &Gpu) -> Self {
        let all = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        Self::new(gpu, all)
    }

    /// One that results are read from.
    ///
    /// Realtime-safe: no.
    pub fn readback(gpu: &Gpu) -> Self {
        Self::new(gpu, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST)
    }

    fn new(gpu: &Gpu, usage: wgpu::BufferUsages) -> Self {
        Self { buffer: create(gpu, usage, 256), usage }
    }

    /// The buffer, with room for `bytes`; what it held is lost if it was too small.
    ///
    /// Realtime-safe: no.
    pub fn at_least(&mut self, gpu: &Gpu, bytes: u64) -> &wgpu::Buffer {
        if self.buffer.size() < bytes {
            // A quarter more, so that a slowly growing piece does not need a new one each time.
            let size = (bytes + bytes / 4).next_multiple_of(256).min(gpu.most_bytes().max(bytes));
            self.buffer = create(gpu, self.usage, size);
        }
        &self.buffer
    }

    /// The buffer, with these values at its start.
    ///
    /// Realtime-safe: no.
    pub fn filled<T: bytemuck::NoUninit>(&mut self, gpu: &Gpu, values: &[T]) -> &wgpu::Buffer {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        self.at_least(gpu, bytes.len() as u64);
        if !bytes.is_empty() {
            gpu.queue.write_buffer(&self.buffer, 0, bytes);
        }
        &self.buffer
    }

    /// The buffer as it is.
    ///
    /// Realtime-safe: yes.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

fn create(gpu: &Gpu, usage: wgpu::BufferUsages, size: u64) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
}

/// Adds a pass of `groups` workgroups with these buffers, by binding number.
///
/// Realtime-safe: no.
pub fn add_pass(
    gpu: &Gpu,
    commands: &mut wgpu::CommandEncoder,
    pipeline: &wgpu::ComputePipeline,
    bindings: &[(u32, &wgpu::Buffer)],
    groups: u32,
) {
    if groups == 0 {
        return;
    }
    let entries: Vec<wgpu::BindGroupEntry> = bindings
        .iter()
        .map(|&(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    let group = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    let mut pass = commands.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, &group, &[]);
    // A dimension holds 65535 workgroups; shaders count row by row.
    let rows = groups.div_ceil(ROW);
    pass.dispatch_workgroups(groups.min(ROW), rows, 1);
}

/// Workgroups in a row.
const ROW: u32 = 32_768;
