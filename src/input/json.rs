//! A JSON object whose values stay as they were written until they are asked for.
//!
//! Kept columns must come out exactly as the corpus has them (`1.10` stays `1.10`, an id of thirty digits
//! keeps every digit), and fields that nobody asked for should cost nothing; hence raw slices of the line and
//! no value tree. Where a key stands twice, the last one counts, as in Python. `null` is as if the key were
//! absent.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::error::RejectReason;

/// One object in a line of JSON.
pub(super) struct Object<'line> {
    line: &'line str,
    /// Where the object stands in its record, as a prefix for field names, e.g. `sentences[2].`.
    path: String,
    fields: BTreeMap<String, &'line RawValue>,
}

impl<'line> Object<'line> {
    /// The record that a whole line holds.
    pub fn record(line: &'line str) -> Result<Self, RejectReason> {
        if !line.trim_ascii_start().starts_with('{') {
            let value: &RawValue = serde_json::from_str(line).map_err(|error| broken(line, line, error))?;
            return Err(RejectReason::NotAnObject { found: kind(value) });
        }
        Self::parse(line, line, String::new())
    }

    fn parse(line: &'line str, json: &'line str, path: String) -> Result<Self, RejectReason> {
        let fields = serde_json::from_str(json).map_err(|error| broken(line, json, error))?;
        Ok(Self { line, path, fields })
    }

    /// The name of a field as messages give it.
    pub fn path(&self, name: &str) -> Box<str> {
        format!("{}{name}", self.path).into()
    }

    /// Whether the field is there and not null.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The string in a field; `None` where there is none.
    pub fn string(&self, name: &str) -> Result<Option<String>, RejectReason> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        string(self.line, value, || self.path(name), "a string").map(Some)
    }

    /// The string in a field that must be there.
    pub fn required_string(&self, name: &str) -> Result<String, RejectReason> {
        match self.fields.get(name) {
            // Not "missing": the user would look at it and see it.
            Some(value) => string(self.line, value, || self.path(name), "a string"),
            None => Err(RejectReason::MissingField {
                field: self.path(name),
            }),
        }
    }

    /// A number as it is written, in a field that must be there; `expected` says of what kind it is to be.
    pub fn required_number(&self, name: &str, expected: &'static str) -> Result<&'line str, RejectReason> {
        match self.fields.get(name).map(|value| value.get()) {
            Some(json) if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => Ok(json),
            Some(_) => Err(self.wrong_type(name, expected)),
            None => Err(RejectReason::MissingField {
                field: self.path(name),
            }),
        }
    }

    /// Whether the field is there, be it null.
    pub fn names(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The truth value in a field; `false` where there is none.
    pub fn flag(&self, name: &str) -> Result<bool, RejectReason> {
        match self.get(name).map(RawValue::get) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(self.wrong_type(name, "true or false")),
        }
    }

    /// The id in a field, a string or an integer; `None` where there is none or it is the empty string.
    pub fn id(&self, name: &str) -> Result<Option<String>, RejectReason> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let json = value.get();
        if json
            .strip_prefix('-')
            .unwrap_or(json)
            .bytes()
            .all(|byte| byte.is_ascii_digit())
        {
            return Ok(Some(json.to_owned()));
        }
        let id = string(self.line, value, || self.path(name), "a string or an integer")?;
        Ok(Some(id).filter(|id| !id.is_empty()))
    }

    /// A field as text for a metadata column: a string's content, other values as compact JSON, and nothing
    /// where it is absent or null.
    pub fn column(&self, name: &str) -> Result<String, RejectReason> {
        match self.get(name) {
            None => Ok(String::new()),
            Some(value) if value.get().starts_with('"') => {
                string(self.line, value, || self.path(name), "a string")
            }
            Some(value) => Ok(compact(value.get())),
        }
    }

    /// The elements of a list; `None` where there is none.
    pub fn list(&self, name: &str) -> Result<Option<Vec<Element<'line>>>, RejectReason> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        if !value.get().starts_with('[') {
            return Err(self.wrong_type(name, "a list"));
        }
        let values: Vec<&'line RawValue> =
            serde_json::from_str(value.get()).map_err(|error| broken(self.line, value.get(), error))?;
        let element = |(index, value)| Element {
            line: self.line,
            path: format!("{}[{index}]", self.path(name)),
            value,
        };
        Ok(Some(values.into_iter().enumerate().map(element).collect()))
    }

    fn get(&self, name: &str) -> Option<&'line RawValue> {
        self.fields
            .get(name)
            .copied()
            .filter(|value| value.get() != "null")
    }

    fn wrong_type(&self, name: &str, expected: &'static str) -> RejectReason {
        let found = self.fields.get(name).map_or("nothing", |value| kind(value));
        RejectReason::WrongType {
            field: self.path(name),
            expected,
            found,
        }
    }
}

/// One element of a list.
pub(super) struct Element<'line> {
    line: &'line str,
    path: String,
    value: &'line RawValue,
}

impl<'line> Element<'line> {
    /// The element, which must be a string.
    pub fn string(&self) -> Result<String, RejectReason> {
        string(self.line, self.value, || self.path.as_str().into(), "a string")
    }

    /// The element if it is an object, `None` if it is something else.
    pub fn object(&self) -> Result<Option<Object<'line>>, RejectReason> {
        if !self.value.get().starts_with('{') {
            return Ok(None);
        }
        Object::parse(self.line, self.value.get(), format!("{}.", self.path)).map(Some)
    }

    /// The reject for an element that is none of what was hoped for.
    pub fn wrong_type(self, expected: &'static str) -> RejectReason {
        RejectReason::WrongType {
            field: self.path.into(),
            expected,
            found: kind(self.value),
        }
    }
}

fn string(
    line: &str,
    value: &RawValue,
    field: impl FnOnce() -> Box<str>,
    expected: &'static str,
) -> Result<String, RejectReason> {
    if !value.get().starts_with('"') {
        return Err(RejectReason::WrongType {
            field: field(),
            expected,
            found: kind(value),
        });
    }
    serde_json::from_str(value.get()).map_err(|error| broken(line, value.get(), error))
}

/// A parser's error in `json`, which is a part of `line`, with its column in the whole line.
fn broken(line: &str, json: &str, error: serde_json::Error) -> RejectReason {
    // A part's address is its offset: `json` is always a slice of `line`.
    let offset = json.as_ptr().addr().saturating_sub(line.as_ptr().addr());
    RejectReason::BrokenJson {
        column: offset + error.column(),
        source: error,
    }
}

fn kind(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Valid JSON without the white space between its tokens.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let keep = |character: &char| {
        if in_string {
            in_string = escaped || *character != '"';
            escaped = !escaped && *character == '\\';
            return true;
        }
        in_string = *character == '"';
        !character.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_leaves_strings_and_numbers_alone() {
        let json = r#"{ "a b" : [ 1.10 , "x \" y\\" , { } ], "c": "  " }"#;
        assert_eq!(compact(json), r#"{"a b":[1.10,"x \" y\\",{}],"c":"  "}"#);
    }

    #[test]
    fn columns_of_errors_count_in_the_whole_line() {
        let line = r#"  {"a": 1, "text": "\ud800"}"#;
        let record = Object::record(line).unwrap();
        let Err(RejectReason::BrokenJson { column, .. }) = record.string("text") else {
            panic!("a lone surrogate is no text");
        };
        let string = line.find("\"\\ud800").unwrap();
        assert!((string + 1..=line.len()).contains(&column), "column {column}");
    }
}
