//! The batch runner as a user meets it: lone sentences and whole documents, on one and two threads, in both
//! precisions, and one long document against many short ones. Throughput is in sentences a second.

use std::convert::Infallible;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sayso::batch::BatchRunner;
use sayso::classifier::{Classifier, EngineKind};
use sayso::document::Document;
use sayso::error::Reject;
use sayso::segment::segment;

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

/// The same sentences as documents of one sentence, as articles of 25, and as one document.
fn corpora(count: usize) -> [(&'static str, Vec<Document>); 3] {
    let own = sentences(count);
    let documents = |length: usize| -> Vec<Document> {
        let parts = own.chunks(length).enumerate();
        parts
            .map(|(number, texts)| Document::from_sentences(number.to_string(), texts.to_vec()))
            .collect()
    };
    [
        ("lone sentences", documents(1)),
        ("articles", documents(25)),
        ("one document", documents(count)),
    ]
}

fn batch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    group.sample_size(10);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    for (engine, count) in [(EngineKind::Int8, 2000), (EngineKind::F32, 400)] {
        let corpora = corpora(count);
        group.throughput(Throughput::Elements(count as u64));
        let classifier = Classifier::load(&folder, engine).expect("the default model");
        for threads in [1, 2] {
            let runner = BatchRunner::new(NonZeroUsize::new(threads)).expect("two threads start");
            for (name, documents) in &corpora {
                let id = BenchmarkId::new(format!("{}, {threads} threads", engine.name()), name);
                group.bench_function(id, |bencher| {
                    bencher.iter(|| run(&runner, &classifier, documents));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, batch);
criterion_main!(benches);
