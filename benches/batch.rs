//! The batch runner as a user meets it: lone sentences and whole documents, on one and two threads, in both
//! precisions, and one long document against many short ones. Throughput is in tokens or sentences a second.

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

const SENTENCES: usize = 400;

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

fn batch(criterion: &mut Criterion) {
    let own = sentences(SENTENCES);
    let lone: Vec<Document> = own
        .iter()
        .enumerate()
        .map(|(number, text)| Document::from_sentences(number.to_string(), [text.as_str()]))
        .collect();
    let articles: Vec<Document> = own
        .chunks(25)
        .enumerate()
        .map(|(number, texts)| Document::from_sentences(number.to_string(), texts.to_vec()))
        .collect();
    let one = [Document::from_sentences("one", own.clone())];
    let corpora: [(&str, &[Document]); 3] = [
        ("lone sentences", &lone),
        ("articles", &articles),
        ("one document", &one),
    ];

    let mut group = criterion.benchmark_group("batch");
    group.sample_size(10);
    group.throughput(Throughput::Elements(SENTENCES as u64));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    for engine in [EngineKind::Int8, EngineKind::F32] {
        let classifier = Classifier::load(&folder, engine).expect("the default model");
        for threads in [1, 2] {
            let runner = BatchRunner::new(NonZeroUsize::new(threads)).expect("two threads start");
            for (name, documents) in corpora {
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
