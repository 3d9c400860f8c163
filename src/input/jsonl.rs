//! JSON Lines: a line is one document, either a text or sentences that are split already.

use super::{
    InputOptions,
    documents::Records,
    json::{Element, Object},
    lines::{self, Failure},
    source::Opened,
};
use crate::{
    document::{Body, Document},
    error::RejectReason,
};

/// Fields that hold the text, the first present one counting.
const TEXT_COLUMNS: [&str; 4] = ["text", "body", "content", "article"];

/// Fields that hold the id, the first present one counting.
const ID_COLUMNS: [&str; 3] = ["doc_id", "id", "url"];

pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    let options = options.clone();
    let file = opened.name.clone();
    lines::read(opened, move |line, number| {
        let record = Object::record(line)?;
        let id = id(&record, &options, &file, number)?;
        match parts(&record, &options) {
            Ok((metadata, body)) => Ok(Document { id, metadata, body }),
            Err(reason) => Err(Failure {
                document: Some(id),
                reason,
            }),
        }
    })
}

/// The id of a record; see [`InputOptions::id_column`].
pub(super) fn id(
    record: &Object,
    options: &InputOptions,
    file: &str,
    number: u64,
) -> Result<String, RejectReason> {
    if let Some(column) = &options.id_column {
        return record.id(column)?.ok_or_else(|| RejectReason::MissingField {
            field: record.path(column),
        });
    }
    for column in ID_COLUMNS {
        if let Some(id) = record.id(column)? {
            return Ok(id);
        }
    }
    Ok(format!("{file}#{number}"))
}

/// The columns of [`InputOptions::keep`].
pub(super) fn metadata(
    record: &Object,
    options: &InputOptions,
) -> Result<Vec<(String, String)>, RejectReason> {
    options
        .keep
        .iter()
        .map(|column| Ok((column.clone(), record.column(column)?)))
        .collect()
}

/// The sentences that are read before those of the record; none where it has no `context`.
pub(super) fn context(record: &Object) -> Result<Vec<String>, RejectReason> {
    record
        .list("context")?
        .unwrap_or_default()
        .iter()
        .map(Element::string)
        .collect()
}

fn parts(record: &Object, options: &InputOptions) -> Result<(Vec<(String, String)>, Body), RejectReason> {
    let metadata = metadata(record, options)?;
    if let Some(column) = &options.text_column {
        return Ok((metadata, Body::Text(record.required_string(column)?)));
    }
    if let Some(list) = record.list("sentences")? {
        let sentences = list.into_iter().map(sentence).collect::<Result<_, _>>()?;
        return Ok((
            metadata,
            Body::Sentences {
                context: context(record)?,
                sentences,
            },
        ));
    }
    let column = TEXT_COLUMNS.into_iter().find(|column| record.has(column));
    let text = record.required_string(column.unwrap_or(TEXT_COLUMNS[0]))?;
    Ok((metadata, Body::Text(text)))
}

fn sentence(element: Element) -> Result<String, RejectReason> {
    match element.object()? {
        Some(object) => object.required_string("text"),
        None => element.string().map_err(|reason| match reason {
            RejectReason::WrongType { .. } => element.wrong_type("a string or an object with \"text\""),
            other => other,
        }),
    }
}
