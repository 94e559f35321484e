//! MIDI through JACK, for Python.

#[cfg(not(feature = "jack"))]
use crate::jack_midi::Output;
use crate::jack_midi::{Input, Probe};
#[cfg(feature = "jack")]
use crate::jack_midi_out::Output;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, PoisonError};

/// Adds what belongs to MIDI through JACK.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<JackMidiProbe>()?;
    module.add_class::<JackMidiIn>()?;
    module.add_class::<JackMidiOut>()
}

/// A port, until it is closed. Python may call from any thread; the lock is never fought over.
struct Held<T>(Mutex<Option<T>>);

impl<T> Held<T> {
    fn new(port: T) -> Self {
        Self(Mutex::new(Some(port)))
    }

    fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(act)
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Asks a JACK server which MIDI ports there are.
#[pyclass(frozen)]
struct JackMidiProbe {
    probe: Held<Probe>,
}

#[pymethods]
impl JackMidiProbe {
    #[new]
    fn new(py: Python<'_>, client: &str) -> PyResult<Self> {
        let probe = py.detach(|| Probe::open(client)).map_err(PyOSError::new_err)?;
        Ok(Self { probe: Held::new(probe) })
    }

    fn sources(&self) -> Vec<String> {
        self.probe.with(|probe| probe.ports(true)).unwrap_or_default()
    }

    fn destinations(&self) -> Vec<String> {
        self.probe.with(|probe| probe.ports(false)).unwrap_or_default()
    }

    fn block_micros(&self) -> u64 {
        self.probe.with(|probe| probe.block_micros()).unwrap_or(0)
    }

    /// Forgets about a server that has died.
    fn abandon(&self) {
        if let Some(probe) = self.probe.take() {
            probe.abandon();
        }
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.probe.take().map(Probe::close));
    }
}

/// A MIDI input of JACK.
#[pyclass(frozen)]
struct JackMidiIn {
    input: Held<Input>,
}

#[pymethods]
impl JackMidiIn {
    #[new]
    #[pyo3(signature = (client, port, wake_fd, source=None))]
    fn new(py: Python<'_>, client: &str, port: &str, wake_fd: i32, source: Option<&str>) -> PyResult<Self> {
        if wake_fd < 0 {
            return Err(PyValueError::new_err(format!("wake_fd must be an open socket, but was {wake_fd}")));
        }
        // SAFETY: the caller's socket is open for as long as this call lasts; we keep a duplicate.
        let wake = unsafe { BorrowedFd::borrow_raw(wake_fd) }.try_clone_to_owned()?;
        let input = py.detach(|| Input::open(client, port, source, wake)).map_err(PyOSError::new_err)?;
        Ok(Self { input: Held::new(input) })
    }

    /// Everything heard since: messages, each with how many microseconds ago it was played.
    fn read<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, u64)> {
        let all = |input: &mut Input| {
            let each = std::iter::from_fn(|| input.read());
            each.map(|(message, age)| (PyBytes::new(py, message.data()), age)).collect()
        };
        self.input.with(all).unwrap_or_default()
    }

    #[getter]
    fn is_alive(&self) -> bool {
        self.input.with(|input| input.is_alive()).unwrap_or(false)
    }

    #[getter]
    fn lost(&self) -> u64 {
        self.input.with(|input| input.lost()).unwrap_or(0)
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.input.take().map(Input::close));
    }
}

/// A MIDI output of JACK.
#[pyclass(frozen)]
struct JackMidiOut {
    output: Held<Output>,
}

#[pymethods]
impl JackMidiOut {
    #[new]
    #[pyo3(signature = (client, port, destination=None))]
    fn new(py: Python<'_>, client: &str, port: &str, destination: Option<&str>) -> PyResult<Self> {
        let output = py.detach(|| Output::open(client, port, destination)).map_err(PyOSError::new_err)?;
        Ok(Self { output: Held::new(output) })
    }

    /// One whole message, to be on the wire in `delay_micros`.
    fn send(&self, data: &[u8], delay_micros: u64) -> PyResult<()> {
        let sent = self.output.with(|output| output.send(data, delay_micros));
        sent.unwrap_or(Err("the port is closed")).map_err(PyOSError::new_err)
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.output.take().map(Output::close));
    }
}
