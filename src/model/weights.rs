//! Reads a bundle's tensors out of a safetensors file, believing nothing that the file says of itself.
//!
//! Tensors are stored as f16 or f32 and handed out as f32. Sizes are those of the configuration; a tensor
//! of another shape is refused before any memory is taken for it.

use std::path::Path;

use half::f16;
use ndarray::{Array1, Array2};
use safetensors::{Dtype, SafeTensors};

use crate::error::ModelError;

/// The tensors of one safetensors file.
pub struct Weights<'a> {
    tensors: SafeTensors<'a>,
    path: &'a Path,
}

impl<'a> Weights<'a> {
    /// Reads the file's directory; `path` only names it in errors.
    pub fn from_bytes(bytes: &'a [u8], path: &'a Path) -> Result<Self, ModelError> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|source| ModelError::BrokenWeights {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self { tensors, path })
    }

    /// How many numbers the file holds.
    pub fn parameters(&self) -> usize {
        self.tensors
            .iter()
            .map(|(_, tensor)| tensor.shape().iter().product::<usize>())
            .sum()
    }

    /// How the numbers are stored, e.g. `F16`; of a mixed file, the type of most tensors.
    pub fn precision(&self) -> String {
        let half = self
            .tensors
            .iter()
            .filter(|(_, tensor)| tensor.dtype() == Dtype::F16)
            .count();
        if half * 2 > self.tensors.len() {
            "f16"
        } else {
            "f32"
        }
        .to_owned()
    }

    /// A tensor of one dimension.
    pub fn vector(&self, name: &str, length: usize) -> Result<Array1<f32>, ModelError> {
        Ok(Array1::from_vec(self.numbers(name, &[length])?))
    }

    /// A tensor of two dimensions, row-major.
    pub fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Array2<f32>, ModelError> {
        let numbers = self.numbers(name, &[rows, columns])?;
        Array2::from_shape_vec((rows, columns), numbers)
            .map_err(|_| self.wrong_shape(name, &[], &[rows, columns]))
    }

    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensors.tensor(name).map_err(|_| ModelError::MissingTensor {
            path: self.path.to_owned(),
            tensor: name.to_owned(),
        })?;
        if tensor.shape() != shape {
            return Err(self.wrong_shape(name, tensor.shape(), shape));
        }
        let bytes = tensor.data();
        let numbers: Vec<f32> = match tensor.dtype() {
            Dtype::F16 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|pair| f16::from_le_bytes(*pair).to_f32())
                .collect(),
            Dtype::F32 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|word| f32::from_le_bytes(*word))
                .collect(),
            other => {
                return Err(ModelError::WrongType {
                    path: self.path.to_owned(),
                    tensor: name.to_owned(),
                    found: format!("{other:?}"),
                });
            }
        };
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(numbers)
        } else {
            Err(ModelError::NotFinite {
                path: self.path.to_owned(),
                tensor: name.to_owned(),
            })
        }
    }

    fn wrong_shape(&self, name: &str, found: &[usize], expected: &[usize]) -> ModelError {
        ModelError::WrongShape {
            path: self.path.to_owned(),
            tensor: name.to_owned(),
            found: found.to_vec(),
            expected: expected.to_vec(),
        }
    }
}
