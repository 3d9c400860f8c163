//! The answers that sayso gives: the guideline's axes, the label that follows from them, and one
//! sentence's whole prediction.
//!
//! The order of each axis' values is the order of the model's logits; `models/<name>/config.json` repeats
//! the names, and the loader refuses a bundle whose names differ.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares one axis: its enum, its values in logit order, and the names used in every output.
macro_rules! axis {
    ($(#[$doc:meta])* $axis:ident { $($(#[$value_doc:meta])* $value:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $axis {
            $($(#[$value_doc])* $value),+
        }

        impl $axis {
            /// Every value, in logit order.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The names of [`Self::ALL`], in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name that files and tables use.
            pub fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// The value called `name`, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::NAMES.iter().position(|known| *known == name).map(|index| Self::ALL[index])
            }
        }

        impl fmt::Display for $axis {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.name())
            }
        }
    };
}

axis! {
    /// What a sentence does with its claim.
    Stance {
        Assert = "assert",
        Deny = "deny",
        /// Somebody would not answer.
        NoComment = "no_comment",
        /// There is no claim.
        None = "none",
    }
}

axis! {
    /// Whose claim it is, and whether a reader can tell.
    Attribution {
        /// The author's own voice.
        None = "none",
        Named = "named",
        Anonymous = "anonymous",
        /// Passed on as somebody's, but no source is given.
        Unspecified = "unspecified",
    }
}

axis! {
    /// What kind of unnamed source it is; only where the attribution is anonymous.
    Anonymity {
        Explicit = "explicit",
        Role = "role",
        Group = "group",
        Document = "document",
    }
}

axis! {
    /// The reported label.
    Label {
        Assertion = "assertion",
        Denial = "denial",
        Anonymous = "anonymous",
        None = "none",
    }
}

axis! {
    /// What words of an attributed sentence do.
    SpanKind {
        /// They name who is quoted.
        Source = "source",
        /// They attribute ("said", "according to").
        Cue = "cue",
        /// They are what is attributed.
        Content = "content",
    }
}

/// Where a token stands to a span, in logit order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Outside,
    Begin,
    Inside,
}

impl Tag {
    /// How many there are.
    pub const COUNT: usize = 3;
}

/// A token's raw scores: for every [`SpanKind`], for every [`Tag`].
pub type TagLogits = [[f32; Tag::COUNT]; SpanKind::ALL.len()];

impl Label {
    /// The guideline's first table: `none`, else `anonymous`, else `denial`, else `assertion`.
    pub fn derive(stance: Stance, attribution: Attribution) -> Self {
        match (stance, attribution) {
            (Stance::None, _) => Self::None,
            (_, Attribution::Anonymous) => Self::Anonymous,
            (Stance::Deny, _) => Self::Denial,
            _ => Self::Assertion,
        }
    }
}

/// How many numbers [`TagLogits`] are.
pub const TAG_LOGITS: usize = SpanKind::ALL.len() * Tag::COUNT;

/// The tags of a row of [`TAG_LOGITS`], kind after kind.
pub fn tags_of_row(row: &[f32]) -> TagLogits {
    std::array::from_fn(|kind| std::array::from_fn(|tag| row[kind * Tag::COUNT + tag]))
}

/// The model's raw scores of one sentence, in the order of each axis' values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Logits {
    pub stance: [f32; 4],
    pub attribution: [f32; 4],
    pub anonymity: [f32; 4],
}

impl Logits {
    /// How many numbers they are.
    pub const COUNT: usize = Stance::ALL.len() + Attribution::ALL.len() + Anonymity::ALL.len();

    /// The logits of a row of [`Logits::COUNT`], axis after axis: how engines that run all heads as one layer find them.
    pub fn from_row(row: &[f32]) -> Self {
        let four = |first: usize| std::array::from_fn(|class| row[first + class]);
        Self {
            stance: four(0),
            attribution: four(Stance::ALL.len()),
            anonymity: four(Stance::ALL.len() + Attribution::ALL.len()),
        }
    }
}

/// Words that the model marked in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub kind: SpanKind,
    /// Unicode code points, counted as those of the sentence itself.
    pub start: usize,
    pub end: usize,
}

/// What the model says of one sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub label: Label,
    /// Probability of `label`, in 0..=1.
    pub confidence: f32,
    pub stance: Stance,
    /// Calibrated probabilities in the order of [`Stance::ALL`]; they sum to 1.
    pub stance_probabilities: [f32; 4],
    pub attribution: Attribution,
    /// Calibrated probabilities in the order of [`Attribution::ALL`]; they sum to 1.
    pub attribution_probabilities: [f32; 4],
    /// The kind of anonymous source; `None` unless `attribution` is [`Attribution::Anonymous`].
    pub anonymity: Option<Anonymity>,
    /// The words that name the source; `None` where none were found, or `attribution` is [`Attribution::None`].
    pub source: Option<String>,
    /// The words that attribute ("said", "according to"); `None` as for `source`.
    pub cue: Option<String>,
    /// All spans that were found, in their order; none where `attribution` is [`Attribution::None`].
    pub spans: Vec<Span>,
}

/// A sentence with its prediction: one row of the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabeledSentence {
    pub sentence: crate::document::Sentence,
    pub prediction: Prediction,
}

/// A document with all of its sentences labelled, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabeledDocument {
    pub id: String,
    pub metadata: Vec<(String, String)>,
    pub sentences: Vec<LabeledSentence>,
    /// What the reader of the output should know about this document, e.g. that a sentence was cut for the encoder.
    pub warnings: Vec<String>,
}
