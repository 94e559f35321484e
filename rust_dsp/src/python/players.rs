//! The heart's kernels as Python sees them: what the band plays with.

use crate::heart::chance::{bell, keyed, number_of_text, seeded, uniform};
use crate::heart::voicing::{lead, Hand, MOST_NOTES};
use crate::heart::walking::{next_step, Ground};
use crate::heart::OCTAVE;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// MIDI keys.
const KEYS: usize = 128;

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(lead_voices, module)?)?;
    module.add_function(wrap_pyfunction!(walk, module)?)?;
    module.add_class::<Chance>()
}

/// Seeded chance without a state.
#[pyclass(module = "realtime._dsp", frozen, eq, hash)]
#[derive(PartialEq, Eq, Hash)]
struct Chance {
    /// The lowest 64 bits of what it was given.
    #[pyo3(get)]
    seed: u64,
}

impl Chance {
    fn state(&self, what_for: &Bound<'_, PyTuple>) -> PyResult<u64> {
        let mut state = seeded(self.seed);
        for key in what_for.iter_borrowed() {
            state = keyed(state, number(&key)?);
        }
        Ok(state)
    }
}

/// The lowest 64 bits of a whole number, or what stands for a text.
fn number(key: &Bound<'_, PyAny>) -> PyResult<u64> {
    if let Ok(text) = key.cast::<PyString>() {
        return Ok(number_of_text(text.to_str()?));
    }
    match key.extract::<i64>() {
        Ok(number) => Ok(number as u64),
        Err(_) => key.call_method1("__and__", (u64::MAX,))?.extract(),
    }
}

#[pymethods]
impl Chance {
    #[new]
    #[pyo3(signature = (seed=None))]
    fn new(seed: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self { seed: seed.map_or(Ok(0), number)? })
    }

    fn __repr__(&self) -> String {
        format!("Chance({})", self.seed)
    }

    /// A number in [0, 1).
    #[pyo3(signature = (*what_for))]
    fn uniform(&self, what_for: &Bound<'_, PyTuple>) -> PyResult<f64> {
        Ok(uniform(self.state(what_for)?))
    }

    /// About normal, mean 0, standard deviation 1, within ±3.5.
    #[pyo3(signature = (*what_for))]
    fn bell(&self, what_for: &Bound<'_, PyTuple>) -> PyResult<f64> {
        Ok(bell(self.state(what_for)?))
    }
}

/// The voicing of the first of some chords.
#[pyfunction]
// Python's arguments are converted, so they arrive owned.
#[allow(clippy::needless_pass_by_value)]
fn lead_voices(
    py: Python<'_>,
    chords: Vec<Vec<u8>>,
    before: Vec<u8>,
    gaps: [i32; 3],
    is_dropped: bool,
    reach: (u8, u8),
    crowd: Vec<f64>,
) -> PyResult<Bound<'_, PyTuple>> {
    if chords
        .iter()
        .any(|tones| tones.len() > MOST_NOTES || tones.iter().any(|&tone| usize::from(tone) >= OCTAVE))
    {
        return Err(PyValueError::new_err(format!(
            "a chord is {MOST_NOTES} pitch classes, 0 to 11, at most"
        )));
    }
    if usize::from(reach.1) >= KEYS || !(crowd.is_empty() || crowd.len() == KEYS) {
        return Err(PyValueError::new_err("keys are 0 to 127, and a crowd has a number for each"));
    }
    let hand = Hand { gaps, is_dropped, low: reach.0, high: reach.1 };
    PyTuple::new(py, lead(&chords, &before, &hand, &crowd))
}

/// The next step of a walking bass.
#[pyfunction]
// Python's arguments are converted, so they arrive owned.
#[allow(clippy::needless_pass_by_value, clippy::too_many_arguments)]
fn walk(
    tones: Vec<i32>,
    scale: Vec<i32>,
    before: Vec<i32>,
    beats: usize,
    target: Option<i32>,
    reach: (i32, i32),
    chance: &Chance,
    what_for: &Bound<'_, PyTuple>,
) -> PyResult<i32> {
    let state = chance.state(what_for)?;
    let ground = Ground { tones: &tones, scale: &scale, beats, target, low: reach.0, high: reach.1 };
    let step = next_step(&ground, &before, |pitch| uniform(keyed(state, pitch as u64)));
    step.ok_or_else(|| PyValueError::new_err("a line has one pitch before it, or more, and somewhere to go"))
}
