//! What sayso tells a person, on standard error: messages that no input can forge, and a progress bar.
//!
//! File names and identifiers come from outside. Printed raw, an escape sequence in one could recolour the
//! terminal, hide a message or fake another, so that everything passes through [`printable`] first.

use std::borrow::Cow;
use std::env;
use std::fmt::{Display, Write as _};
#[cfg(unix)]
use std::fs;
use std::io::{self, IsTerminal, Write as _};
use std::panic;
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sayso::error::Reject;
use sayso::prediction::LabeledDocument;
use serde_json::{Value, json};

use super::log::{Level, is_json, log};

/// Longest message, in characters.
const MOST_CHARACTERS: usize = 4000;

const TICK: Duration = Duration::from_millis(200);

/// `text` with control characters, and those that reorder text, written as escapes.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if controls_a_terminal(character) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "{}", character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Whether a terminal would do something with `character` other than show it where it stands.
pub fn controls_a_terminal(character: char) -> bool {
    character.is_control() || reorders_text(character)
}

/// The same for several lines of our own, whose ends stay.
pub fn printable_lines(text: &str) -> String {
    text.split_inclusive('\n')
        .flat_map(|line| match line.strip_suffix('\n') {
            Some(line) => [printable(line), "\n".to_owned()],
            None => [printable(line), String::new()],
        })
        .collect()
}

/// Unicode's explicit bidirectional controls (UAX #9, section 2), with which text can be shown out of order.
fn reorders_text(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Makes a document fit to be shown on a terminal: what came from its corpus passes through [`printable`], line
/// ends included, for one within a cell could fake a row. Rows for a file or a pipe are left as they are.
pub fn make_printable(document: &mut LabeledDocument) {
    let metadata = document.metadata.iter_mut().map(|(_, value)| value);
    let sentences = document.sentences.iter_mut().flat_map(|labelled| {
        let (text, prediction) = (&mut labelled.sentence.text, &mut labelled.prediction);
        [Some(text), prediction.source.as_mut(), prediction.cue.as_mut()]
            .into_iter()
            .flatten()
    });
    for text in [&mut document.id].into_iter().chain(metadata).chain(sentences) {
        *text = printable(text);
    }
}

/// Says what has gone wrong.
pub fn say(message: impl Display) {
    log(Level::Error, "error", message, Value::Null);
}

/// Whether what is written to `path`, or without one to standard output, is shown on a terminal.
pub fn is_terminal(path: Option<&Path>) -> bool {
    let Some(path) = path else {
        return io::stdout().is_terminal();
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        // Nothing else is opened: a pipe's reader would take it for the writer that it waits for.
        let is_device = fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device());
        is_device
            && fs::OpenOptions::new()
                .write(true)
                .open(path)
                .is_ok_and(|file| file.is_terminal())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// A message without its middle where it is longer than anybody reads: a name or an id can be a whole file by mistake.
pub fn shortened(message: &str) -> Cow<'_, str> {
    let end = |text: &str| {
        text.char_indices()
            .nth(MOST_CHARACTERS / 2)
            .map(|(place, _)| place)
    };
    let Some(head) = end(message) else {
        return Cow::Borrowed(message);
    };
    let rest = message[head..].char_indices().rev().nth(MOST_CHARACTERS / 2 - 1);
    match rest {
        Some((tail, _)) if tail > 0 => {
            Cow::Owned(format!("{} … {}", &message[..head], &message[head + tail..]))
        }
        _ => Cow::Borrowed(message),
    }
}

/// Has a panic say what it has to say as any other message: it may quote what it stumbled over.
pub fn disarm_panics() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        // Somebody is looking for a defect.
        if env::var_os("RUST_BACKTRACE").is_some() {
            default(panic);
        } else {
            say(panic);
        }
    }));
}

/// Prints lines of our own making, without a prefix.
pub fn show(lines: impl Display) {
    let _ = write!(io::stderr(), "{lines}");
}

/// Shows how far the work has come, where a person is watching.
pub struct ProgressLine {
    bar: ProgressBar,
    sentences: u64,
}

