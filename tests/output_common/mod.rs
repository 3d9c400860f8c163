//! What the tests of writers share: labelled documents, and an output that can be looked into.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

pub mod reading;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use sayso::{
    document::Sentence,
    output::{OutputFormat, TableOptions, writer},
    prediction::{
        Anonymity, Attribution, Label, LabeledDocument, LabeledSentence, Prediction, Span, SpanKind, Stance,
    },
};

/// An output that the test can look into after the writer is gone.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written for `documents`.
pub fn bytes(format: OutputFormat, options: &TableOptions, documents: &[LabeledDocument]) -> Vec<u8> {
    let out = Shared::default();
    let mut rows = writer(format, options, Box::new(out.clone())).unwrap();
    for document in documents {
        rows.write(document).unwrap();
    }
    rows.finish().unwrap();
    out.bytes()
}

pub fn keeping(keep: &[&str]) -> TableOptions {
    TableOptions {
        keep: keep.iter().map(ToString::to_string).collect(),
        ..TableOptions::default()
    }
}

pub fn sentence(start: usize, text: &str) -> LabeledSentence {
    LabeledSentence {
        sentence: Sentence {
            start,
            end: start + text.chars().count(),
            text: text.into(),
        },
        prediction: Prediction {
            label: Label::Assertion,
            confidence: 0.97312,
            stance: Stance::Assert,
            stance_probabilities: [0.98, 0.015, 0.00004, 0.00496],
            attribution: Attribution::None,
            attribution_probabilities: [0.99, 0.00996, 0.00004, 0.0],
            anonymity: None,
            source: None,
            cue: None,
            spans: Vec::new(),
        },
    }
}

pub fn span(kind: SpanKind, start: usize, end: usize) -> Span {
    Span { kind, start, end }
}

/// Documents that need all of the quoting there is.
pub fn corpus() -> Vec<LabeledDocument> {
    let mut denial = sentence(27, "“Nobody sold the lighthouse,”\na \"keeper\" said, twice.\t");
    denial.prediction = Prediction {
        label: Label::Anonymous,
        confidence: 1.0,
        stance: Stance::Deny,
        stance_probabilities: [0.25, 0.5, 0.125, 0.125],
        attribution: Attribution::Anonymous,
        attribution_probabilities: [0.0, 0.25, 0.625, 0.125],
        anonymity: Some(Anonymity::Role),
        source: Some("a \"keeper\"".into()),
        cue: Some("said".into()),
        spans: vec![span(SpanKind::Content, 28, 55), span(SpanKind::Source, 57, 67)],
    };
    vec![
        LabeledDocument {
            id: "empty".into(),
            metadata: vec![],
            sentences: vec![],
            warnings: vec![],
        },
        LabeledDocument {
            id: "NA".into(),
            metadata: vec![],
            sentences: vec![sentence(3, "=1+1, she wrote.")],
            warnings: vec![],
        },
        LabeledDocument {
            id: "tarn/1".into(),
            metadata: vec![
                ("outlet".into(), "The Tarn Gazette, late".into()),
                ("source".into(), "wire".into()),
            ],
            sentences: vec![sentence(0, "The Tarn light stands idle."), denial],
            warnings: vec!["not a column".into()],
        },
    ]
}
