//! The graphics processor: found, opened, watched.

use super::error::GpuError;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a batch may take; beyond that the device is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open device and its queue.
pub struct Gpu {
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    /// What it is called.
    pub name: String,
    /// How it is spoken to: `Vulkan` or `Metal`.
    pub api: String,
    /// Whether it is no more than a program on the CPU.
    pub is_software: bool,
    trouble: Arc<Mutex<Option<String>>>,
}

/// A batch under way; its results come with [`Gpu::collect`].
pub struct Pending {
    readback: wgpu::Buffer,
    bytes: u64,
    mapped: mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>,
    submission: wgpu::SubmissionIndex,
}

impl Gpu {
    /// Opens the best there is: a card of its own before one that shares the CPU's memory, and real ones before
    /// programs that behave like one.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// There is none, or it cannot be opened.
    pub fn open() -> Result<Self, GpuError> {
        let mut wanted = wgpu::InstanceDescriptor::new_without_display_handle();
        wanted.backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL;
        let instance = wgpu::Instance::new(wanted);
        let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
        let best = adapters.into_iter().min_by_key(|adapter| rank(adapter.get_info().device_type));
        let adapter = best.ok_or(GpuError::NoAdapter)?;
        let (info, limits) = (adapter.get_info(), adapter.limits());
        let required = wgpu::Limits {
            max_buffer_size: limits.max_buffer_size,
            max_storage_buffer_binding_size: limits.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("sideman"),
            required_limits: required,
            ..wgpu::DeviceDescriptor::default()
        }))
        .map_err(|error| GpuError::Unusable(error.to_string()))?;
        let trouble = Arc::new(Mutex::new(None));
        let (heard, lost) = (Arc::clone(&trouble), Arc::clone(&trouble));
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&heard, &error.to_string())));
        device.set_device_lost_callback(move |reason, text| {
            // Every device is "lost" in the end, when it is dropped.
            if reason != wgpu::DeviceLostReason::Destroyed {
                note(&lost, &format!("it was lost ({text})"));
            }
        });
        Ok(Self {
            device,
            queue,
            name: info.name,
            api: format!("{:?}", info.backend),
            is_software: info.device_type == wgpu::DeviceType::Cpu,
            trouble,
        })
    }

    /// The most bytes that a shader may see of one buffer.
    ///
    /// Realtime-safe: yes.
    pub fn most_bytes(&self) -> u64 {
        let limits = self.device.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
    }

    /// Fails if anything went wrong so far.
    ///
    /// Realtime-safe: no (locks).
    ///
    /// # Errors
    /// Something did; it is forgotten then.
    pub fn check(&self) -> Result<(), GpuError> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        trouble.map_or(Ok(()), |text| Err(GpuError::Failed(text)))
    }

    /// Sends commands off, after them the copy of the first `bytes` of `from` to `readback`.
    ///
    /// Realtime-safe: no.
    pub fn submit(
        &self,
        mut commands: wgpu::CommandEncoder,
        from: &wgpu::Buffer,
        readback: &wgpu::Buffer,
        bytes: u64,
    ) -> Pending {
        commands.copy_buffer_to_buffer(from, 0, readback, 0, bytes);
        let submission = self.queue.submit([commands.finish()]);
        let (tell, mapped) = mpsc::channel();
        readback.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
            // Nobody listens any more where the batch was given up.
            let _ = tell.send(result);
        });
        Pending { readback: readback.clone(), bytes, mapped, submission }
    }

    /// Waits for a batch and hands its bytes, as floats, to `take`.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The device failed, or took longer than half a minute.
    pub fn collect<T>(&self, pending: Pending, take: impl FnOnce(&[f32]) -> T) -> Result<T, GpuError> {
        let wait =
            wgpu::PollType::Wait { submission_index: Some(pending.submission), timeout: Some(PATIENCE) };
        let waited = self.device.poll(wait);
        self.check()?;
        waited.map_err(|error| GpuError::Failed(error.to_string()))?;
        let mapped = pending.mapped.recv().map_err(|_| GpuError::Failed("it gave no answer".to_owned()))?;
        mapped.map_err(|error| GpuError::Failed(error.to_string()))?;
        let taken = {
            let view = pending.readback.get_mapped_range(0..pending.bytes);
            let view = view.map_err(|error| GpuError::Failed(error.to_string()))?;
            take(bytemuck::cast_slice(&view))
        };
        pending.readback.unmap();
        Ok(taken)
    }

    /// A compute pipeline of each entry point of a shader, in this order.
    ///
    /// Realtime-safe: no.
    ///
    /// # Errors
    /// The driver refuses the shader.
    pub fn pipelines<const N: usize>(
        &self,
        label: &str,
        source: &str,
        entries: [&str; N],
    ) -> Result<[wgpu::ComputePipeline; N], GpuError> {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipelines = entries.map(|entry| {
            self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry),
                layout: None,
                module: &module,
                entry_point: Some(entry),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        });
        self.check()?;
        Ok(pipelines)
    }
}

/// The smaller the better.
fn rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    }
}

/// Keeps the first trouble, on one line: what follows from it says less.
fn note(trouble: &Mutex<Option<String>>, text: &str) {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(line);
}