impl ProgressLine {
    /// A line on standard error if that is a terminal, else none. `wanted` is false where the user asked for
    /// quiet or where the rows run over the same terminal. `bytes` is the size of all inputs, if it is known.
    pub fn start(wanted: bool, bytes: Option<u64>) -> Self {
        let bar = ProgressBar::hidden();
        if wanted && !is_json() && io::stderr().is_terminal() {
            let template = match bytes {
                Some(_) => "{bar:30.cyan} {percent:>3} %  {msg}  {elapsed} of about {duration}",
                None => "{spinner:.cyan} {bytes}  {msg}  {elapsed}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            if let Some(bytes) = bytes {
                bar.set_length(bytes);
            }
            // Shown last, so that nothing is drawn in another style before.
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
        Self { bar, sentences: 0 }
    }

    /// One more document with so many sentences is done; of the inputs, `bytes_read` have been read.
    pub fn advance(&mut self, sentences: usize, bytes_read: u64) {
        self.sentences += sentences as u64;
        if !self.bar.is_hidden() {
            let rate = self.sentences as f64 / self.bar.elapsed().as_secs_f64().max(1e-3);
            self.bar
                .set_message(format!("{} sentences, {rate:.0}/s", self.sentences));
            self.bar.set_position(bytes_read);
        }
    }

    /// Goes on where so many bytes have been read: they took no time.
    pub fn go_on(&mut self, bytes_read: u64) {
        self.sentences = 0;
        self.bar.set_position(bytes_read);
        self.bar.reset_elapsed();
        self.bar.reset_eta();
    }

    /// Prints the warnings of a document above the line.
    pub fn warn(&self, document: &LabeledDocument) {
        for warning in &document.warnings {
            let fields = json!({ "document": document.id, "warning": warning });
            let message = format!("warning: {}: {warning}", document.id);
            self.log(Level::Warning, "warning", message, fields);
        }
    }

    /// Prints a reject above the line.
    pub fn reject(&self, reject: &Reject) {
        let fields = json!({
            "file": reject.file,
            "record": reject.record,
            "offset": reject.offset,
            "document": reject.document,
            "reason": reject.reason.to_string(),
        });
        self.log(Level::Error, "reject", reject, fields);
    }

    /// Prints one message above the line; see [`log`].
    pub fn log(&self, level: Level, event: &str, message: impl Display, fields: Value) {
        self.bar.suspend(|| log(level, event, message, fields));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_are_disarmed() {
        assert_eq!(printable("a\u{1b}[31mred"), "a\\u{1b}[31mred");
        assert_eq!(printable("two\nlines\t\r"), "two\\nlines\\t\\r");
        assert_eq!(
            printable("\u{9b}2J"),
            "\\u{9b}2J",
            "the one-character form of an escape sequence"
        );
        assert_eq!(printable("txt.\u{202e}exe"), "txt.\\u{202e}exe");
    }

    #[test]
    fn a_message_of_any_length_keeps_both_of_its_ends() {
        let short = "ü".repeat(MOST_CHARACTERS);
        assert_eq!(shortened(&short), short);
        let long = format!("corpus.jsonl:1: document \"{}\": no", "ü".repeat(1_000_000));
        let shown = shortened(&long);
        assert!(shown.starts_with("corpus.jsonl:1: document \"ü") && shown.ends_with("ü\": no"));
        assert_eq!(shown.chars().count(), MOST_CHARACTERS + 3);
    }

    #[test]
    fn other_text_stays() {
        assert_eq!(printable("Größe – 新聞 “x” \\n"), "Größe – 新聞 “x” \\n");
    }

    #[test]
    fn a_document_is_shown_without_its_control_characters() {
        let evil = || "a\n\u{1b}[2J".to_owned();
        let classifier = sayso::Classifier::embedded().unwrap();
        let mut document = sayso::Document::from_sentences(evil(), [evil()]);
        document.metadata.push(("outlet".to_owned(), evil()));
        let mut labelled = classifier.label(&document).unwrap();
        labelled.sentences[0].prediction.source = Some(evil());
        make_printable(&mut labelled);
        let safe = "a\\n\\u{1b}[2J";
        assert_eq!(
            (labelled.id.as_str(), labelled.metadata[0].1.as_str()),
            (safe, safe)
        );
        assert_eq!(labelled.sentences[0].sentence.text, safe);
        assert_eq!(labelled.sentences[0].prediction.source.as_deref(), Some(safe));
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_passes(text in "\\PC*|[\\x00-\\x1f\\x7f-\\x9f a-z]*") {
            prop_assert!(!printable(&text).chars().any(char::is_control));
        }
    }
}
