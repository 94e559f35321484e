//! What the live engine tells Python about itself.

use crate::event::PARTS;
use crate::histogram::Histogram;
use crate::live::LiveEngine;
use crate::meters::Meters;
use crate::standing::{Place, Standing};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Loads are counted in per mille and told in percent.
const PER_MILLE: f32 = 0.1;

/// Counters, levels, callback times, and how it stands with the device.
pub fn of<'py>(py: Python<'py>, live: &LiveEngine) -> PyResult<Bound<'py, PyDict>> {
    let entry = PyDict::new(py);
    let (meters, standing) = (live.meters(), live.standing());
    entry.set_item("running", live.is_running())?;
    entry.set_item("lost", standing.place == Place::Waiting)?;
    entry.set_item("device", device(py, &standing, &meters)?)?;
    add_counters(&entry, &meters)?;
    add_levels(&entry, &meters)?;
    add_times(&entry, "callback", "micros", &meters.durations, 1.0)?;
    add_times(&entry, "load", "percent", &meters.loads, PER_MILLE)?;
    add_times(&entry, "jitter", "micros", &meters.jitters, 1.0)?;
    Ok(entry)
}

fn device<'py>(py: Python<'py>, standing: &Standing, meters: &Meters) -> PyResult<Bound<'py, PyDict>> {
    let entry = PyDict::new(py);
    entry.set_item("state", standing.place.name())?;
    entry.set_item("host", &standing.opened.host)?;
    entry.set_item("name", &standing.opened.name)?;
    entry.set_item("rate", standing.opened.rate)?;
    entry.set_item("frames", standing.opened.frames)?;
    entry.set_item("trouble", &standing.trouble)?;
    entry.set_item("losses", standing.losses)?;
    entry.set_item("moves", standing.moves)?;
    entry.set_item("measured_rate", meters.measured_rate())?;
    Ok(entry)
}

/// Quantiles and the whole histogram of one quantity: `NAME_p50_UNIT`, ..., `NAME_histogram`.
fn add_times(
    entry: &Bound<'_, PyDict>,
    name: &str,
    unit: &str,
    seen: &Histogram,
    scale: f32,
) -> PyResult<()> {
    for (quantile, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
        entry.set_item(format!("{name}_{quantile}_{unit}"), scale * seen.quantile(share))?;
    }
    entry.set_item(format!("{name}_max_{unit}"), scale * seen.max())?;
    let counts: Vec<(f32, u32)> =
        seen.counts().into_iter().map(|(end, count)| (scale * end, count)).collect();
    entry.set_item(format!("{name}_histogram"), counts)
}

fn add_counters(entry: &Bound<'_, PyDict>, meters: &Meters) -> PyResult<()> {
    let (overruns, reported) = (meters.overruns.get(), meters.backend_xruns.get());
    entry.set_item("xruns", overruns + reported)?;
    for (name, count) in [
        ("overruns", overruns),
        ("backend_xruns", reported),
        ("voices", meters.voices.get()),
        ("stolen", meters.stolen.get()),
        ("events", meters.events.get()),
        ("dropped", meters.dropped.get()),
        ("late", meters.late.get()),
        ("ignored", meters.ignored.get()),
        ("overflows", meters.overflows.get()),
        ("broken_chunks", meters.broken_chunks.get()),
        ("late_tails", meters.late_tails.get()),
        ("callbacks", meters.callbacks.get()),
        ("thrift", meters.thrift.get()),
        ("thrifty", meters.thrifty.get()),
        ("relocks", meters.relocks.get()),
        ("frames", meters.frames.get()),
    ] {
        entry.set_item(name, count)?;
    }
    Ok(())
}

fn add_levels(entry: &Bound<'_, PyDict>, meters: &Meters) -> PyResult<()> {
    let (peaks, means) = (PyDict::new(entry.py()), PyDict::new(entry.py()));
    for (meter, name) in meters.levels.iter().zip(PARTS.into_iter().chain(["master"])) {
        peaks.set_item(name, meter.take_peak())?;
        means.set_item(name, meter.rms())?;
    }
    entry.set_item("peaks", peaks)?;
    entry.set_item("rms", means)?;
    entry.set_item("limiter_gain", meters.limiter_gain())
}
