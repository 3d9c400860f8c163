//! One document through all stages: segment, tokenize, window, encode, decide.

use std::path::Path;

use serde::Serialize;

use crate::device::Device;
use crate::document::{Body, Document, Sentence};
use crate::error::{EngineError, ModelError};
use crate::kernels::Kernels;
use crate::label::{self, TokenSpan};
use crate::model::fast::{F32Projection, FastEngine, Int8Projection};
use crate::model::native::NativeF32;
#[cfg(feature = "rust-bert")]
use crate::model::rust_bert::RustBertEngine;
use crate::model::{Answers, Batch, Bundle, Engine, ModelConfig, Weights, Workspace};
use crate::prediction::{Attribution, LabeledDocument, LabeledSentence, Logits};
use crate::segment::segment;
use crate::tokenize::Tokenizer;
use crate::window::{Window, pack, shorten};

/// Labels documents. It is immutable, so one classifier serves any number of threads at once.
pub struct Classifier {
    tokenizer: Tokenizer,
    engine: Box<dyn Engine>,
    info: ModelInfo,
}

/// How the encoder is run. The binary carries 8-bit weights only; the others need a bundle's float weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// 8-bit integers on the vector kernels: the fastest.
    #[default]
    Int8,
    /// `f32` on the vector kernels.
    F32,
    /// `f32` in plain code, slow: what the others are compared with.
    Reference,
    /// `f32` in rust-bert, on libtorch, on the CPU or a GPU. Only in builds with the feature `rust-bert`.
    RustBert,
}

/// An engine, and where it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineOptions {
    pub kind: EngineKind,
    /// Anything but the CPU is for [`EngineKind::RustBert`].
    pub device: Device,
}

impl From<EngineKind> for EngineOptions {
    /// On the CPU.
    fn from(kind: EngineKind) -> Self {
        Self {
            kind,
            device: Device::Cpu,
        }
    }
}

impl EngineKind {
    /// Every kind, the fastest first, whether this build has it or not.
    pub const ALL: [Self; 4] = [Self::Int8, Self::F32, Self::Reference, Self::RustBert];

    /// The name that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::F32 => "f32",
            Self::Reference => "reference",
            Self::RustBert => "rust-bert",
        }
    }

    /// The kind called `name`, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a loaded model is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelInfo {
    /// Where the model came from: `embedded`, a folder, or the caller's engine.
    pub origin: String,
    /// How the weights are stored.
    pub precision: String,
    pub parameters: usize,
    #[serde(flatten)]
    pub config: ModelConfig,
}

/// A document on its way: its sentences and their windows.
pub(crate) struct Prepared {
    pub(crate) sentences: Vec<Sentence>,
    pub(crate) windows: Vec<Window>,
    pub(crate) warnings: Vec<String>,
}

/// What a thread keeps from batch to batch.
#[derive(Default)]
pub(crate) struct Memory {
    workspace: Workspace,
    answers: Answers,
}

/// What the encoder found in a sentence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    logits: Logits,
    spans: Vec<TokenSpan>,
}

