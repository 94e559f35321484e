//! The heart's kernels as Python sees them: what it listens with. What the band plays with is beside it.

use super::bytes::{floats, packed, packed_singles, row, singles};
use crate::heart::chord_net::{ChordNet, Layer, Layers};
use crate::heart::evidence::{weigh, Scales, Span};
use crate::heart::key_filter::{KeyFilter, Scalars, Tables as KeyTables, MODES, ROWS, STATES};
use crate::heart::likeliest::{likeliest, MOST_GROUPS};
use crate::heart::melody_filter::{MelodyFilter, Prospect, Row, Tables, KEYS, STRENGTHS};
use crate::heart::sight::{see, CHANNELS};
use crate::heart::OCTAVE;
use crate::oracle::token::CHORDS;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::HashMap;

type Bytes<'py> = Bound<'py, PyBytes>;

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(weigh_notes, module)?)?;
    module.add_function(wrap_pyfunction!(see_beat, module)?)?;
    module.add_function(wrap_pyfunction!(fuse_chords, module)?)?;
    module.add_function(wrap_pyfunction!(likeliest_chords, module)?)?;
    module.add_class::<ChordKernel>()?;
    module.add_class::<KeyKernel>()?;
    module.add_class::<MelodyKernel>()
}

/// A span of `realtime.core.evidence`.
#[derive(FromPyObject)]
struct Heard {
    pitch: u8,
    velocity: u8,
    start: i64,
    end: Option<i64>,
    lifted: Option<i64>,
}

fn spans(heard: Vec<Heard>) -> Vec<Span> {
    heard
        .into_iter()
        .map(|Heard { pitch, velocity, start, end, lifted }| Span { pitch, velocity, start, end, lifted })
        .collect()
}

/// What was heard in a window: weights, basses, how many notes.
#[pyfunction]
// Python's arguments are converted, so they arrive owned.
#[allow(clippy::needless_pass_by_value)]
fn weigh_notes(
    heard: Vec<Heard>,
    start: i64,
    end: i64,
    ringing_weight: f64,
    scales: (f64, f64, u8, f64),
) -> ([f64; OCTAVE], [f64; OCTAVE], usize) {
    let (decay_micros, onset_weight, melody_gap, melody_weight) = scales;
    let scales = Scales { decay_micros, onset_weight, melody_gap, melody_weight };
    let evidence = weigh(&spans(heard), start, end, ringing_weight, &scales);
    (evidence.weights, evidence.bass, evidence.notes)
}

/// What the chord net sees of a beat: channels, and facts.
#[pyfunction]
fn see_beat(py: Python<'_>, heard: Vec<Heard>, start: i64, length: i64, now: i64) -> (Bytes<'_>, Vec<f64>) {
    let sight = see(&spans(heard), start, length.max(1), now);
    (packed_singles(py, sight.channels.as_flattened()), sight.facts.to_vec())
}

/// A net's answer and what was expected, as a distribution.
#[pyfunction]
fn fuse_chords<'py>(
    py: Python<'py>,
    logs: &[u8],
    expected: &[u8],
    share: f64,
    least: f64,
) -> PyResult<Bytes<'py>> {
    let (mut logs, expected) = (floats(logs)?, floats(expected)?);
    for (log, mass) in logs.iter_mut().zip(expected) {
        *log += share * libm::log(mass + least);
    }
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let odds: Vec<f64> = logs.iter().map(|log| libm::exp(log - top)).collect();
    let total: f64 = odds.iter().sum();
    Ok(packed(py, odds.into_iter().map(|odds| odds / total)))
}

/// For each row the mass of the likeliest group of tokens, and its likeliest token.
#[pyfunction]
fn likeliest_chords(rows: &[u8], group_of: &[u8]) -> PyResult<Vec<(f64, usize)>> {
    if group_of.is_empty() || group_of.iter().any(|&group| usize::from(group) >= MOST_GROUPS) {
        return Err(PyValueError::new_err(format!("groups are 0 to {}", MOST_GROUPS - 1)));
    }
    Ok(floats(rows)?.chunks_exact(group_of.len()).map(|row| likeliest(row, group_of)).collect())
}

