//! A matrix as the file holds it, in floats or in 8 bits, and what it does to a vector.

use super::affine::{Affine, Rounded};
use super::maths::dot;
use super::tensors::{Kind, Tensors};
use crate::oracle::wide::widely;

/// The matrix.
#[derive(Clone, Debug)]
pub enum Matrix {
    /// A row of floats an output.
    Floats {
        /// The numbers, row by row.
        weights: Vec<f32>,
        /// Numbers of a row.
        columns: usize,
    },
    /// In 8 bits.
    Affine(Affine),
}

/// A vector as every kind of matrix wants it.
#[derive(Clone, Debug)]
pub struct Vector {
    /// The numbers.
    pub floats: Vec<f32>,
    rounded: Rounded,
}

impl Vector {
    /// Room for `most` numbers.
    ///
    /// Realtime-safe: no.
    pub fn with_room(most: usize) -> Self {
        Self { floats: vec![0.0; most], rounded: Rounded::with_room(most) }
    }

    /// Readies the first `width` numbers for a matrix like `matrix`.
    ///
    /// Realtime-safe: yes.
    pub fn ready(&mut self, width: usize, matrix: &Matrix) {
        if let Matrix::Affine(affine) = matrix {
            self.rounded.take(&self.floats[..width], affine.group);
        }
    }
}

impl Matrix {
    /// The matrix `NAME.weight` of the file, `rows` by `columns`, in groups of `group` where it has scales.
    ///
    /// # Errors
    /// It is missing or broken: how.
    ///
    /// Realtime-safe: no.
    pub fn read(
        tensors: &Tensors<'_>,
        name: &str,
        rows: usize,
        columns: usize,
        group: Option<usize>,
    ) -> Result<Self, String> {
        let about = |what: String| format!("model.safetensors: {name}.weight: {what}");
        let tensor = tensors.get(&format!("{name}.weight"))?;
        let Some(group) = group.filter(|_| tensors.has(&format!("{name}.scales"))) else {
            if tensor.shape != [rows, columns] {
                return Err(about(format!("must be [{rows}, {columns}], but is {:?}", tensor.shape)));
            }
            return Ok(Self::Floats { weights: tensor.floats().map_err(about)?, columns });
        };
        if columns % group != 0 || tensor.shape != [rows, columns / 4] || tensor.kind != Kind::U32 {
            return Err(about(format!(
                "must be U32 [{rows}, {columns} / 4] in groups of {group}, but is {:?} {:?}",
                tensor.kind, tensor.shape
            )));
        }
        let numbers = |what: &str| {
            let tensor = tensors.get(&format!("{name}.{what}"))?;
            if tensor.shape != [rows, columns / group] {
                return Err(format!(
                    "model.safetensors: {name}.{what}: must be [{rows}, {}], but is {:?}",
                    columns / group,
                    tensor.shape
                ));
            }
            tensor.floats().map_err(|wrong| format!("model.safetensors: {name}.{what}: {wrong}"))
        };
        // Four weights a number, the lowest byte first: little-endian, they lie one after the other.
        let (scales, offsets) = (numbers("scales")?, numbers("biases")?);
        Ok(Self::Affine(Affine::new(columns, group, tensor.bytes.to_vec(), &scales, &offsets)))
    }

    /// The matrix times a vector that is ready for it.
    ///
    /// Realtime-safe: yes.
    pub fn times(&self, vector: &Vector, out: &mut [f32]) {
        match self {
            Self::Floats { weights, columns } => products(weights, &vector.floats[..*columns], out),
            Self::Affine(affine) => affine.times(&vector.rounded, out),
        }
    }

    /// One row.
    ///
    /// Realtime-safe: yes.
    pub fn row(&self, row: usize, out: &mut [f32]) {
        match self {
            Self::Floats { weights, columns } => out.copy_from_slice(&weights[row * columns..][..*columns]),
            Self::Affine(affine) => affine.row(row, out),
        }
    }

    /// How many weights it has.
    ///
    /// Realtime-safe: yes.
    pub fn size(&self) -> usize {
        match self {
            Self::Floats { weights, .. } => weights.len(),
            Self::Affine(affine) => affine.size(),
        }
    }
}

#[inline(always)]
fn products_plainly(weights: &[f32], vector: &[f32], out: &mut [f32]) {
    for (row, out) in weights.chunks_exact(vector.len()).zip(out) {
        *out = dot(row, vector);
    }
}

widely! { fn products(weights: &[f32], vector: &[f32], out: &mut [f32]) does products_plainly }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_registers_give_the_same_bits() {
        let weights: Vec<f32> = (0..33 * 75).map(|at| ((at * 37 % 211) as f32 - 105.0) * 0.01).collect();
        let (mut wide, mut plain) = (vec![0.0; 33], vec![0.0; 33]);
        products(&weights, &weights[..75], &mut wide);
        products_plainly(&weights, &weights[..75], &mut plain);
        assert_eq!(wide, plain);
    }
}
