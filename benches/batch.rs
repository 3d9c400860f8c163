//! The batch runner as a user meets it: lone sentences and whole documents, split already or as running text, on one
//! and two threads, in both precisions (and by rust-bert, where it is built in), and one long document against many
//! short ones. Throughput is in tokens that the encoder reads, context and special tokens included;
//! `scripts/bench_tables.py` knows how many sentences there are.

mod common;

use std::convert::Infallible;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use common::DefaultModel;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sayso::batch::BatchRunner;
use sayso::classifier::{Classifier, EngineKind};
use sayso::document::Document;
use sayso::error::Reject;
use sayso::segment::segment;

/// Sentences of an article.
const ARTICLE: usize = 25;

struct Corpus {
    name: &'static str,
    documents: Vec<Document>,
    tokens: u64,
}

/// Sentences of the fictional examples, over and over.
fn sentences(count: usize) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/wire-story.txt");
    let text = fs::read_to_string(path).expect("the example");
    let own = segment(&text).into_iter().map(|sentence| sentence.text);
    own.cycle().take(count).collect()
}

fn run(runner: &BatchRunner, classifier: &Classifier, documents: &[Document]) {
    let records = documents.iter().cloned().map(Ok::<_, Reject>);
    let outcome = runner.run(classifier, records, |_| Ok::<_, Infallible>(()));
    outcome.expect("an infallible sink");
}

/// The same sentences as documents of one sentence, as articles of 25, as one document, and as articles whose
/// sentences the runner has to find.
fn corpora(count: usize, model: &DefaultModel) -> Vec<Corpus> {
    let tokens = |texts: &[String]| -> usize {
        let ids = model.ids(texts.iter().map(String::as_str));
        model.windows(&ids).iter().map(|window| window.ids.len()).sum()
    };
    let own = sentences(count);
    let split = |name, length| Corpus {
        name,
        documents: (own.chunks(length).enumerate())
            .map(|(number, texts)| Document::from_sentences(number.to_string(), texts.to_vec()))
            .collect(),
        tokens: own.chunks(length).map(tokens).sum::<usize>() as u64,
    };
    let texts: Vec<String> = own.chunks(ARTICLE).map(|texts| texts.join(" ")).collect();
    let found =
        |text: &String| -> Vec<String> { segment(text).into_iter().map(|found| found.text).collect() };
    let running = Corpus {
        name: "running text",
        tokens: texts.iter().map(|text| tokens(&found(text))).sum::<usize>() as u64,
        documents: (texts.into_iter().enumerate())
            .map(|(number, text)| Document::from_text(number.to_string(), text))
            .collect(),
    };
    vec![
        split("lone sentences", 1),
        split("articles", ARTICLE),
        split("one document", count),
        running,
    ]
}

fn batch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    group.sample_size(10);
    let model = DefaultModel::read();
    let mut engines = vec![(EngineKind::Int8, 2000), (EngineKind::F32, 400)];
    if cfg!(feature = "rust-bert") {
        engines.push((EngineKind::RustBert, 400));
    }
    for (engine, count) in engines {
        let corpora = corpora(count, &model);
        let classifier = Classifier::load(&DefaultModel::folder(), engine).expect("the default model");
        for threads in [1, 2] {
            let runner = BatchRunner::new(NonZeroUsize::new(threads)).expect("two threads start");
            for corpus in &corpora {
                group.throughput(Throughput::Elements(corpus.tokens));
                let id = BenchmarkId::new(format!("{}, {threads} threads", engine.name()), corpus.name);
                group.bench_function(id, |bencher| {
                    bencher.iter(|| run(&runner, &classifier, &corpus.documents));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, batch);
criterion_main!(benches);
