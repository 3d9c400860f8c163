//! One transformer layer over all tokens of a batch, or over all keys but only the queries that are read.

use super::buffers::{LayerBuffers, sized};
use super::embeddings::Norm;
use super::projection::{Group, Projection};
use crate::error::ModelError;
use crate::kernels::{Epilogue, Kernels};
use crate::model::config::EncoderConfig;
use crate::model::engine::Batch;
use crate::model::weights::Weights;

pub(super) struct Layer<P> {
    query: P,
    /// Keys and values side by side.
    key_value: P,
    attention_output: P,
    attention_norm: Norm,
    intermediate: P,
    output: P,
    output_norm: Norm,
    hidden: usize,
    inner: usize,
}

impl<P: Projection> Layer<P> {
    pub(super) fn load(
        config: &EncoderConfig,
        weights: &Weights<'_>,
        layer: usize,
    ) -> Result<Self, ModelError> {
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("bert.encoder.layer.{layer}.{part}");
        let load = |layers: &[(&str, usize)], factors: &str, inputs| {
            let names: Vec<String> = layers.iter().map(|(part, _)| name(part)).collect();
            let layers = names
                .iter()
                .zip(layers)
                .map(|(name, (_, outputs))| (name.as_str(), *outputs));
            let group = Group {
                layers: &layers.collect::<Vec<_>>(),
                factors: &name(factors),
                inputs,
            };
            P::load(weights, &group)
        };
        let attention_factors = "attention.self.input_factor";
        let keys_values = [("attention.self.key", hidden), ("attention.self.value", hidden)];
        Ok(Self {
            query: load(&[("attention.self.query", hidden)], attention_factors, hidden)?,
            key_value: load(&keys_values, attention_factors, hidden)?,
            attention_output: load(
                &[("attention.output.dense", hidden)],
                "attention.output.dense.input_factor",
                hidden,
            )?,
            attention_norm: Norm::load(weights, &name("attention.output.LayerNorm"), config)?,
            intermediate: load(
                &[("intermediate.dense", inner)],
                "intermediate.dense.input_factor",
                hidden,
            )?,
            output: load(&[("output.dense", hidden)], "output.dense.input_factor", inner)?,
            output_norm: Norm::load(weights, &name("output.LayerNorm"), config)?,
            hidden,
            inner,
        })
    }

    /// Replaces `hidden` `[tokens, hidden]` with the layer's output.
    pub(super) fn forward(
        &self,
        kernels: Kernels,
        batch: &Batch,
        heads: usize,
        hidden: &mut [f32],
        scratch: &mut LayerBuffers,
    ) {
        let size = self.hidden;
        let tokens = hidden.len() / size;
        self.key_value.quantize(kernels, hidden, &mut scratch.quantized);
        let queries = sized(&mut scratch.queries, tokens * size);
        self.query
            .forward(kernels, hidden, &scratch.quantized, Epilogue::Plain, queries);
        let keys_values = sized(&mut scratch.keys_values, tokens * 2 * size);
        self.key_value
            .forward(kernels, hidden, &scratch.quantized, Epilogue::Plain, keys_values);
        let mixed = sized(&mut scratch.mixed, tokens * size);
        for window in batch.windows() {
            kernels.attention(
                &queries[window.start * size..window.end * size],
                &keys_values[window.start * 2 * size..window.end * 2 * size],
                heads,
                size,
                &mut mixed[window.start * size..window.end * size],
                P::attention(&mut scratch.attention),
            );
        }
        self.finish(kernels, hidden, scratch);
    }

    /// Replaces `selected` `[sentences, hidden]`, the rows of `hidden` at each sentence's separator, with the
    /// layer's output there.
    pub(super) fn forward_selected(
        &self,
        kernels: Kernels,
        batch: &Batch,
        heads: usize,
        hidden: &[f32],
        selected: &mut [f32],
        scratch: &mut LayerBuffers,
    ) {
        let size = self.hidden;
        self.key_value.quantize(kernels, hidden, &mut scratch.quantized);
        let keys_values = sized(&mut scratch.keys_values, 2 * hidden.len());
        self.key_value
            .forward(kernels, hidden, &scratch.quantized, Epilogue::Plain, keys_values);
        self.query.quantize(kernels, selected, &mut scratch.quantized);
        let queries = sized(&mut scratch.queries, selected.len());
        self.query
            .forward(kernels, selected, &scratch.quantized, Epilogue::Plain, queries);
        let mixed = sized(&mut scratch.mixed, selected.len());
        for (window, sentences) in batch.windows_with_sentences() {
            let rows = sentences.start * size..sentences.end * size;
            kernels.attention(
                &queries[rows.clone()],
                &keys_values[window.start * 2 * size..window.end * 2 * size],
                heads,
                size,
                &mut mixed[rows],
                P::attention(&mut scratch.attention),
            );
        }
        self.finish(kernels, selected, scratch);
    }

    /// From what attention mixed (`scratch.mixed`) to the layer's output, with `rows` as the residual.
    fn finish(&self, kernels: Kernels, rows: &mut [f32], scratch: &mut LayerBuffers) {
        let (size, inner_size) = (self.hidden, self.inner);
        let count = rows.len() / size;
        let mixed = sized(&mut scratch.mixed, count * size);
        self.attention_output
            .quantize(kernels, mixed, &mut scratch.quantized);
        let attended = sized(&mut scratch.attended, count * size);
        let residual = Epilogue::Residual(rows);
        self.attention_output
            .forward(kernels, mixed, &scratch.quantized, residual, attended);
        self.attention_norm.apply(kernels, attended);

        self.intermediate
            .quantize(kernels, attended, &mut scratch.quantized);
        let inner = sized(&mut scratch.inner, count * inner_size);
        self.intermediate
            .forward(kernels, attended, &scratch.quantized, Epilogue::Gelu, inner);
        self.output.quantize(kernels, inner, &mut scratch.quantized);
        let residual = Epilogue::Residual(attended);
        self.output
            .forward(kernels, inner, &scratch.quantized, residual, rows);
        self.output_norm.apply(kernels, rows);
    }
}
