//! Plain text: a file is one document.

use std::{io::Read, iter};

use super::{InputOptions, documents::Records, source::Opened};
use crate::{
    document::{Body, Document},
    error::{Reject, RejectReason},
};

/// The one document of a text file; its id is the file's name as given.
///
/// A text has no fields, so every column of [`InputOptions::keep`] is empty. There is no limit of size: the
/// document is the file, and needs its size in memory.
pub(super) fn read(opened: Opened, options: &InputOptions) -> Records<Document> {
    let Opened { name, mut reader, .. } = opened;
    let metadata = options
        .keep
        .iter()
        .map(|column| (column.clone(), String::new()))
        .collect();
    Box::new(iter::once_with(move || {
        let mut bytes = Vec::new();
        let text = match reader.read_to_end(&mut bytes) {
            Ok(_) => decode(bytes),
            Err(error) => Err(RejectReason::Unreadable(error)),
        };
        match text {
            Ok(text) => Ok((
                None,
                Document {
                    id: name,
                    metadata,
                    body: Body::Text(text),
                },
            )),
            Err(reason) => Err(Reject {
                document: Some(name.clone()),
                file: name,
                record: None,
                reason,
            }),
        }
    }))
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
