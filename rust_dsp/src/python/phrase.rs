//! The phrase model as Python sees it.

use crate::phrase::decoder::Decoder;
use crate::phrase::model::Model;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;
use std::time::Instant;

pub(super) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PhraseKernel>()
}

/// Hears tokens, says what comes next.
#[pyclass(module = "realtime._dsp")]
struct PhraseKernel {
    decoder: Decoder,
}

#[pymethods]
impl PhraseKernel {
    #[new]
    fn new(py: Python<'_>, config: &[u8], weights: &[u8]) -> PyResult<Self> {
        let model = py.detach(|| Model::parse(config, weights)).map_err(PyValueError::new_err)?;
        Ok(Self { decoder: Decoder::new(Arc::new(model)) })
    }

    /// Tokens that there are.
    #[getter]
    fn vocabulary(&self) -> usize {
        self.decoder.model().config.vocabulary
    }

    /// Tokens that are remembered at most.
    #[getter]
    fn context(&self) -> usize {
        self.decoder.model().config.context
    }

    /// Numbers that were learnt.
    #[getter]
    fn size(&self) -> usize {
        self.decoder.model().size()
    }

    /// The tokens heard.
    #[getter]
    fn heard(&self) -> Vec<u32> {
        self.decoder.heard().to_vec()
    }

    /// Hears tokens.
    // Python's arguments are converted, so they arrive owned.
    #[allow(clippy::needless_pass_by_value)]
    fn hear(&mut self, py: Python<'_>, tokens: Vec<u32>) -> PyResult<()> {
        py.detach(|| self.decoder.hear(&tokens)).map_err(PyValueError::new_err)
    }

    /// Goes back to when `length` tokens were heard.
    fn roll_back(&mut self, length: usize) {
        self.decoder.roll_back(length);
    }

    /// Has heard `tokens` then, and nothing else; how many of them were new.
    #[allow(clippy::needless_pass_by_value)]
    fn attune(&mut self, py: Python<'_>, tokens: Vec<u32>) -> PyResult<usize> {
        py.detach(|| self.decoder.attune(&tokens)).map_err(PyValueError::new_err)
    }

    /// Scores of all tokens to come next, packed floats.
    fn logits<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes: Vec<u8> =
            py.detach(|| self.decoder.logits().iter().flat_map(|score| score.to_le_bytes()).collect());
        PyBytes::new(py, &bytes)
    }

    /// Hears tokens one by one, with the scores after each: how many nanoseconds each took.
    #[allow(clippy::needless_pass_by_value)]
    fn time_steps(&mut self, py: Python<'_>, tokens: Vec<u32>) -> PyResult<Vec<u64>> {
        let timed = py.detach(|| {
            tokens
                .iter()
                .map(|token| {
                    let began = Instant::now();
                    self.decoder.hear(&[*token])?;
                    std::hint::black_box(self.decoder.logits());
                    Ok(began.elapsed().as_nanos() as u64)
                })
                .collect::<Result<Vec<_>, String>>()
        });
        timed.map_err(PyValueError::new_err)
    }
}
