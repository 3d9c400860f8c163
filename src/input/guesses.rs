//! Which columns a run guessed, so that whoever started it can be told.
//!
//! A wrong guess looks like a result: a corpus is labelled by its headlines, say, and nothing fails. So
//! readers note what they guess, each guess once a run however many files and records share it.

use std::{
    collections::HashSet,
    fmt, mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Columns that were guessed to hold text and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The first input for which they were guessed.
    pub file: String,
    pub columns: GuessedColumns,
}

/// The two columns of a [`Guess`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GuessedColumns {
    /// The column that holds the text; `None` where [`InputOptions::text_column`](super::InputOptions) names it.
    pub text: Option<String>,
    pub id: GuessedId,
}

/// Where the id of a document comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GuessedId {
    /// From the column that [`InputOptions::id_column`](super::InputOptions) names.
    Given,
    /// From this column.
    Column(String),
    /// From the name of the file and the number of the record, for want of a column.
    Place,
}

impl fmt::Display for Guess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = if self.file == "-" { "<stdin>" } else { &self.file };
        write!(formatter, "{file}: ")?;
        if let Some(text) = &self.columns.text {
            write!(formatter, "the text is taken from {text:?}")?;
        }
        let between = if self.columns.text.is_some() { ", " } else { "" };
        match &self.columns.id {
            GuessedId::Given => Ok(()),
            GuessedId::Column(id) => write!(formatter, "{between}the id from {id:?}"),
            GuessedId::Place => write!(formatter, "{between}the id is made of file and record"),
        }
    }
}

/// The guesses of a run; may be read while it goes on.
#[derive(Debug, Default)]
pub struct Guesses {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: HashSet<GuessedColumns>,
    waiting: Vec<Guess>,
}

impl Guesses {
    /// The guesses since this was last asked, in the order in which they were made.
    pub fn take(&self) -> Vec<Guess> {
        mem::take(&mut self.state().waiting)
    }

    /// Notes `columns`, guessed for `file`. Nothing is noted where neither was guessed.
    pub(super) fn note(&self, file: &str, columns: GuessedColumns) {
        if columns.text.is_none() && columns.id == GuessedId::Given {
            return;
        }
        let mut state = self.state();
        if state.known.insert(columns.clone()) {
            state.waiting.push(Guess {
                file: file.to_owned(),
                columns,
            });
        }
    }

    /// A panic elsewhere leaves nothing half done here.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
