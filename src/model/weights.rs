//! Reads a bundle's tensors out of a safetensors file, believing nothing that the file says of itself.
//!
//! Tensors are stored as f16 or f32, matrices also as 8-bit integers with a scale per row. Sizes are those of the
//! configuration; a tensor of another shape is refused before any memory is taken for it.

use std::path::Path;

use half::f16;
use ndarray::{Array1, Array2};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::error::ModelError;
use crate::kernels::PackError;

/// A matrix as it is stored, row-major.
pub enum Matrix {
    Floats(Vec<f32>),
    /// `value * scale` of its row.
    Int8 {
        values: Vec<i8>,
        scales: Vec<f32>,
    },
}

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

    /// What is said of a configuration that an engine cannot run.
    #[cfg(feature = "rust-bert")]
    pub(super) fn unsupported(&self, field: &'static str, found: String, expected: &str) -> ModelError {
        ModelError::UnsupportedConfig {
            path: self.path.with_file_name("config.json"),
            field,
            found,
            expected: expected.to_owned(),
        }
    }

    /// Whether there is a tensor called `name`.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// How many numbers the model has; what only says how they are stored does not count.
    pub fn parameters(&self) -> usize {
        self.tensors
            .iter()
            .filter(|(name, _)| !name.ends_with("_scale") && !name.ends_with("input_factor"))
            .map(|(_, tensor)| tensor.shape().iter().product::<usize>())
            .sum()
    }

    /// How most of the numbers are stored: `int8`, `f16` or `f32`.
    pub fn precision(&self) -> &'static str {
        let stored_as = |wanted: Dtype| -> usize {
            let own = self.tensors.iter().filter(|(_, tensor)| tensor.dtype() == wanted);
            own.map(|(_, tensor)| tensor.shape().iter().product::<usize>())
                .sum()
        };
        let by_type = [(Dtype::I8, "int8"), (Dtype::F16, "f16"), (Dtype::F32, "f32")];
        let most = by_type.into_iter().max_by_key(|(dtype, _)| stored_as(*dtype));
        most.map_or("f32", |(_, name)| name)
    }

    /// A tensor of one dimension.
    pub fn vector(&self, name: &str, length: usize) -> Result<Array1<f32>, ModelError> {
        Ok(Array1::from_vec(self.numbers(name, &[length])?))
    }

    /// A tensor of two dimensions, row-major, which must be stored in floats.
    pub fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Array2<f32>, ModelError> {
        let numbers = self.numbers(name, &[rows, columns])?;
        Array2::from_shape_vec((rows, columns), numbers)
            .map_err(|_| self.wrong_shape(name, &[], &[rows, columns]))
    }

    /// A tensor of two dimensions in the precision in which it is stored; an 8-bit one has its scales, one per
    /// row, in the tensor `<name>_scale`.
    pub fn stored(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, ModelError> {
        let tensor = self.tensor(name, &[rows, columns])?;
        if tensor.dtype() != Dtype::I8 {
            return Ok(Matrix::Floats(self.numbers(name, &[rows, columns])?));
        }
        Ok(Matrix::Int8 {
            values: tensor.data().iter().map(|byte| byte.cast_signed()).collect(),
            scales: self.numbers(&format!("{name}_scale"), &[rows])?,
        })
    }

    /// The error for a layer whose tensors no kernel can pack.
    pub(super) fn unpackable(&self, layer: &str, source: PackError) -> ModelError {
        ModelError::Unpackable {
            path: self.path.to_owned(),
            layer: layer.to_owned(),
            source,
        }
    }

    /// The tensor called `name`, which must have this shape.
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<TensorView<'_>, ModelError> {
        let tensor = self.tensors.tensor(name).map_err(|_| ModelError::MissingTensor {
            path: self.path.to_owned(),
            tensor: name.to_owned(),
        })?;
        if tensor.shape() == shape {
            Ok(tensor)
        } else {
            Err(self.wrong_shape(name, tensor.shape(), shape))
        }
    }

    /// A tensor of any shape, row-major, which must be stored in floats.
    pub fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensor(name, shape)?;
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
