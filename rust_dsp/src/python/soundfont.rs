//! The SoundFont player's part of the extension module.

use super::{check_rate, LONGEST_SECONDS};
use crate::event::PARTS;
use crate::soundfont::font::SoundFont;
use crate::soundfont::library::{Library, LibraryError};
use crate::soundfont::measure::{block_times, crowd_times, note_on_times, BlockTimes};
use crate::soundfont::midi::{parse_packed, Message, TimedEvent, PACKED_SIZE};
use crate::soundfont::offline::{render_midi as render_events, MidiRenderOptions};
use crate::soundfont::parts::{is_usual, SoundChoice};
use crate::soundfont::repertoire::Repertoire;
use crate::soundfont::synth::SynthOptions;
use crate::soundfont::system;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Adds what is here to the module.
pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MIDI_EVENT_SIZE", PACKED_SIZE)?;
    module.add_function(wrap_pyfunction!(render_midi, module)?)?;
    module.add_function(wrap_pyfunction!(pack_exclusive, module)?)?;
    module.add_function(wrap_pyfunction!(measure_midi, module)?)?;
    module.add_function(wrap_pyfunction!(measure_notes, module)?)?;
    module.add_function(wrap_pyfunction!(measure_crowd, module)?)?;
    module.add_class::<SoundFontFile>()
}

/// Presets that are loaded, by bank and program, and the bank that has them.
type Loaded = (Vec<(u16, u16)>, Arc<SoundFont>);

/// A `SoundFont` file; its presets are loaded when they are first played.
#[pyclass(frozen, name = "SoundFont", module = "realtime._dsp")]
pub(super) struct SoundFontFile {
    library: Library,
    loaded: Mutex<Option<Loaded>>,
}

impl SoundFontFile {
    /// What the parts play: bank and program by the part's name.
    pub(super) fn choice(
        &self,
        py: Python<'_>,
        presets: &HashMap<String, (u16, u16)>,
    ) -> PyResult<SoundChoice> {
        let mut chosen = [None; PARTS.len()];
        for (name, &(bank, program)) in presets {
            let Some(part) = PARTS.iter().position(|part| part == name) else {
                return Err(PyValueError::new_err(format!("presets: there is no part {name:?}")));
            };
            if !self.library.has(bank, program) {
                let what = format!("presets: {name}: the bank has no preset {program} in bank {bank}");
                return Err(PyValueError::new_err(what));
            }
            chosen[part] = Some((bank, program));
        }
        let is_chosen = |bank, program| chosen.contains(&Some((bank, program)));
        let font = self.load(py, |bank, program| is_usual(bank, program) || is_chosen(bank, program))?;
        Ok(SoundChoice { font, presets: chosen })
    }

    /// A bank that has the wanted presets, and perhaps others.
    fn load(&self, py: Python<'_>, wanted: impl Fn(u16, u16) -> bool + Sync) -> PyResult<Arc<SoundFont>> {
        let numbers = self.library.presets.iter().map(|&(bank, program, _)| (bank, program));
        let presets: Vec<_> = numbers.filter(|&(bank, program)| wanted(bank, program)).collect();
        let loaded = py.detach(|| {
            // Whoever panicked here left what was there before.
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            match &*loaded {
                Some((known, font)) if presets.iter().all(|preset| known.contains(preset)) => {
                    Ok(Arc::clone(font))
                }
                _ => {
                    *loaded = None;
                    let font = Arc::new(self.library.load(&wanted)?);
                    *loaded = Some((presets, Arc::clone(&font)));
                    Ok(font)
                }
            }
        });
        loaded.map_err(|error: LibraryError| PyOSError::new_err(error.to_string()))
    }

    fn load_for(&self, py: Python<'_>, events: &[TimedEvent]) -> PyResult<Arc<SoundFont>> {
        let repertoire = Repertoire::of(events);
        self.load(py, |bank, program| repertoire.has(bank, program))
    }
}

#[pymethods]
impl SoundFontFile {
    #[new]
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value)]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let library = py.detach(|| Library::open(&path)).map_err(|error| match error {
            LibraryError::Unreadable(error) => PyErr::from(error),
            LibraryError::Broken(error) => PyValueError::new_err(error.to_string()),
        })?;
        Ok(Self { library, loaded: Mutex::new(None) })
    }

    #[getter]
    fn name(&self) -> &str {
        &self.library.name
    }

    #[getter]
    fn presets(&self) -> Vec<(u16, u16, String)> {
        self.library.presets.clone()
    }
}