/// The chord net.
#[pyclass(module = "realtime._dsp")]
struct ChordKernel(ChordNet);

#[pymethods]
impl ChordKernel {
    #[new]
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value)]
    fn new(tensors: HashMap<String, Vec<u8>>, facts: usize) -> PyResult<Self> {
        let tensor = |name: &str| match tensors.get(name) {
            Some(bytes) => singles(bytes),
            None => Err(PyKeyError::new_err(name.to_owned())),
        };
        let layer = |name: &str| {
            let bias = if name == "recall" { Ok(Vec::new()) } else { tensor(&format!("{name}.bias")) };
            PyResult::Ok(Layer {
                weights: tensor(name)?,
                worth: tensor(&format!("{name}.worth"))?,
                bias: bias?,
            })
        };
        let steps = tensor("steps")?;
        let layers = Layers {
            encode: layer("encode")?,
            enter: layer("enter")?,
            recur: layer("recur")?,
            mix: layer("mix")?,
            recall: layer("recall")?,
            family: layer("family")?,
            none: layer("none")?,
            steps: row(&steps)?,
        };
        let net = ChordNet::new(layers, facts);
        net.map(Self).ok_or_else(|| PyValueError::new_err("the layers do not fit together"))
    }

    /// One step from a state: log-probabilities, and the next state.
    fn judge<'py>(
        &mut self,
        py: Python<'py>,
        channels: &[u8],
        facts: &[u8],
        state: &[u8],
    ) -> PyResult<(Bytes<'py>, Bytes<'py>)> {
        let (channels, facts, state) = (singles(channels)?, singles(facts)?, singles(state)?);
        let wanted = (CHANNELS * OCTAVE, self.0.facts_len(), self.0.state_len());
        let seen = (channels.len(), facts.len(), state.len());
        if seen != wanted {
            let what = format!("channels, facts and state are {seen:?} numbers, not {wanted:?}");
            return Err(PyValueError::new_err(what));
        }
        let (logs, after) = self.0.judge(&channels, &facts, &state);
        Ok((packed(py, logs), packed_singles(py, &after)))
    }
}

/// The key filter.
#[pyclass(module = "realtime._dsp")]
struct KeyKernel(KeyFilter);

#[pymethods]
impl KeyKernel {
    #[new]
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value)]
    fn new(tables: HashMap<String, Vec<f64>>) -> PyResult<Self> {
        let table =
            |name: &str| tables.get(name).cloned().ok_or_else(|| PyKeyError::new_err(name.to_owned()));
        let number = |name: &str| Ok::<f64, PyErr>(row::<f64, 1>(&table(name)?)?[0]);
        let looks = table("looks")?.chunks(ROWS * OCTAVE).map(row).collect::<PyResult<_>>()?;
        let scalars = Scalars {
            noise_offset: number("noise_offset")?,
            usual_gain: number("usual_gain")?,
            new_gain: number("new_gain")?,
            forgets: number("forgets")?,
            leaves: number("leaves")?,
            misfit_leaves: number("misfit_leaves")?,
            into_noise: number("into_noise")?,
            out_of_noise: number("out_of_noise")?,
            first_noise: number("first_noise")?,
            loudest: number("loudest")?,
            short_memory: number("short_memory")?,
            long_memory: number("long_memory")?,
            fit_memory: number("fit_memory")?,
        };
        let tables = KeyTables {
            looks,
            hidden_offsets: table("hidden_offsets")?,
            hidden_to_mode: table("hidden_to_mode")?,
            always: row::<f64, MODES>(&table("always")?)?,
            neighbours: row(&table("neighbours")?)?,
            switches: table("switches")?,
            usual: table("usual")?,
            scalars,
        };
        let filter = KeyFilter::new(tables);
        filter.map(Self).ok_or_else(|| PyValueError::new_err("the tables do not fit together"))
    }

    /// A beat later; the shares of the basses heard in it.
    fn hear(&mut self, notes: [f64; OCTAVE], bass: [f64; OCTAVE]) -> [f64; OCTAVE] {
        self.0.hear(&notes, &bass)
    }

    /// How likely each state is.
    fn states(&self) -> Vec<f64> {
        debug_assert_eq!(self.0.states().len(), STATES + 1);
        self.0.states().to_vec()
    }
}

