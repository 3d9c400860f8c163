//! What the rows of a run depend on: its inputs, the model and the options. A run that goes on with the answers of
//! another must agree with it in all of these, or the file would hold rows that no single run could have written.

use std::fs;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use sayso::classifier::EngineKind;
use sayso::input::Source;
use sayso::model::Bundle;
use serde::{Deserialize, Serialize};

use super::arguments::LabelArguments;

/// All that must be equal; kept in the journal's header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    program: String,
    /// The digest of the model's files.
    model: String,
    /// Flags and their values.
    options: Vec<(String, String)>,
    inputs: Vec<Input>,
}

/// An input as it was when the run began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Input {
    name: String,
    /// In bytes; `None` where it is no file.
    size: Option<u64>,
    /// Time of the last change, in nanoseconds since 1970.
    modified: Option<u64>,
}

impl Plan {
    /// The plan of a run over `sources` that writes `format`.
    pub fn of(arguments: &LabelArguments, format: &str, sources: &[Source]) -> Result<Self> {
        let bundle = match &arguments.engine.model.model {
            Some(folder) => Bundle::read(folder)?,
            None => Bundle::embedded(),
        };
        let weights = match arguments.engine.model.engine {
            EngineKind::Int8 => bundle.int8_weights(),
            _ => bundle.float_weights(),
        };
        Ok(Self {
            program: env!("CARGO_PKG_VERSION").to_owned(),
            model: bundle.digest(&weights?),
            options: options(arguments, format),
            inputs: sources.iter().map(Input::of).collect::<Result<_>>()?,
        })
    }

    /// What differs in `now`, for the person who has to decide; `None` if nothing does.
    pub fn difference(&self, now: &Self) -> Option<String> {
        if self.program != now.program {
            return Some(format!(
                "it was begun by sayso {}, this is {}",
                self.program, now.program
            ));
        }
        if self.model != now.model {
            return Some("it was begun with another model".to_owned());
        }
        for (flag, value) in &self.options {
            let other = now.options.iter().find(|(name, _)| name == flag);
            let other = other.map_or("", |(_, value)| value);
            if other != value {
                return Some(format!("{flag} was {}, now it is {}", said(value), said(other)));
            }
        }
        for (before, now) in self.inputs.iter().zip(&now.inputs) {
            if before.name != now.name {
                return Some(format!(
                    "where it read {}, there is {} now",
                    before.name, now.name
                ));
            }
            if before != now {
                return Some(format!("{} has changed since", before.name));
            }
        }
        let (before, now) = (self.inputs.len(), now.inputs.len());
        (before != now).then(|| format!("it had {before} inputs, now there are {now}"))
    }
}

fn said(value: &str) -> &str {
    if value.is_empty() { "not given" } else { value }
}

/// The options that rows depend on; every plan has all of them in the same order.
fn options(arguments: &LabelArguments, format: &str) -> Vec<(String, String)> {
    fn optional<T: ToString>(value: Option<T>) -> String {
        value.map_or_else(String::new, |value| value.to_string())
    }
    let switch = |on: bool| if on { "given" } else { "" }.to_owned();
    let model = &arguments.engine.model;
    let pairs = [
        ("--format", format.to_owned()),
        ("--input-format", optional(arguments.input_format)),
        ("--text-column", optional(arguments.text_column.as_deref())),
        ("--id-column", optional(arguments.id_column.as_deref())),
        ("--keep", arguments.keep.join(",")),
        ("--min-confidence", optional(arguments.min_confidence)),
        ("--spreadsheet-safe", switch(arguments.spreadsheet_safe)),
        ("--max-record-bytes", arguments.max_record_bytes.to_string()),
        ("--shard", optional(arguments.shard)),
        ("--engine", model.engine.name().to_owned()),
        ("--device", model.device.to_string()),
    ];
    pairs.map(|(flag, value)| (flag.to_owned(), value)).into()
}

impl Input {
    fn of(source: &Source) -> Result<Self> {
        let mut input = Self {
            name: source.name().to_owned(),
            size: None,
            modified: None,
        };
        let Some(path) = source.path() else {
            return Ok(input);
        };
        let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", input.name))?;
        if metadata.is_file() {
            input.size = Some(metadata.len());
            let modified = metadata.modified().ok();
            let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            input.modified = since.and_then(|since| u64::try_from(since.as_nanos()).ok());
        }
        Ok(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let input = |name: &str| Input {
            name: name.to_owned(),
            size: Some(10),
            modified: Some(7),
        };
        Plan {
            program: "0.1.0".to_owned(),
            model: "ab".to_owned(),
            options: vec![
                ("--keep".to_owned(), "date".to_owned()),
                ("--shard".to_owned(), String::new()),
            ],
            inputs: vec![input("a.txt"), input("b.txt")],
        }
    }

    #[test]
    fn the_first_difference_is_named() {
        type Change = fn(&mut Plan);
        let differences: [(Change, &str); 7] = [
            (
                |plan| plan.program = "0.2.0".to_owned(),
                "it was begun by sayso 0.1.0, this is 0.2.0",
            ),
            (
                |plan| plan.model = "cd".to_owned(),
                "it was begun with another model",
            ),
            (
                |plan| plan.options[0].1.clear(),
                "--keep was date, now it is not given",
            ),
            (
                |plan| plan.options[1].1 = "1/2".to_owned(),
                "--shard was not given, now it is 1/2",
            ),
            (
                |plan| plan.inputs[1].modified = Some(8),
                "b.txt has changed since",
            ),
            (
                |plan| drop(plan.inputs.remove(0)),
                "where it read a.txt, there is b.txt now",
            ),
            (|plan| drop(plan.inputs.pop()), "it had 2 inputs, now there are 1"),
        ];
        assert_eq!(plan().difference(&plan()), None);
        for (change, message) in differences {
            let mut now = plan();
            change(&mut now);
            assert_eq!(plan().difference(&now).as_deref(), Some(message));
        }
    }
}
