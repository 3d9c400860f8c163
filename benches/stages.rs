//! Where the time of one document goes: each stage alone, on the project's own fictional texts.
//!
//! Throughput is in bytes of text (segment, tokenize), tokens (window, encode, heads) and rows (write), so that stages
//! can be compared between runs; the README of this folder says what share each has.

mod common;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use common::DefaultModel;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sayso::classifier::{Classifier, EngineKind};
use sayso::document::Document;
use sayso::error::ModelError;
use sayso::kernels::Kernels;
use sayso::label::{decode, predict};
use sayso::model::fast::{F32Projection, FastEngine, Int8Projection, Projection};
use sayso::model::{Answers, Batch, BundleFile, Engine, Weights, Workspace};
use sayso::output::{OutputFormat, TableOptions, writer};
use sayso::segment::segment;
use sayso::window::pack;

struct Fixture {
    text: String,
    model: DefaultModel,
}

impl Fixture {
    fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/wire-story.txt");
        // Four stories on end: an article of ordinary length.
        let text = fs::read_to_string(path).expect("the example").repeat(4);
        let model = DefaultModel::read();
        Self { text, model }
    }

    fn ids(&self) -> Vec<Vec<u32>> {
        let sentences = segment(&self.text);
        self.model
            .ids(sentences.iter().map(|sentence| sentence.text.as_str()))
    }

    fn engine<P: Projection>(&self, file: Result<BundleFile, ModelError>) -> FastEngine<P> {
        let file = file.expect("the bundle has both precisions");
        let weights = Weights::from_bytes(&file.bytes, &file.path).expect("the default weights");
        FastEngine::load(&self.model.config, &weights, Kernels::detect()).expect("the default model")
    }
}

fn text_stages(criterion: &mut Criterion) {
    let fixture = Fixture::new();
    let sentences = segment(&fixture.text);
    let ids = fixture.ids();
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Bytes(fixture.text.len() as u64));
    group.bench_function("segment", |bencher| {
        bencher.iter(|| segment(black_box(&fixture.text)))
    });
    group.bench_function("tokenize", |bencher| {
        bencher.iter(|| {
            for sentence in &sentences {
                black_box(fixture.model.tokenizer.encode(&sentence.text).expect("tokenizes"));
            }
        });
    });
    group.bench_function("tokenize by the library", |bencher| {
        bencher.iter(|| {
            for sentence in &sentences {
                black_box(
                    fixture
                        .model
                        .tokenizer
                        .encode_by_library(&sentence.text)
                        .expect("tokenizes"),
                );
            }
        });
    });
    group.throughput(Throughput::Elements(
        ids.iter().map(|ids| ids.len() as u64 + 1).sum(),
    ));
    group.bench_function("window", |bencher| {
        bencher.iter(|| pack(&[], black_box(&ids), &fixture.model.config.window));
    });
    group.finish();
}

fn encode(criterion: &mut Criterion, fixture: &Fixture, engine: &dyn Engine, name: &str) {
    let (mut batch, mut workspace, mut answers) =
        (Batch::default(), Workspace::default(), Answers::default());
    for window in fixture.model.windows(&fixture.ids()) {
        batch.push(&window.ids, &window.sentences);
    }
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(20);
    group.throughput(Throughput::Elements(batch.ids.len() as u64));
    group.bench_function(format!("encode, {name}"), |bencher| {
        bencher.iter(|| {
            engine
                .forward(black_box(&batch), &mut workspace, &mut answers)
                .expect("known tokens");
        });
    });
    group.throughput(Throughput::Elements(answers.sentences.len() as u64));
    group.bench_function(format!("decide, {name}"), |bencher| {
        bencher.iter(|| {
            for (sentence, logits) in batch.sentences.iter().zip(&answers.sentences) {
                black_box(predict(logits, &fixture.model.config));
                black_box(answers.tags.get(sentence.clone()).map(decode));
            }
        });
    });
    group.finish();
}

fn encode_int8(criterion: &mut Criterion) {
    let fixture = Fixture::new();
    let engine = fixture.engine::<Int8Projection>(DefaultModel::bundle().int8_weights());
    encode(criterion, &fixture, &engine, "int8");
}

fn encode_f32(criterion: &mut Criterion) {
    let fixture = Fixture::new();
    let engine = fixture.engine::<F32Projection>(DefaultModel::bundle().float_weights());
    encode(criterion, &fixture, &engine, "f32");
}

fn write(criterion: &mut Criterion) {
    let fixture = Fixture::new();
    let classifier = Classifier::embedded_on(EngineKind::Int8).expect("embedded model");
    let labeled = classifier
        .label(&Document::from_text("story", fixture.text.as_str()))
        .expect("the example is labelled");
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(labeled.sentences.len() as u64));
    for format in [OutputFormat::Csv, OutputFormat::Jsonl] {
        let mut rows = writer(format, &TableOptions::default(), Box::new(std::io::sink()))
            .expect("a sink takes the header");
        group.bench_function(format!("write, {}", format.name()), |bencher| {
            bencher.iter(|| rows.write(black_box(&labeled)).expect("a sink takes all"));
        });
    }
    group.finish();
}

criterion_group!(stages, text_stages, encode_int8, encode_f32, write);
criterion_main!(stages);