impl Classifier {
    /// The classifier with the model that the binary carries, on the default engine.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::embedded_on(EngineKind::default())
    }

    /// The classifier with the model that the binary carries. Its weights are 8-bit, so that other engines than
    /// [`EngineKind::Int8`] are refused.
    pub fn embedded_on(engine: impl Into<EngineOptions>) -> Result<Self, ModelError> {
        Self::from_bundle(&Bundle::embedded(), "embedded".to_owned(), engine.into())
    }

    /// The classifier with the model bundle in `folder`.
    pub fn load(folder: &Path, engine: impl Into<EngineOptions>) -> Result<Self, ModelError> {
        Self::from_bundle(
            &Bundle::read(folder)?,
            folder.display().to_string(),
            engine.into(),
        )
    }

    fn from_bundle(bundle: &Bundle, origin: String, options: EngineOptions) -> Result<Self, ModelError> {
        let EngineOptions { kind, device } = options;
        if kind != EngineKind::RustBert && device != Device::Cpu {
            let reason = format!(
                "the engine {} computes on the processor; rust-bert can use others",
                kind.name()
            );
            return Err(ModelError::NoDevice { device, reason });
        }
        let (config, tokenizer) = settings(bundle)?;
        if kind == EngineKind::RustBert && cfg!(not(feature = "rust-bert")) {
            return Err(ModelError::WithoutRustBert);
        }
        let file = match kind {
            EngineKind::Int8 => bundle.int8_weights(),
            EngineKind::F32 | EngineKind::Reference | EngineKind::RustBert => bundle.float_weights(),
        }?;
        let weights = Weights::from_bytes(&file.bytes, &file.path)?;
        let kernels = Kernels::detect();
        Ok(Self {
            tokenizer,
            engine: match kind {
                EngineKind::Int8 => Box::new(FastEngine::<Int8Projection>::load(&config, &weights, kernels)?),
                EngineKind::F32 => Box::new(FastEngine::<F32Projection>::load(&config, &weights, kernels)?),
                EngineKind::Reference => Box::new(NativeF32::load(&config, &weights)?),
                #[cfg(feature = "rust-bert")]
                EngineKind::RustBert => Box::new(RustBertEngine::load(&config, &weights, device)?),
                #[cfg(not(feature = "rust-bert"))]
                EngineKind::RustBert => return Err(ModelError::WithoutRustBert),
            },
            info: ModelInfo {
                origin,
                precision: weights.precision().to_owned(),
                parameters: weights.parameters(),
                config,
            },
        })
    }

    /// A classifier whose encoder is the caller's `engine`. Configuration and tokenizer are those of `bundle`, whose
    /// weights are not looked at; the engine must answer as [`Engine`] says, and mark spans where the configuration
    /// says that the model does.
    pub fn with_engine(bundle: &Bundle, engine: Box<dyn Engine>) -> Result<Self, ModelError> {
        let (config, tokenizer) = settings(bundle)?;
        Ok(Self {
            tokenizer,
            engine,
            info: ModelInfo {
                origin: "the caller's engine".to_owned(),
                precision: "unknown".to_owned(),
                parameters: 0,
                config,
            },
        })
    }

    /// What model this is.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Labels every sentence of `document`.
    pub fn label(&self, document: &Document) -> Result<LabeledDocument, EngineError> {
        let prepared = self.prepare(document)?;
        let (mut batch, mut memory) = (Batch::default(), Memory::default());
        let mut findings = Vec::with_capacity(prepared.sentences.len());
        for window in &prepared.windows {
            batch.clear();
            batch.push(&window.ids, &window.sentences);
            findings.extend(self.encode(&batch, &mut memory)?);
        }
        self.finish(document, prepared, &findings)
    }

    /// The first half of [`Classifier::label`]: sentences and token windows.
    pub(crate) fn prepare(&self, document: &Document) -> Result<Prepared, EngineError> {
        let (context, sentences) = split(document);
        let mut warnings = Vec::new();
        let context_ids = context
            .iter()
            .enumerate()
            .map(|(index, text)| self.tokenize(index, text).map(|(ids, _)| ids))
            .collect::<Result<Vec<_>, _>>()?;
        let mut sentence_ids = Vec::with_capacity(sentences.len());
        for (index, sentence) in sentences.iter().enumerate() {
            let (ids, length) = self.tokenize(index, &sentence.text)?;
            if length > ids.len() {
                warnings.push(format!(
                    "sentence {index} has {length} tokens; the model read {} of them",
                    ids.len()
                ));
            }
            sentence_ids.push(ids);
        }
        let windows = pack(&context_ids, &sentence_ids, &self.info.config.window);
        Ok(Prepared {
            sentences,
            windows,
            warnings,
        })
    }

    /// The costly part: what is found in each of the sentences of `batch`.
    pub(crate) fn encode<'a>(
        &self,
        batch: &'a Batch,
        memory: &'a mut Memory,
    ) -> Result<impl ExactSizeIterator<Item = Findings> + 'a, EngineError> {
        let Memory { workspace, answers } = memory;
        self.engine.forward(batch, workspace, answers)?;
        let sentences = batch.sentences.iter().zip(&answers.sentences);
        Ok(sentences.map(|(sentence, logits)| Findings {
            logits: *logits,
            // Without the separator; a model that marks nothing has no tags.
            spans: answers
                .tags
                .get(sentence.start..sentence.end - 1)
                .map_or_else(Vec::new, label::decode),
        }))
    }

    /// The last part: decisions, from what was found in all sentences.
    pub(crate) fn finish(
        &self,
        document: &Document,
        prepared: Prepared,
        findings: &[Findings],
    ) -> Result<LabeledDocument, EngineError> {
        let sentences = prepared.sentences.into_iter().zip(findings).enumerate();
        Ok(LabeledDocument {
            id: document.id.clone(),
            metadata: document.metadata.clone(),
            sentences: sentences
                .map(|(index, (sentence, findings))| self.decide(index, sentence, findings))
                .collect::<Result<_, _>>()?,
            warnings: prepared.warnings,
        })
    }

    fn decide(
        &self,
        index: usize,
        sentence: Sentence,
        findings: &Findings,
    ) -> Result<LabeledSentence, EngineError> {
        let mut prediction = label::predict(&findings.logits, &self.info.config);
        if prediction.attribution != Attribution::None && !findings.spans.is_empty() {
            let mut characters = self
                .tokenizer
                .character_ranges(&sentence.text)
                .map_err(|reason| EngineError::Tokenize {
                    sentence: index,
                    reason,
                })?;
            shorten(&mut characters, &self.info.config.window);
            label::mark(&mut prediction, &findings.spans, &characters, &sentence);
        }
        Ok(LabeledSentence { sentence, prediction })
    }

    /// The shortened ids of one sentence, and how many there were before.
    fn tokenize(&self, sentence: usize, text: &str) -> Result<(Vec<u32>, usize), EngineError> {
        let mut ids = self
            .tokenizer
            .encode(text)
            .map_err(|reason| EngineError::Tokenize { sentence, reason })?;
        let length = ids.len();
        shorten(&mut ids, &self.info.config.window);
        Ok((ids, length))
    }
}

/// The configuration and the tokenizer of a bundle, which must fit each other.
fn settings(bundle: &Bundle) -> Result<(ModelConfig, Tokenizer), ModelError> {
    let config = ModelConfig::from_bytes(&bundle.config.bytes, &bundle.config.path)?;
    let tokenizer = Tokenizer::from_bytes(&bundle.tokenizer.bytes, &bundle.tokenizer.path)?;
    if tokenizer.vocabulary_size() > config.encoder.vocab_size {
        return Err(ModelError::BrokenTokenizer {
            path: bundle.tokenizer.path.clone(),
            reason: format!(
                "it has {} tokens, the model {}",
                tokenizer.vocabulary_size(),
                config.encoder.vocab_size
            ),
        });
    }
    Ok((config, tokenizer))
}

/// The context and the sentences of a document, with the offsets of the latter.
fn split(document: &Document) -> (&[String], Vec<Sentence>) {
    match &document.body {
        Body::Text(text) => (&[], segment(text)),
        Body::Sentences { context, sentences } => {
            let mut start = 0;
            let placed = sentences.iter().map(|text| {
                let end = start + text.chars().count();
                let sentence = Sentence {
                    start,
                    end,
                    text: text.clone(),
                };
                start = end + 1;
                sentence
            });
            (context, placed.collect())
        }
    }
}