/// The filter that finds chords for a melody.
#[pyclass(module = "realtime._dsp")]
struct MelodyKernel(MelodyFilter);

#[pymethods]
impl MelodyKernel {
    #[new]
    fn new(change: &[u8], follow: &[u8], notes: &[u8], usual: &[u8]) -> PyResult<Self> {
        let tables = Tables {
            change: row::<f64, STRENGTHS>(&floats(change)?)?,
            follow: pair(&floats(follow)?)?,
            notes: pair(&floats(notes)?)?,
            usual: row::<Row, 2>(&rows(usual)?)?,
        };
        let filter = MelodyFilter::new(tables);
        filter.map(Self).ok_or_else(|| PyValueError::new_err("the tables do not fit together"))
    }

    /// A beat is over; how likely each token is now.
    #[pyo3(signature = (melody, keys, strength, heard=None))]
    fn hear<'py>(
        &mut self,
        py: Python<'py>,
        melody: &[u8],
        keys: &[u8],
        strength: usize,
        heard: Option<&[u8]>,
    ) -> PyResult<Bytes<'py>> {
        let heard = heard.map(|bytes| row::<f64, CHORDS>(&floats(bytes)?)).transpose()?;
        let (melody, keys) = (row(&floats(melody)?)?, row::<f64, KEYS>(&floats(keys)?)?);
        Ok(packed(py, self.0.hear(&melody, &keys, check_strength(strength)?, heard.as_ref())))
    }

    /// How likely each token is on the coming beats.
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value, clippy::too_many_arguments)]
    #[pyo3(signature = (strengths, expected, oracle_weight, recalled, recall_weight, struck=None))]
    fn look_ahead<'py>(
        &self,
        py: Python<'py>,
        strengths: Vec<usize>,
        expected: &[u8],
        oracle_weight: f64,
        recalled: &[u8],
        recall_weight: f64,
        struck: Option<usize>,
    ) -> PyResult<Bytes<'py>> {
        for &strength in &strengths {
            check_strength(strength)?;
        }
        let recalled: Vec<_> = floats(recalled)?.chunks(OCTAVE).map(row).collect::<PyResult<_>>()?;
        let prospect = Prospect {
            struck: struck.map(|pitch_class| pitch_class % OCTAVE),
            strengths: &strengths,
            expected: &rows(expected)?,
            oracle_weight,
            recalled: &recalled,
            recall_weight,
        };
        Ok(packed(py, self.0.look_ahead(&prospect).into_iter().flatten()))
    }
}

fn check_strength(strength: usize) -> PyResult<usize> {
    if strength < STRENGTHS {
        return Ok(strength);
    }
    Err(PyValueError::new_err(format!("strength {strength} is outside 0 to {}", STRENGTHS - 1)))
}

fn rows(bytes: &[u8]) -> PyResult<Vec<Row>> {
    floats(bytes)?.chunks(CHORDS).map(row).collect()
}

/// Rows for major keys, then as many for minor ones.
fn pair<const N: usize>(numbers: &[f64]) -> PyResult<[Vec<[f64; N]>; 2]> {
    let (major, minor) = numbers.split_at(numbers.len() / 2);
    let rows = |half: &[f64]| half.chunks(N).map(row).collect::<PyResult<Vec<_>>>();
    Ok([rows(major)?, rows(minor)?])
}