/// Renders packed MIDI events with a `SoundFont`.
#[pyfunction]
#[pyo3(signature = (font, events, *, rate=48_000, effects=true, tail_seconds=4.0, polyphony=256, device="cpu"))]
// As many as Python has names for.
#[allow(clippy::too_many_arguments)]
fn render_midi<'py>(
    py: Python<'py>,
    font: &SoundFontFile,
    events: &[u8],
    rate: u32,
    effects: bool,
    tail_seconds: f32,
    polyphony: usize,
    device: &str,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyDict>)> {
    check_rate(rate)?;
    if !(0.0..=LONGEST_SECONDS).contains(&tail_seconds) {
        let what = format!("tail_seconds {tail_seconds} is outside 0 to {LONGEST_SECONDS}");
        return Err(PyValueError::new_err(what));
    }
    check_count("polyphony", polyphony, 1, 4_096)?;
    let on_gpu = match device {
        "cpu" => false,
        "gpu" => true,
        other => return Err(PyValueError::new_err(format!("device {other:?} is neither cpu nor gpu"))),
    };
    let events = parse(events)?;
    let options = MidiRenderOptions {
        synth: SynthOptions { rate, polyphony, ..SynthOptions::default() },
        effects,
        tail_seconds,
        until_micros: None,
    };
    let font = font.load_for(py, &events)?;
    let rendered = py
        .detach(|| {
            if on_gpu {
                super::gpu::render(font, &events, &options)
            } else {
                Ok(render_events(font, &events, &options))
            }
        })
        .map_err(PyRuntimeError::new_err)?;
    let samples = PyBytes::new_with(py, 4 * rendered.samples.len(), |bytes| {
        for (bytes, sample) in bytes.chunks_exact_mut(4).zip(&rendered.samples) {
            bytes.copy_from_slice(&sample.to_le_bytes());
        }
        Ok(())
    })?;
    let entry = PyDict::new(py);
    entry.set_item("voice_frames", rendered.voice_frames)?;
    entry.set_item("stolen", rendered.stolen)?;
    entry.set_item("ignored", rendered.ignored)?;
    Ok((samples, entry))
}

/// The channel, the status and the two data bytes that stand for a system-exclusive message in packed events; `None`
/// where it means nothing to the player.
#[pyfunction]
fn pack_exclusive(message: &[u8]) -> Option<(u8, u8, u8, u8)> {
    let event = system::parse(message)?;
    let Message::System(what) = event.message else {
        return None;
    };
    let (number, a, b) = what.to_packed();
    Some((event.channel, system::STATUS | number, a, b))
}

fn check_count(name: &str, count: usize, least: usize, most: usize) -> PyResult<()> {
    if (least..=most).contains(&count) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!("{name} {count} is outside {least} to {most}")))
}

fn parse(events: &[u8]) -> PyResult<Vec<TimedEvent>> {
    let events = parse_packed(events).map_err(PyValueError::new_err)?;
    let last = events.iter().map(|event| event.at_micros).max().unwrap_or(0);
    if last as f64 > f64::from(LONGEST_SECONDS) * 1e6 {
        let what = format!("the piece ends at {last} micros, after {LONGEST_SECONDS} seconds");
        return Err(PyValueError::new_err(what));
    }
    Ok(events)
}

/// How long blocks of a piece take.
#[pyfunction]
#[pyo3(signature = (font, events, *, rate=48_000, effects=true, polyphony=256, frames=64, passes=3))]
// Each is a word of its own to Python.
#[allow(clippy::too_many_arguments)]
fn measure_midi<'py>(
    py: Python<'py>,
    font: &SoundFontFile,
    events: &[u8],
    rate: u32,
    effects: bool,
    polyphony: usize,
    frames: usize,
    passes: usize,
) -> PyResult<Bound<'py, PyDict>> {
    check_rate(rate)?;
    check_count("polyphony", polyphony, 1, 4_096)?;
    check_count("frames", frames, 1, 8_192)?;
    check_count("passes", passes, 1, 100)?;
    let events = parse(events)?;
    let options = SynthOptions { rate, polyphony, ..SynthOptions::default() };
    let font = font.load_for(py, &events)?;
    let times = py.detach(|| block_times(&font, &events, &options, effects, (frames, passes)));
    to_dict(py, times)
}

/// What a note's start costs.
#[pyfunction]
#[pyo3(signature = (font, *, rate=48_000, polyphony=256))]
fn measure_notes<'py>(
    py: Python<'py>,
    font: &SoundFontFile,
    rate: u32,
    polyphony: usize,
) -> PyResult<Bound<'py, PyDict>> {
    check_rate(rate)?;
    check_count("polyphony", polyphony, 1, 4_096)?;
    let options = SynthOptions { rate, polyphony, ..SynthOptions::default() };
    let font = font.load_for(py, &[])?;
    let times = py.detach(|| note_on_times(&font, &options));
    to_dict(py, times)
}

/// How long blocks take while so many voices stand.
#[pyfunction]
#[pyo3(signature = (font, voices, *, rate=48_000, frames=64, passes=3))]
fn measure_crowd<'py>(
    py: Python<'py>,
    font: &SoundFontFile,
    voices: usize,
    rate: u32,
    frames: usize,
    passes: usize,
) -> PyResult<Bound<'py, PyDict>> {
    check_rate(rate)?;
    check_count("voices", voices, 1, 65_536)?;
    check_count("frames", frames, 1, 8_192)?;
    check_count("passes", passes, 1, 100)?;
    let font = font.load(py, |bank, _| bank == 0)?;
    let (voices, times) = py.detach(|| crowd_times(&font, rate, voices, (frames, passes)));
    let entry = to_dict(py, times)?;
    entry.set_item("voices", voices)?;
    Ok(entry)
}

fn to_dict(py: Python<'_>, times: BlockTimes) -> PyResult<Bound<'_, PyDict>> {
    let entry = PyDict::new(py);
    entry.set_item("p50", times.median)?;
    entry.set_item("p99", times.p99)?;
    entry.set_item("worst", times.worst)?;
    Ok(entry)
}
