//! Every line that knows Python: the extension module `_dsp`. Here the sound engine's part; the oracle's is beside it.

use crate::event::{parse_events, Event, PARTS};
use crate::instrument::{Instrument, INSTRUMENTS, INSTRUMENT_COUNT};
use crate::live::LiveEngine;
use crate::param::{declaration, full_name, PARAMETER_COUNT};
use crate::programs::{of_drum_program, of_program};
use crate::render::{render as render_events, RenderOptions};
use crate::request::{DeviceRequest, StartError, RATES};
use crate::wav::{write_wav as write_file, Depth};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

mod bytes;
mod gpu;
mod heart;
mod jack_midi;
mod oracle;
mod phrase;
mod players;
mod soundfont;
mod statistics;

use soundfont::SoundFontFile;

/// The longest piece that is rendered into memory, in seconds.
const LONGEST_SECONDS: f32 = 6.0 * 3_600.0;

/// The sound engine.
#[pymodule]
fn _dsp(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("EVENT_SIZE", crate::event::EVENT_SIZE)?;
    module.add("PARTS", PyTuple::new(py, PARTS)?)?;
    module.add("INSTRUMENTS", PyTuple::new(py, INSTRUMENTS)?)?;
    let defaults = Instrument::DEFAULTS.map(|instrument| INSTRUMENTS[instrument as usize]);
    module.add("DEFAULT_INSTRUMENTS", PyTuple::new(py, defaults)?)?;
    module.add("GM_INSTRUMENTS", gm_instruments(py, of_program)?)?;
    module.add("GM_DRUM_KITS", gm_instruments(py, of_drum_program)?)?;
    module.add("HAS_DEVICES", crate::hardware::HAS_DEVICES)?;
    module.add_function(wrap_pyfunction!(parameters, module)?)?;
    module.add_function(wrap_pyfunction!(devices, module)?)?;
    module.add_function(wrap_pyfunction!(render, module)?)?;
    module.add_function(wrap_pyfunction!(write_wav, module)?)?;
    module.add("HAS_JACK_MIDI", cfg!(feature = "jack"))?;
    jack_midi::add(module)?;
    gpu::add(module)?;
    heart::add(module)?;
    oracle::add(module)?;
    phrase::add(module)?;
    players::add(module)?;
    soundfont::add(module)?;
    module.add_class::<Engine>()
}

/// The name of what plays each program, 0 to 127.
fn gm_instruments(py: Python<'_>, of: fn(u8) -> Instrument) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(py, (0..128).map(|program| INSTRUMENTS[of(program) as usize]))
}

fn parse(bytes: &[u8]) -> PyResult<Vec<Event>> {
    parse_events(bytes, PARAMETER_COUNT, INSTRUMENT_COUNT)
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

fn check_rate(rate: u32) -> PyResult<()> {
    if RATES.contains(&rate) {
        return Ok(());
    }
    let what = format!("rate {rate} Hz is outside {} to {}", RATES.start(), RATES.end());
    Err(PyValueError::new_err(what))
}

/// Every parameter: id, name, unit, min, max, default, curve, `smoothing_seconds`, help.
#[pyfunction]
fn parameters(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let mut all = Vec::with_capacity(PARAMETER_COUNT);
    for id in 0..PARAMETER_COUNT {
        let Some((declared, default)) = declaration(id) else {
            continue;
        };
        let entry = PyDict::new(py);
        entry.set_item("id", id)?;
        entry.set_item("name", full_name(id))?;
        entry.set_item("unit", declared.unit)?;
        entry.set_item("min", declared.min)?;
        entry.set_item("max", declared.max)?;
        entry.set_item("default", default)?;
        entry.set_item("curve", declared.curve)?;
        entry.set_item("smoothing_seconds", declared.smoothing_seconds)?;
        entry.set_item("help", declared.help)?;
        all.push(entry);
    }
    Ok(all)
}

/// Every output device: host, name, default, rates.
#[pyfunction]
fn devices(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let found = py.detach(crate::hardware::devices);
    found
        .into_iter()
        .map(|device| {
            let entry = PyDict::new(py);
            entry.set_item("host", device.host)?;
            entry.set_item("name", device.name)?;
            entry.set_item("default", device.is_default)?;
            entry.set_item("rates", device.rates)?;
            Ok(entry)
        })
        .collect()
}

/// Renders packed events to interleaved stereo floats.
#[pyfunction]
#[pyo3(signature = (events, *, rate=48_000, effects=true, tail_seconds=4.0, until_micros=None))]
fn render<'py>(
    py: Python<'py>,
    events: &[u8],
    rate: u32,
    effects: bool,
    tail_seconds: f32,
    until_micros: Option<i64>,
) -> PyResult<Bound<'py, PyBytes>> {
    check_rate(rate)?;
    if !(0.0..=LONGEST_SECONDS).contains(&tail_seconds) {
        let what = format!("tail_seconds {tail_seconds} is outside 0 to {LONGEST_SECONDS}");
        return Err(PyValueError::new_err(what));
    }
    let events = parse(events)?;
    let longest_micros = (LONGEST_SECONDS * 1e6) as i64;
    let last = events.iter().map(|event| event.at_micros).max().unwrap_or(0);
    let until = until_micros.unwrap_or(last);
    if until > longest_micros || until_micros.is_some_and(|until| until < 0) {
        let what = format!("the piece ends at {until} micros, outside 0 to {longest_micros}");
        return Err(PyValueError::new_err(what));
    }
    let options = RenderOptions { rate, effects, tail_seconds, until_micros };
    let samples = py.detach(|| {
        let samples = render_events(&events, &options);
        samples.iter().flat_map(|sample| sample.to_le_bytes()).collect::<Vec<u8>>()
    });
    Ok(PyBytes::new(py, &samples))
}

