//! The graphics processor's part of the extension module; without the feature it says that it is not there.

use crate::soundfont::font::SoundFont;
use crate::soundfont::midi::TimedEvent;
use crate::soundfont::offline::{MidiRenderOptions, Rendered};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Adds what is here to the module.
pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("HAS_GPU", cfg!(feature = "gpu"))?;
    module.add_function(wrap_pyfunction!(probe_gpu, module)?)
}

#[cfg(feature = "gpu")]
mod here {
    use super::{Arc, MidiRenderOptions, Rendered, SoundFont, TimedEvent};
    use crate::gpu::device::Gpu;
    use crate::gpu::error::GpuError;
    use crate::gpu::offline::render_midi;
    use crate::gpu::probe::Probe;

    pub fn probe() -> Result<Probe, GpuError> {
        Probe::measure(&Gpu::open()?)
    }

    pub fn render(
        font: Arc<SoundFont>,
        events: &[TimedEvent],
        options: &MidiRenderOptions,
    ) -> Result<Rendered, GpuError> {
        render_midi(&Gpu::open()?, font, events, options)
    }
}

#[cfg(not(feature = "gpu"))]
const ABSENT: &str = "this build has no support for GPUs (Cargo feature gpu)";

/// Renders on the device, or says in one line why not.
pub(super) fn render(
    font: Arc<SoundFont>,
    events: &[TimedEvent],
    options: &MidiRenderOptions,
) -> Result<Rendered, String> {
    #[cfg(feature = "gpu")]
    return here::render(font, events, options).map_err(|error| error.to_string());
    #[cfg(not(feature = "gpu"))]
    {
        let _ = (font, events, options);
        Err(ABSENT.to_owned())
    }
}

/// What the device can do.
#[pyfunction]
fn probe_gpu(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    #[cfg(feature = "gpu")]
    {
        let probe = py.detach(here::probe).map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        let entry = PyDict::new(py);
        entry.set_item("name", &probe.name)?;
        entry.set_item("api", &probe.api)?;
        entry.set_item("software", probe.is_software)?;
        entry.set_item("round_trip_micros", probe.round_trip_micros)?;
        entry.set_item("gpu_nanos", probe.gpu_nanos)?;
        entry.set_item("cpu_nanos", probe.cpu_nanos)?;
        entry.set_item("faster", probe.is_faster())?;
        Ok(entry)
    }
    #[cfg(not(feature = "gpu"))]
    {
        let _ = py;
        Err(PyRuntimeError::new_err(ABSENT))
    }
}
