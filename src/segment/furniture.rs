//! Takes out what a web page leaves inside a paragraph: notices, labels and sign-offs.
//!
//! When the text of a page is scraped, the player's notice, the advertisement's label and the desk's initials
//! land between two sentences, or between a heading and the sentence under it, without a stop. Each of them becomes a
//! sentence of its own, so that it neither lends its words to a claim nor hides the heading before it.
//!
//! Three kinds are told apart by how much they need around them to be safe:
//! a *notice* is a phrase that no report contains and is taken wherever it stands; a *label* is made of words that
//! reports do contain, so it must stand alone between a stop (or the start) and a capital (or the end); a *sign-off* must
//! end the paragraph.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use super::characters::{ends_with_stop, tail};

/// A stretch of a paragraph.
pub(super) enum Part {
    /// Text to be split into sentences.
    Prose(Range<usize>),
    /// One piece of furniture.
    Furniture(Range<usize>),
}

const NOTICES: &[&str] = &[
    r"to view this video,? please enable javascript,? and consider (?:switching|upgrading) to a (?:web )?browser that supports html5 video\.?",
    r"please enable (?:javascript|cookies) (?:to (?:view|use|see) [^.!?]{1,80}[.!?]|in your browser\.?)",
    r"your browser does not support (?:the )?(?:html5 )?(?:audio|video)(?: (?:element|tag|player|playback))?\.?",
    r"javascript is (?:disabled|required)[^.!?]{0,80}[.!?]",
    r"this video (?:file )?(?:cannot|can not|can't) be played\.?(?: ?\(error code: ?\d+\))?",
    r"(?:take our poll - )?(?:story|article|post) continues (?:below|after)(?: (?:the |this )?(?:advertisement|advert|ad|gallery|video)\b)?",
    r"scroll down for (?:more|the) (?:video|videos|photos)\b",
];

const LABELS: &[&str] = &[
    r"read (?:more|also|next|the full (?:story|article))(?: here)?(?: »| ›| >|…|\.\.\.)?",
    r"(?:continue|keep) reading(?: the main story)?",
    r"(?:show|see|view|load|learn) more",
    r"advertisements?|sponsored(?: content)?",
    r"share (?:this|it)(?: (?:story|article|post|page))?(?: (?:on|via|with) (?:facebook|twitter|x|linkedin|whatsapp|email|e-mail|friends))?",
    r"share on (?:facebook|twitter|x|linkedin|whatsapp)",
    r"sign up (?:for|to) (?:our|the) (?:[\w-]+ ){0,4}newsletters?",
    r"subscribe (?:now|today|to our (?:[\w-]+ ){0,4}newsletters?)",
    r"click here to [^.!?“”\x22]{2,60}[.!?]",
    r"follow us on (?:facebook|twitter|x|instagram)",
    r"(?:related|recommended) (?:articles|stories|content|topics)",
    r"skip to (?:main )?content",
];

/// Initials of writers and editors, or an agency's list, at the very end: `ab/cde (Agency, Agency)`.
static SIGN_OFF: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\p{Ll}{2,4}(?:/\p{Ll}{2,4}){1,2}(?: \([\p{L}\d ,/.&-]{2,60}\))?\s*$")
});

static NOTICE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)\b(?:{})", NOTICES.join("|"))));

static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)\b(?:{})(?:\b|$)", LABELS.join("|"))));

/// What may follow a label: the end, or the start of a sentence.
static AFTER_LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(?:$|[“‘\x22'(]?\p{Lu}|[•|])"));

/// A sign-off is sought in this many bytes at the end of a paragraph.
const SIGN_OFF_REACH: usize = 120;

/// `block`, in parts that are in order and cover it.
pub(super) fn parts(text: &str, block: Range<usize>) -> Vec<Part> {
    let prose = &text[block.clone()];
    let mut parts = Vec::new();
    let mut start = 0;
    for found in pieces(prose) {
        if start < found.start {
            parts.push(Part::Prose(block.start + start..block.start + found.start));
        }
        parts.push(Part::Furniture(block.start + found.start..block.start + found.end));
        start = found.end;
    }
    if start < prose.len() {
        parts.push(Part::Prose(block.start + start..block.end));
    }
    parts
}

/// Every piece of furniture in `prose`: in order, none overlapping another.
fn pieces(prose: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = NOTICE.find_iter(prose).map(|found| found.range()).collect();
    pieces.extend(LABEL.find_iter(prose).map(|found| found.range()).filter(|label| stands_alone(prose, label)));
    pieces.extend(sign_off(prose));
    pieces.sort_by_key(|piece| piece.start);
    let mut end = 0;
    pieces.retain(|piece| {
        let kept = piece.start >= end;
        if kept {
            end = piece.end;
        }
        kept
    });
    pieces
}

/// Does a label have a sentence's end before it and a sentence's start, or nothing, after it?
fn stands_alone(prose: &str, label: &Range<usize>) -> bool {
    let before = prose[..label.start].trim_end();
    prose[label.clone()].starts_with(char::is_uppercase)
        && (before.is_empty() || ends_with_stop(before))
        && AFTER_LABEL.is_match(&prose[label.end..])
}

/// The sign-off at the end of `prose`, if a sentence ends before it.
fn sign_off(prose: &str) -> Option<Range<usize>> {
    let reached = tail(prose, SIGN_OFF_REACH);
    let start = prose.len() - reached.len();
    let found = SIGN_OFF.find(reached)?;
    let piece = start + found.start()..start + found.end();
    let before = &prose[..piece.start];
    (before.ends_with(char::is_whitespace) && ends_with_stop(before.trim_end())).then_some(piece)
}
