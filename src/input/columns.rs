//! Which columns of a table hold text, id and metadata, and the document that a row of them makes.
//!
//! All formats look for the same names, so that a corpus means the same in each. In a table the columns are
//! the same for all rows and are chosen once, before the first; a JSON object is looked at by itself.

use super::{
    InputOptions,
    guesses::{GuessedColumns, GuessedId},
    reader::Failure,
};
use crate::{
    document::{Body, Document, Origin},
    error::RejectReason,
};

/// Fields that hold the text, the first present one counting.
pub(super) const TEXT_COLUMNS: [&str; 4] = ["text", "body", "content", "article"];

/// Fields that hold the id, the first present one counting.
pub(super) const ID_COLUMNS: [&str; 3] = ["doc_id", "id", "url"];

/// The columns of a table that a run needs, by their places.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    text: usize,
    id: Option<usize>,
    /// Whether a row without an id is wrong, because the user named the column.
    id_is_named: bool,
    keep: Vec<(String, Option<usize>)>,
    pub guessed: GuessedColumns,
}

impl Columns {
    /// Chooses among `names`. A guess takes a name in any case ("Body") where none has it exactly, and a
    /// column that stands alone is the text. Of two columns with one name, the first counts.
    pub fn choose(names: &[String], options: &InputOptions) -> Result<Self, RejectReason> {
        let text = match &options.text_column {
            Some(column) => position(names, column),
            None => guess(names, &TEXT_COLUMNS).or((names.len() == 1).then_some(0)),
        };
        let text = text.ok_or_else(|| match &options.text_column {
            Some(column) => missing(&[column.as_str()], names),
            None => missing(&TEXT_COLUMNS, names),
        })?;
        let id = match &options.id_column {
            Some(column) => Some(position(names, column).ok_or_else(|| missing(&[column.as_str()], names))?),
            None => guess(names, &ID_COLUMNS),
        };
        let guessed = GuessedColumns {
            text: options.text_column.is_none().then(|| names[text].clone()),
            id: match (&options.id_column, id) {
                (Some(_), _) => GuessedId::Given,
                (None, Some(id)) => GuessedId::Column(names[id].clone()),
                (None, None) => GuessedId::Place,
            },
        };
        let keep = options.keep.iter();
        Ok(Self {
            text,
            id,
            id_is_named: options.id_column.is_some(),
            keep: keep
                .map(|column| (column.clone(), position(names, column)))
                .collect(),
            guessed,
        })
    }

    pub fn text(&self) -> usize {
        self.text
    }

    pub fn id(&self) -> Option<usize> {
        self.id
    }

    /// The places of all columns needed, in order, each once.
    pub fn needed(&self) -> Vec<usize> {
        let keep = self.keep.iter().filter_map(|(_, place)| *place);
        let mut needed: Vec<usize> = keep.chain(self.id).chain([self.text]).collect();
        needed.sort_unstable();
        needed.dedup();
        needed
    }

    /// The document of a row. `cell` gives the text of the cell at a place, `None` where it is null.
    pub fn document(
        &self,
        names: &[String],
        origin: Origin,
        cell: impl Fn(usize) -> Result<Option<String>, RejectReason>,
    ) -> Result<Document, Failure> {
        let id = match self.id {
            Some(place) => cell(place)?.filter(|id| !id.is_empty()),
            None => None,
        };
        let id = match (id, self.id) {
            (Some(id), _) => id,
            (None, Some(place)) if self.id_is_named => {
                let field = names[place].as_str().into();
                return Err(RejectReason::MissingField { field }.into());
            }
            (None, _) => origin.default_id(),
        };
        let parts = || -> Result<_, RejectReason> {
            let text = cell(self.text)?.ok_or_else(|| RejectReason::WrongType {
                field: names[self.text].as_str().into(),
                expected: "a string",
                found: "null",
            })?;
            let kept = |(column, place): &(String, Option<usize>)| -> Result<_, RejectReason> {
                let value = place.map_or(Ok(None), &cell)?;
                Ok((column.clone(), value.unwrap_or_default()))
            };
            Ok((text, self.keep.iter().map(kept).collect::<Result<Vec<_>, _>>()?))
        };
        match parts() {
            Ok((text, metadata)) => Ok(Document {
                id,
                metadata,
                body: Body::Text(text),
                origin,
            }),
            Err(reason) => Err(Failure {
                document: Some(id),
                reason,
            }),
        }
    }
}

fn position(names: &[String], wanted: &str) -> Option<usize> {
    names.iter().position(|name| name == wanted)
}

fn guess(names: &[String], wanted: &[&str]) -> Option<usize> {
    let in_any_case = |wanted: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let exactly = wanted.iter().find_map(|wanted| position(names, wanted));
    exactly.or_else(|| wanted.iter().find_map(in_any_case))
}

fn missing(wanted: &[&str], names: &[String]) -> RejectReason {
    RejectReason::MissingColumn {
        wanted: wanted.join(", ").into(),
        columns: names.join(", ").into(),
    }
}
