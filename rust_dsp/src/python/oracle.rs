//! The oracle as Python sees it.

use crate::oracle::grid::Grid;
use crate::oracle::kernel::{Kernel, MOST_STEPS};
use crate::oracle::memory;
use crate::oracle::song::Song;
use crate::oracle::tables::Tables;
use crate::oracle::token::{Row, CHORDS, WIDTH};
use crate::oracle::trainer::{train, Plan};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::sync::Arc;
use std::time::Instant;

/// The longest bar, in events.
const LONGEST_BAR: usize = 64;

/// A song as it comes from Python: tokens, positions, events a bar, key, group, beats, starts, beats a bar.
type Piece = (Vec<u8>, Vec<u8>, u8, Option<u8>, u32, Vec<u8>, Vec<u32>, u8);

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(train_oracle, module)?)?;
    module.add_class::<OracleKernel>()
}

fn grid_named(name: &str) -> PyResult<Grid> {
    let unknown = || PyValueError::new_err(format!("grid {name:?} is not beats, changes or bars"));
    Grid::named(name).ok_or_else(unknown)
}

fn check_token(token: usize) -> PyResult<u8> {
    if token < CHORDS {
        return Ok(token as u8);
    }
    Err(PyValueError::new_err(format!("token {token} is outside 0 to {}", CHORDS - 1)))
}

fn check_bar(beats_per_bar: usize) -> PyResult<u8> {
    if (1..=LONGEST_BAR).contains(&beats_per_bar) {
        return Ok(beats_per_bar as u8);
    }
    let what = format!("beats_per_bar {beats_per_bar} is outside 1 to {LONGEST_BAR}");
    Err(PyValueError::new_err(what))
}

fn check_steps(steps: usize) -> PyResult<usize> {
    if (1..=MOST_STEPS).contains(&steps) {
        return Ok(steps);
    }
    Err(PyValueError::new_err(format!("steps {steps} is outside 1 to {MOST_STEPS}")))
}

fn packed<'py>(py: Python<'py>, rows: &[Row]) -> Bound<'py, PyBytes> {
    let floats = rows.iter().flat_map(|row| &row[..CHORDS]);
    PyBytes::new(py, &floats.flat_map(|mass| mass.to_le_bytes()).collect::<Vec<u8>>())
}

/// Learns chords, foresees chords.
#[pyclass(module = "realtime._dsp")]
struct OracleKernel {
    kernel: Kernel,
    asked: Kernel,
    rows: Vec<Row>,
}

