//! Plain text: a file is one document.

use std::io::{BufRead, Read};

use super::{
    InputOptions,
    reader::{Failure, Place, Reader, Records},
    source::Opened,
};
use crate::{
    document::{Body, Document, Origin},
    error::RejectReason,
};

/// The one document of a text file; its id is the file's name as given.
///
/// A text has no fields, so every column of [`InputOptions::keep`] is empty.
pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    let Opened { name, reader, .. } = opened;
    let empty = options
        .keep
        .iter()
        .map(|column| (column.clone(), String::new()))
        .collect();
    Box::new(TextFile {
        unread: Some((name, reader)),
        metadata: empty,
        limit: options.max_record_bytes,
    })
}

struct TextFile {
    /// Name and bytes of the file, until it is read.
    unread: Option<(String, Box<dyn BufRead + Send>)>,
    metadata: Vec<(String, String)>,
    limit: usize,
}

impl Reader<Document> for TextFile {
    fn next(&mut self) -> Option<Result<Document, Failure>> {
        let (name, reader) = self.unread.take()?;
        Some(match read_whole(reader, self.limit).and_then(decode) {
            Ok(text) => Ok(Document {
                id: name.clone(),
                metadata: std::mem::take(&mut self.metadata),
                body: Body::Text(text),
                origin: Origin {
                    file: name,
                    ..Origin::default()
                },
            }),
            Err(reason) => Err(Failure {
                document: Some(name),
                reason,
            }),
        })
    }

    fn place(&self) -> Place {
        Place::default()
    }

    /// The file itself is the record.
    fn raw(&self) -> Option<&[u8]> {
        None
    }
}

/// All bytes of `reader`, unless they are more than `limit`.
fn read_whole(reader: Box<dyn BufRead + Send>, limit: usize) -> Result<Vec<u8>, RejectReason> {
    let mut bytes = Vec::new();
    // One byte more than the limit shows that there is more.
    reader
        .take((limit as u64).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(RejectReason::Unreadable)?;
    if bytes.len() > limit {
        return Err(RejectReason::TooLarge { limit });
    }
    Ok(bytes)
}

/// The text of a file, without its byte order mark.
fn decode(bytes: Vec<u8>) -> Result<String, RejectReason> {
    // Before UTF-8, so that an image or a UTF-16 file is called what it is.
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(RejectReason::Binary { offset });
    }
    let mut text = String::from_utf8(bytes).map_err(|error| RejectReason::InvalidUtf8 {
        offset: error.utf8_error().valid_up_to(),
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
