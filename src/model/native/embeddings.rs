//! Token, position and type embeddings, summed and normalized.

use ndarray::{Array2, s};

use super::layer_norm::LayerNorm;
use crate::error::{EngineError, ModelError};
use crate::model::config::EncoderConfig;
use crate::model::weights::Weights;

pub(super) struct Embeddings {
    /// `[vocabulary, hidden]`
    words: Array2<f32>,
    /// `[positions, hidden]`, with the embedding of token type 0 added: windows have no second type.
    positions: Array2<f32>,
    norm: LayerNorm,
}

impl Embeddings {
    pub(super) fn load(config: &EncoderConfig, weights: &Weights<'_>) -> Result<Self, ModelError> {
        let hidden = config.hidden_size;
        let name = |part: &str| format!("bert.embeddings.{part}.weight");
        let types = weights.matrix(&name("token_type_embeddings"), config.type_vocab_size, hidden)?;
        let positions = weights.matrix(
            &name("position_embeddings"),
            config.max_position_embeddings,
            hidden,
        )?;
        Ok(Self {
            words: weights.matrix(&name("word_embeddings"), config.vocab_size, hidden)?,
            positions: positions + types.row(0),
            norm: LayerNorm::load(weights, "bert.embeddings.LayerNorm", config)?,
        })
    }

    /// `[tokens, hidden]`; position 0 is the window's first token.
    pub(super) fn forward(&self, ids: &[u32]) -> Result<Array2<f32>, EngineError> {
        let limit = self.positions.nrows();
        if ids.len() > limit {
            return Err(EngineError::TooLong {
                length: ids.len(),
                limit,
            });
        }
        let mut x = self.positions.slice(s![..ids.len(), ..]).to_owned();
        let vocabulary = self.words.nrows();
        for (mut row, &token) in x.rows_mut().into_iter().zip(ids) {
            if token as usize >= vocabulary {
                return Err(EngineError::UnknownToken { token, vocabulary });
            }
            row += &self.words.row(token as usize);
        }
        Ok(self.norm.forward(x))
    }
}