#[pymethods]
impl OracleKernel {
    #[new]
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value)]
    #[pyo3(signature = (grid, beats_per_bar, tables=None, habit=None))]
    fn new(
        grid: &str,
        beats_per_bar: usize,
        tables: Option<&[u8]>,
        habit: Option<Vec<f32>>,
    ) -> PyResult<Self> {
        let (grid, beats_per_bar) = (grid_named(grid)?, check_bar(beats_per_bar)?);
        let tables = match tables {
            Some(bytes) => Tables::unpack(bytes, grid).map_err(PyValueError::new_err)?,
            None => Tables::untrained(habit.as_deref()).ok_or_else(|| {
                PyValueError::new_err("habit holds the wrong number of numbers, or wrong ones")
            })?,
        };
        let kernel = Kernel::new(grid, beats_per_bar, Arc::new(tables));
        Ok(Self { asked: kernel.clone(), kernel, rows: vec![[0.0; WIDTH]; MOST_STEPS] })
    }

    /// Learns the next event.
    fn observe(&mut self, token: usize) -> PyResult<()> {
        self.kernel.observe(check_token(token)?);
        Ok(())
    }

    /// Learns events one after the other, each foreseen before it comes: how many nanoseconds each took.
    fn time_steps(&mut self, tokens: &[u8]) -> PyResult<Vec<u64>> {
        let mut spent = Vec::with_capacity(tokens.len());
        for &token in tokens {
            let token = check_token(usize::from(token))?;
            let began = Instant::now();
            self.kernel.foresee(&mut self.rows[..1]);
            self.kernel.observe(token);
            spent.push(began.elapsed().as_nanos() as u64);
        }
        Ok(spent)
    }

    /// Distributions over the next events.
    fn foresee<'py>(&mut self, py: Python<'py>, steps: usize) -> PyResult<Bound<'py, PyBytes>> {
        let rows = &mut self.rows[..check_steps(steps)?];
        self.kernel.foresee(rows);
        Ok(packed(py, rows))
    }

    /// Distributions over the events after the next one, were that `token`.
    fn foresee_after<'py>(
        &mut self,
        py: Python<'py>,
        token: usize,
        steps: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (token, steps) = (check_token(token)?, check_steps(steps)?);
        self.asked.copy_from(&self.kernel);
        self.asked.observe(token);
        let rows = &mut self.rows[..steps];
        self.asked.foresee(rows);
        Ok(packed(py, rows))
    }

    /// What the trained tables alone say of the next event.
    fn foresee_cold<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let row = self.kernel.foresee_cold();
        packed(py, &[row])
    }

    /// The period of late, in events, and the share of late events that agreed with it.
    fn period(&self) -> (usize, f32) {
        self.kernel.session().period()
    }

    /// Where the next event stands in the bar.
    #[pyo3(signature = (beats_per_bar, position=0))]
    fn set_meter(&mut self, beats_per_bar: usize, position: usize) -> PyResult<()> {
        let bar = check_bar(beats_per_bar)?;
        self.kernel.set_meter(bar, (position % beats_per_bar) as u8);
        Ok(())
    }

    /// So many beats passed since the last event began.
    fn elapse(&mut self, chords: &[u8], bar: usize) -> PyResult<()> {
        let bar = check_bar(bar)?;
        for &token in chords {
            check_token(usize::from(token))?;
        }
        self.kernel.elapse(chords, bar);
        Ok(())
    }

    /// An expert is not believed any more.
    fn leave_out(&mut self, expert: &str) -> PyResult<()> {
        let known = crate::oracle::experts::NAMES;
        let Some(place) = known.iter().position(|name| *name == expert) else {
            return Err(PyValueError::new_err(format!("expert {expert:?} is none of {}", known.join(", "))));
        };
        self.kernel.mixer_mut().leave_out(place);
        Ok(())
    }

    /// Another song begins.
    fn end_song(&mut self) {
        self.kernel.end_song();
    }

    /// Everything that was heard, as bytes.
    fn save<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &memory::save(&self.kernel))
    }

    /// Becomes what was saved.
    fn load(&mut self, saved: &[u8]) -> PyResult<()> {
        memory::load(&mut self.kernel, saved).map_err(PyValueError::new_err)
    }

    /// Takes over the songs of a memory, as older ones.
    fn merge(&mut self, saved: &[u8]) -> PyResult<()> {
        memory::merge(&mut self.kernel, saved).map_err(PyValueError::new_err)
    }

    /// How much is remembered, and how the experts have done.
    fn statistics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let entry = PyDict::new(py);
        entry.set_item("events", self.kernel.session().past.len())?;
        entry.set_item("capacity", crate::oracle::session::CAPACITY)?;
        entry.set_item("loss", self.kernel.mixer().own_loss())?;
        let losses = PyDict::new(py);
        for (name, loss) in crate::oracle::experts::NAMES.iter().zip(self.kernel.mixer().losses()) {
            losses.set_item(name, loss)?;
        }
        entry.set_item("losses", losses)?;
        Ok(entry)
    }
}

/// Trains one grid's tables.
#[pyfunction]
#[pyo3(signature = (grid, songs, *, seed, epochs=8, worth=4.0))]
fn train_oracle<'py>(
    py: Python<'py>,
    grid: &str,
    songs: Vec<Piece>,
    seed: u64,
    epochs: usize,
    worth: f32,
) -> PyResult<(Bound<'py, PyBytes>, Vec<Vec<f64>>)> {
    let plan = Plan { grid: grid_named(grid)?, seed, epochs, worth };
    let songs: Vec<Song> = songs
        .into_iter()
        .map(|(tokens, positions, beats_per_bar, key, group, beats, starts, bar)| Song {
            tokens,
            heard: Vec::new(),
            positions,
            beats_per_bar,
            key,
            group,
            starts,
            beats,
            bar,
        })
        .collect();
    if let Some(place) = songs.iter().position(|song| !song.is_valid()) {
        return Err(PyValueError::new_err(format!("song {place} has a number out of range")));
    }
    let mut losses = Vec::new();
    let tables = py.detach(|| train(&songs, plan, &mut |_, bits| losses.push(bits.to_vec())));
    Ok((PyBytes::new(py, &tables), losses))
}
