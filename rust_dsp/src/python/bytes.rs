//! Arrays of numbers that cross as bytes, little-endian.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Numbers of double precision.
pub(super) fn floats(bytes: &[u8]) -> PyResult<Vec<f64>> {
    let numbers = bytes.chunks_exact(8);
    if numbers.remainder().is_empty() {
        return Ok(numbers.map(|number| f64::from_le_bytes(std::array::from_fn(|at| number[at]))).collect());
    }
    Err(PyValueError::new_err(format!("{} bytes are no array of 64-bit floats", bytes.len())))
}

/// Numbers of single precision.
pub(super) fn singles(bytes: &[u8]) -> PyResult<Vec<f32>> {
    let numbers = bytes.chunks_exact(4);
    if numbers.remainder().is_empty() {
        return Ok(numbers.map(|number| f32::from_le_bytes(std::array::from_fn(|at| number[at]))).collect());
    }
    Err(PyValueError::new_err(format!("{} bytes are no array of 32-bit floats", bytes.len())))
}

/// Exactly `N` of them.
pub(super) fn row<T: Copy, const N: usize>(numbers: &[T]) -> PyResult<[T; N]> {
    let wrong = || PyValueError::new_err(format!("{} numbers where {N} are wanted", numbers.len()));
    numbers.try_into().map_err(|_| wrong())
}

pub(super) fn packed(py: Python<'_>, numbers: impl IntoIterator<Item = f64>) -> Bound<'_, PyBytes> {
    PyBytes::new(py, &numbers.into_iter().flat_map(f64::to_le_bytes).collect::<Vec<u8>>())
}

pub(super) fn packed_singles<'py>(py: Python<'py>, numbers: &[f32]) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}
