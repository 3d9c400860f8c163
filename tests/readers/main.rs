//! What a user's files become: documents, or a reject that says where and why.

#![allow(clippy::unwrap_used)] // What helps a test may panic like one.

mod columnar;
mod compressed;
mod discovery;
mod gold_files;
mod json_lines;
mod properties;
mod streams;
mod tables;
mod text_files;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use sayso::{
    document::{Body, Document, Origin},
    error::Reject,
    input::{Discovery, InputFormat, InputOptions, Source, discover, documents},
};
use tempfile::TempDir;

/// Reads `bytes` as a file called `corpus`.
fn read_as(
    format: InputFormat,
    bytes: impl Into<Vec<u8>>,
    options: &InputOptions,
) -> Vec<Result<Document, Reject>> {
    let source = Source::from_reader("corpus", Some(format), io::Cursor::new(bytes.into()));
    documents(vec![source], options).collect()
}

fn jsonl(bytes: impl Into<Vec<u8>>) -> Vec<Result<Document, Reject>> {
    read_as(InputFormat::Jsonl, bytes, &InputOptions::default())
}

fn text(bytes: impl Into<Vec<u8>>) -> Vec<Result<Document, Reject>> {
    read_as(InputFormat::Text, bytes, &InputOptions::default())
}

/// The message of the only item, which must be a reject.
fn message(items: Vec<Result<Document, Reject>>) -> String {
    assert_eq!(items.len(), 1, "expected one reject: {items:?}");
    items.into_iter().next().unwrap().unwrap_err().to_string()
}

/// The only item, which must be a document.
fn one(items: Vec<Result<Document, Reject>>) -> Document {
    assert_eq!(items.len(), 1, "expected one document: {items:?}");
    items.into_iter().next().unwrap().unwrap()
}

/// What was read, each document by its id and each reject by its message.
fn shown(items: Vec<Result<Document, Reject>>) -> Vec<String> {
    let show = |item: Result<Document, Reject>| item.map_or_else(|reject| reject.to_string(), |it| it.id);
    items.into_iter().map(show).collect()
}

/// A text as read from `file`, where it is the whole, or a record by its number and its first byte.
fn read_from(file: &str, place: Option<(u64, u64)>, id: &str, text: &str) -> Document {
    let origin = Origin {
        file: file.to_owned(),
        record: place.map(|(record, _)| record),
        offset: place.map(|(_, offset)| offset),
    };
    Document {
        origin,
        ..Document::from_text(id, text)
    }
}

/// A folder with `files`, each a path below it and its content.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}
