//! A whole document's way, with an encoder that answers anything at all: every sentence gets its row, and what is said
//! to stand in the text stands there.

use std::sync::LazyLock;

use sayso::document::{Body, Document};
use sayso::error::EngineError;
use sayso::model::{Answers, Batch, Bundle, Engine, Workspace};
use sayso::prediction::{Attribution, LabeledDocument, Logits, SpanKind};
use sayso::{BatchRunner, Classifier, Outcome};

/// An engine whose answers follow from the tokens alone and make no sense.
struct Arbitrary;

impl Engine for Arbitrary {
    fn forward(&self, batch: &Batch, _: &mut Workspace, answers: &mut Answers) -> Result<(), EngineError> {
        answers.clear();
        for range in &batch.sentences {
            let mut score = mixed(batch.ids[range.clone()].iter().fold(7, |sum, id| mixed(sum ^ id)));
            let row: [f32; Logits::COUNT] = std::array::from_fn(|_| {
                score = mixed(score);
                logit(score)
            });
            answers.sentences.push(Logits::from_row(&row));
        }
        for window in batch.windows() {
            for (place, id) in batch.ids[window].iter().enumerate() {
                let seed = mixed(id ^ (place as u32 >> 2));
                let tag = |kind: usize, tag: usize| logit(mixed(seed ^ (kind * 3 + tag) as u32));
                let tags = std::array::from_fn(|kind| std::array::from_fn(|part| tag(kind, part)));
                answers.tags.push(tags);
            }
        }
        Ok(())
    }
}

/// From -8 to 8.
fn logit(bits: u32) -> f32 {
    (bits >> 16) as f32 / 4096.0 - 8.0
}

/// The finalizer of MurmurHash3.
fn mixed(mut bits: u32) -> u32 {
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
    bits ^ (bits >> 16)
}

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| {
    Classifier::with_engine(&Bundle::embedded(), Box::new(Arbitrary)).expect("the embedded bundle")
});

static RUNNER: LazyLock<BatchRunner> =
    LazyLock::new(|| BatchRunner::new(std::num::NonZeroUsize::new(1)).expect("a thread starts"));

/// The first byte says whether the text is running text, or lines that are sentences, the first of them context.
pub fn classifier(data: &[u8]) {
    let (mode, bytes) = data.split_first().unwrap_or((&0, data));
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut document = Document::from_text("hostile", text.clone());
    if mode & 1 == 1 {
        let mut sentences: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let context = sentences
            .drain(..usize::from(mode >> 1).min(sentences.len()))
            .collect();
        document.body = Body::Sentences { context, sentences };
    }
    let whole = match &document.body {
        Body::Text(text) => text.clone(),
        Body::Sentences { sentences, .. } => sentences.join(" "),
    };
    let labeled = CLASSIFIER.label(&document).expect("every text has its rows");
    check(&labeled, &whole);

    let mut outcomes = Vec::new();
    let records = [
        Ok(document.clone()),
        Ok(Document::from_text("after", "It rained.")),
    ];
    let ended = RUNNER.run(&CLASSIFIER, records.into_iter(), |outcome| {
        outcomes.push(outcome);
        Ok::<_, std::convert::Infallible>(())
    });
    ended.expect("an infallible sink");
    match &outcomes[..] {
        [Outcome::Labeled(first), Outcome::Labeled(after)] => {
            assert_eq!(*first, labeled, "a batch changes nothing");
            assert_eq!(after.sentences.len(), 1);
        }
        other => panic!("{other:?}"),
    }
}

fn check(labeled: &LabeledDocument, text: &str) {
    let characters: Vec<char> = text.chars().collect();
    let slice = |start: usize, end: usize| characters[start..end].iter().collect::<String>();
    for row in &labeled.sentences {
        let (sentence, prediction) = (&row.sentence, &row.prediction);
        assert_eq!(slice(sentence.start, sentence.end), sentence.text);
        let axes = [
            prediction.stance_probabilities,
            prediction.attribution_probabilities,
        ];
        for probability in axes.into_iter().flatten().chain([prediction.confidence]) {
            assert!((0.0..=1.000_001).contains(&probability), "{prediction:?}");
        }
        for span in &prediction.spans {
            assert!(sentence.start <= span.start && span.start < span.end && span.end <= sentence.end);
        }
        for (words, kind) in [
            (&prediction.source, SpanKind::Source),
            (&prediction.cue, SpanKind::Cue),
        ] {
            let Some(words) = words else { continue };
            let mut own = prediction.spans.iter().filter(|span| span.kind == kind);
            assert!(
                own.any(|span| slice(span.start, span.end) == *words),
                "{prediction:?}"
            );
        }
        if prediction.attribution == Attribution::None {
            assert!(prediction.spans.is_empty());
        }
    }
}
