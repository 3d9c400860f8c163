//! What sayso tells on standard error, for a person or for a program.
//!
//! A person reads `sayso: message`. A program that watches runs at night reads one JSON object per line instead, in
//! which what the message says stands in fields of its own (`--log json`). Either way, one call of [`log`] is one line, and
//! no input can forge one.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};
use std::sync::OnceLock;

use chrono::{SecondsFormat, Utc};
use clap::ValueEnum;
use serde_json::{Map, Value};

use super::terminal::{controls_a_terminal, printable, shortened};

/// Who reads standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people, and a progress bar on a terminal
    #[default]
    Text,
    /// One JSON object per line, for programs
    Json,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    Info,
    Warning,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Chosen once, when the arguments are known: what comes before, such as a misspelt flag, is for people.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// Sets the format of all lines from now on.
pub fn log_as(format: LogFormat) {
    FORMAT.get_or_init(|| format);
}

pub fn is_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// Writes one line. In JSON it has the fields `time`, `level`, `event`, `message` and then `fields`, an object; people get
/// the message. A closed standard error is no reason to stop labelling, so that failures are ignored.
pub fn log(level: Level, event: &str, message: impl Display, fields: Value) {
    let message = message.to_string();
    let line = if is_json() {
        json(level, event, message, fields)
    } else {
        format!("sayso: {}", shortened(&printable(&message)))
    };
    let _ = writeln!(io::stderr(), "{line}");
}

fn json(level: Level, event: &str, message: String, fields: Value) -> String {
    let mut line = Map::new();
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    line.insert("time".to_owned(), time.into());
    line.insert("level".to_owned(), level.name().into());
    line.insert("event".to_owned(), event.into());
    line.insert("message".to_owned(), message.into());
    if let Value::Object(fields) = fields {
        line.extend(fields);
    }
    let mut safe = String::new();
    for character in Value::Object(line).to_string().chars() {
        if controls_a_terminal(character) {
            // All of these have four digits, as JSON wants them. Writing to a String cannot fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_of_json_is_one_line_and_keeps_its_message() {
        let evil = "two\nlines \u{1b}[2J \u{202e} \u{9b} \u{7f} \"quoted\"";
        let line = json(
            Level::Warning,
            "warning",
            evil.to_owned(),
            json!({"document": evil}),
        );
        assert!(!line.chars().any(char::is_control), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&read["message"], &read["document"]),
            (&json!(evil), &json!(evil))
        );
        assert_eq!(
            (&read["level"], &read["event"]),
            (&json!("warning"), &json!("warning"))
        );
    }
}
