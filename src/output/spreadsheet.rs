//! Cells that a spreadsheet would run as a formula, and the mark that keeps it from doing so.
//!
//! News is text that anybody may have written. A cell of a CSV that begins with `=`, `+`, `-` or `@` is a formula to
//! Excel, LibreOffice and Google Sheets, quoted or not, and a formula can fetch a page or start a program. Nothing
//! in CSV says "this is text", so that a file can be either exact or safe to open in a spreadsheet. Rows are for
//! programs, and exact, unless [`TableOptions::spreadsheet_safe`](super::TableOptions::spreadsheet_safe) is set.
//!
//! The mark is an apostrophe before the cell, as OWASP advises ("CSV injection"). It can be taken off again without doubt,
//! because a cell that looks marked already is marked once more: see [`unmarked`].

use std::borrow::Cow;

const MARK: char = '\'';

/// What begins a formula; those of full width do where Japanese is typed.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What some programs drop from the beginning of a cell before they look at it.
const DROPPED: [char; 3] = ['\t', '\r', '\n'];

/// Whether `cell` may be run, or would be but for marks before it.
fn is_suspect(cell: &str) -> bool {
    let cell = cell.trim_start_matches(MARK);
    let begins = cell.trim_start_matches(|character: char| character == MARK || character.is_whitespace());
    cell.starts_with(DROPPED) || begins.starts_with(SIGNS)
}

/// `cell` with a mark before it where a spreadsheet would run it.
pub(super) fn marked(cell: &str) -> Cow<'_, str> {
    if is_suspect(cell) {
        Cow::Owned(format!("{MARK}{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The text of a cell that was written with [`TableOptions::spreadsheet_safe`](super::TableOptions::spreadsheet_safe).
pub fn unmarked(cell: &str) -> &str {
    if is_suspect(cell) {
        cell.strip_prefix(MARK).unwrap_or(cell)
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_begins_a_formula_is_marked() {
        for cell in [
            "=1+1",
            "+49 30 1234",
            "-2 degrees, he said.",
            "@mayor said so.",
            "\t=1",
            "\rHe",
            "\nHe",
            " =cmd|'/c calc'!A1",
            "\u{a0}=1",
            "＝1+1",
            "'=1+1",
            "''@a",
        ] {
            assert_eq!(marked(cell), format!("'{cell}"));
        }
    }

    #[test]
    fn other_text_stays() {
        for cell in [
            "",
            "He said 1+1=2.",
            "– No.",
            "'Tis so.",
            "\"=1\"",
            "1-2",
            " A",
            "'",
            "#NAME?",
        ] {
            assert_eq!(marked(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn a_mark_can_be_taken_off(cell in "[=+@'\t\n =a-]{0,6}|\\PC*") {
            let safe = marked(&cell);
            prop_assert!(!safe.trim_start().starts_with(SIGNS), "{safe:?} would be run");
            prop_assert_eq!(unmarked(&safe), &cell);
        }
    }
}