/// Writes interleaved stereo floats as a WAV file.
#[pyfunction]
// Python's arguments are converted, so they arrive owned.
#[allow(clippy::needless_pass_by_value)]
#[pyo3(signature = (path, samples, *, rate, bits=24))]
fn write_wav(py: Python<'_>, path: PathBuf, samples: &[u8], rate: u32, bits: u32) -> PyResult<()> {
    check_rate(rate)?;
    let Some(depth) = Depth::from_bits(bits) else {
        return Err(PyValueError::new_err(format!("bits {bits} is not 16, 24 or 32")));
    };
    if samples.len() % 8 != 0 {
        let what = format!("samples are {} bytes, not a multiple of 8", samples.len());
        return Err(PyValueError::new_err(what));
    }
    let floats: Vec<f32> = samples
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    py.detach(|| write_file(Path::new(&path), &floats, rate, depth)).map_err(PyErr::from)
}

/// The live engine.
#[pyclass(frozen, module = "realtime._dsp")]
struct Engine {
    live: LiveEngine,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (*, rate=48_000, frames=128, effects=true))]
    fn new(rate: u32, frames: usize, effects: bool) -> PyResult<Self> {
        let live = LiveEngine::new(rate, frames, effects).map_err(to_python)?;
        Ok(Self { live })
    }

    /// Lets a `SoundFont` play from the next start on.
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value)]
    fn use_soundfont(
        &self,
        py: Python<'_>,
        font: &SoundFontFile,
        presets: HashMap<String, (u16, u16)>,
    ) -> PyResult<()> {
        self.live.use_soundfont(Some(font.choice(py, &presets)?));
        Ok(())
    }

    /// Opens a device and plays.
    #[pyo3(signature = (device, *, host=None, wav_path=None, now_micros, patient=false))]
    fn start<'py>(
        &self,
        py: Python<'py>,
        device: String,
        host: Option<String>,
        wav_path: Option<PathBuf>,
        now_micros: i64,
        patient: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let request = DeviceRequest { device, host, wav_path, now_micros, is_patient: patient };
        let opened = py.detach(|| self.live.start(&request)).map_err(to_python)?;
        let entry = PyDict::new(py);
        entry.set_item("host", opened.host)?;
        entry.set_item("name", opened.name)?;
        entry.set_item("rate", opened.rate)?;
        entry.set_item("frames", opened.frames)?;
        Ok(entry)
    }

    /// Sends packed events; returns how many were accepted.
    fn send(&self, events: &[u8]) -> PyResult<usize> {
        Ok(self.live.send(&parse(events)?))
    }

    /// Stops and closes the device.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.live.stop()).map_err(PyErr::from)
    }

    /// Counters, levels, callback times, and how it stands with the device.
    fn statistics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        statistics::of(py, &self.live)
    }
}

fn to_python(error: StartError) -> PyErr {
    match error {
        StartError::Request(what) => PyValueError::new_err(what),
        StartError::Device(what) => PyOSError::new_err(what),
        StartError::File(error) => PyErr::from(error),
    }
}
