//! Adds the boundaries that `sentencex` does not set because a mark stands in the way.

use std::sync::LazyLock;

use regex::Regex;

use super::characters::{is_bullet, tail};
use super::pattern;

/// A parenthesis that holds whole sentences and is followed by another: "(He laughed. They left.) Then …". The word before
/// the stop must be an ordinary one, since "(D-Calif.) Smith" and "(Acme Inc.) Shares" go on.
static CLOSED_PARENTHESIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\p{Ll}{4,}[.!?]['’”\x22]?[)\]]\s+['‘“\x22(]?\p{Lu}")
});

/// A number that ends a sentence whose space was lost: "in 2014.The minister". `sentencex` takes a digit before the stop and another soon
/// after for a code.
static GLUED_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{2}%?\.\p{Lu}\p{Ll}+\b"));

/// A quotation that starts right behind a stop, its space lost: "… the report.“We never saw it".
static GLUED_QUOTATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Ll}{2}[.!?][“‘]\p{Lu}"));

/// A mark that web pages use as an arrow, left over from a link after a sentence: "… trade.” » between them".
static ARROW: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?]['’”\x22]?\s+[»›]\s"));

/// How far back, in bytes, the opening mark is sought that makes an arrow the end of a quotation.
const ARROW_REACH: usize = 600;

/// Where sentences that `sentencex` joins must be cut: byte offsets into `prose`, in no order.
pub(super) fn cuts(prose: &str) -> Vec<usize> {
    let spaced = CLOSED_PARENTHESIS
        .find_iter(prose)
        .chain(ARROW.find_iter(prose).filter(|found| !closes_quotation(&prose[..found.start()])))
        .filter_map(|found| Some(found.start() + found.as_str().find(char::is_whitespace)?));
    let glued = GLUED_NUMBER
        .find_iter(prose)
        .chain(GLUED_QUOTATION.find_iter(prose))
        .filter_map(|found| Some(found.start() + found.as_str().find(['.', '!', '?'])? + '.'.len_utf8()));
    let bullets = prose.match_indices(is_bullet).map(|(index, _)| index).filter(|&index| index > 0);
    spaced.chain(glued).chain(bullets).collect()
}

/// Does `before` hold a quotation that the mark behind it would close?
fn closes_quotation(before: &str) -> bool {
    tail(before, ARROW_REACH).contains(['«', '‹'])
}
