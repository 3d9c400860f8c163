//! JSON Lines: a line is one document, either a text or sentences that are split already.

use super::{
    InputOptions,
    columns::{ID_COLUMNS, TEXT_COLUMNS},
    guesses::{GuessedColumns, GuessedId},
    json::{Element, Object},
    lines,
    reader::{Failure, Records},
    source::Opened,
};
use crate::{
    document::{Body, Document, Origin},
    error::RejectReason,
};

pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    let options = options.clone();
    let guesses = opened.guesses.clone();
    let mut last_guess = (None, None);
    lines::read(opened, &options.clone(), move |line, origin| {
        let record = Object::record(line)?;
        let (id_column, id) = id(&record, &options, &origin)?;
        let text_column = guess_text(&record, &options);
        // Most records are like the one before; only a change is worth a lock.
        if last_guess != (text_column, id_column) {
            last_guess = (text_column, id_column);
            guesses.note(&origin.file, guessed(text_column, id_column, &options));
        }
        match parts(&record, &options, text_column) {
            Ok((metadata, body)) => Ok(Document {
                id,
                metadata,
                body,
                origin,
            }),
            Err(reason) => Err(Failure {
                document: Some(id),
                reason,
            }),
        }
    })
}

/// The id of a record, and the column in which it was found where none was asked for; see
/// [`InputOptions::id_column`].
pub(super) fn id(
    record: &Object,
    options: &InputOptions,
    origin: &Origin,
) -> Result<(Option<&'static str>, String), RejectReason> {
    if let Some(column) = &options.id_column {
        let id = record.id(column)?.ok_or_else(|| RejectReason::MissingField {
            field: record.path(column),
        })?;
        return Ok((None, id));
    }
    for column in ID_COLUMNS {
        if let Some(id) = record.id(column)? {
            return Ok((Some(column), id));
        }
    }
    Ok((None, origin.default_id()))
}

/// The field that holds the record's text or sentences, unless the user named it.
fn guess_text(record: &Object, options: &InputOptions) -> Option<&'static str> {
    if options.text_column.is_some() {
        return None;
    }
    let mut candidates = ["sentences"].into_iter().chain(TEXT_COLUMNS);
    Some(
        candidates
            .find(|column| record.has(column))
            .unwrap_or(TEXT_COLUMNS[0]),
    )
}

fn guessed(text: Option<&str>, id: Option<&str>, options: &InputOptions) -> GuessedColumns {
    GuessedColumns {
        text: text.map(str::to_owned),
        id: match (&options.id_column, id) {
            (Some(_), _) => GuessedId::Given,
            (None, Some(id)) => GuessedId::Column(id.to_owned()),
            (None, None) => GuessedId::Place,
        },
    }
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

fn parts(
    record: &Object,
    options: &InputOptions,
    guessed: Option<&str>,
) -> Result<(Vec<(String, String)>, Body), RejectReason> {
    let metadata = metadata(record, options)?;
    let column = guessed
        .or(options.text_column.as_deref())
        .unwrap_or(TEXT_COLUMNS[0]);
    let is_named = guessed.is_none();
    if !is_named && let Some(list) = record.list("sentences")? {
        let sentences = list.into_iter().map(sentence).collect::<Result<_, _>>()?;
        return Ok((
            metadata,
            Body::Sentences {
                context: context(record)?,
                sentences,
            },
        ));
    }
    Ok((metadata, Body::Text(record.required_string(column)?)))
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
