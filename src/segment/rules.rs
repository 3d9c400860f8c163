//! Asks `sentencex` for the sentence boundaries of running text.
//!
//! It is given windows, for two reasons. Above 10 KB it cuts its input itself; and it looks back
//! over all of its input at every stop and forward over all of it at every quotation mark, so that
//! a long paragraph of nothing but stops would take quadratic time. A window starts at the last
//! boundary that the one before it found, so no sentence is judged from a part of itself unless it
//! is longer than a window.

use super::characters::head;

/// The size of a window in bytes: many sentences, yet well below the 10 KB at which `sentencex`
/// cuts.
const WINDOW: usize = 4 * 1024;

/// Where `prose` is cut between sentences: byte offsets, ascending, excluding its ends.
pub(super) fn cuts(prose: &str) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut start = 0;
    while start < prose.len() {
        let window = window(&prose[start..]);
        let is_last = start + window.len() == prose.len();
        let before = cuts.len();
        cuts.extend(
            sentencex::get_sentence_boundaries("en", window)
                .iter()
                .map(|boundary| start + boundary.end_byte)
                .filter(|&cut| cut < start + window.len()),
        );
        if is_last {
            break;
        }
        // A sentence that fills the window is not cut at its end, only read on from there.
        start = if cuts.len() > before {
            cuts[cuts.len() - 1]
        } else {
            start + window.len()
        };
    }
    cuts
}

/// The longest start of `rest` that fits into a window, ending between words where there are any.
fn window(rest: &str) -> &str {
    let window = head(rest, WINDOW);
    if window.len() == rest.len() {
        return window;
    }
    match window.rfind(char::is_whitespace) {
        Some(space) if space > 0 => &window[..space],
        _ => window,
    }
}

#[cfg(test)]
mod tests {
    use super::{WINDOW, cuts};

    #[test]
    fn windows_change_nothing() {
        let sentence = "Gen. A. B. Lind of the U.S. Army said “no” at 5 p.m. on Jan. 6. ";
        let many = sentence.repeat(5 * WINDOW / sentence.len());
        let expected: Vec<usize> = (1..many.len() / sentence.len())
            .map(|count| count * sentence.len())
            .collect();
        assert_eq!(cuts(&many), expected);
    }

    #[test]
    fn a_sentence_longer_than_a_window_is_not_cut() {
        assert_eq!(cuts(&"word ".repeat(WINDOW)), [0; 0]);
        assert_eq!(cuts(&"ñ".repeat(WINDOW)), [0; 0]);
    }
}
