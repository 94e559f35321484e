//! Rendering on the graphics processor: offline, and ahead of time; never in the audio callback.
//!
//! The shaders are WGSL; wgpu runs them on Metal or Vulkan. They count phases and places in integers and leave
//! transcendental functions alone, so that any device gives what the CPU gives, to more than 100 dB.

pub mod error;

pub mod device;

pub mod pool;
pub mod work;

pub mod sampler;

pub mod offline;
pub mod probe;

pub mod convolution;
pub mod modal;
