//! Takes out what a web page leaves inside a paragraph: notices, labels, credits and sign-offs.
//!
//! When the text of a page is scraped, the player's notice, the advertisement's label and the
//! desk's initials land between two sentences, or between a heading and the sentence under it,
//! without a stop. Each of them becomes a sentence of its own, so that it neither lends its words
//! to a claim nor hides the heading before it.
//!
//! The kinds are told apart by how much they need around them to be safe. A *notice* is a phrase
//! that no report contains and is taken wherever it stands. A *label* is made of words that reports
//! do contain, so it must stand alone between a stop (or the start) and a capital (or the end), and
//! so must a picture's *credit*. A *sign-off* must end the paragraph.
//!
//! A heading that runs into its first sentence with nothing between them is left in it: on real
//! articles, no rule that looks at capitals alone was right more often than wrong, since titles and
//! names have them too.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::characters::{ends_with_stop, tail};
use super::pattern;

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
    r"media playback is (?:unsupported|not supported) on (?:your|this) device\.?(?: media caption,?)?",
    r"image (?:copyright|source),? (?:[\w/]+ ){1,3}?image caption,?",
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
    r"(?:image|media) caption",
];

/// The credit of a picture, in its parentheses: who took it, for whom.
static CREDIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"\((?:(?:AP Photo|Photo(?:graph)? (?:by|credit)|(?:Photo|Image|Picture|Credit):)[^()]{0,100}",
        r"|[^()]{1,80}(?:via AP|via Reuters|/AP|/AFP|/Reuters|/REUTERS|/Bloomberg|Getty Images))\)"
    ))
});

/// Initials of writers and editors, or an agency's list, at the very end: `ab/cde (Agency,
/// Agency)`.
static SIGN_OFF: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\p{Ll}{2,4}(?:/\p{Ll}{2,4}){1,2}(?: \([\p{L}\d ,/.&-]{2,60}\))?\s*$"));

static NOTICE: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)\b(?:{})", NOTICES.join("|"))));

static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?i)\b(?:{})", LABELS.join("|"))));

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
        parts.push(Part::Furniture(
            block.start + found.start..block.start + found.end,
        ));
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
    pieces.extend(
        LABEL
            .find_iter(prose)
            .map(|found| found.range())
            .filter(|label| stands_alone(prose, label)),
    );
    pieces.extend(
        CREDIT
            .find_iter(prose)
            .map(|found| found.range())
            .filter(|credit| stands_alone(prose, credit)),
    );
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

/// Does a label or credit have a sentence's end before it and a sentence's start, or nothing, after
/// it?
fn stands_alone(prose: &str, piece: &Range<usize>) -> bool {
    let before = prose[..piece.start].trim_end();
    prose[piece.clone()].starts_with(|first: char| first == '(' || first.is_uppercase())
        && (before.is_empty() || ends_with_stop(before))
        && AFTER_LABEL.is_match(&prose[piece.end..])
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

#[cfg(test)]
mod tests {
    use super::{Part, parts};

    /// The pieces of furniture in `text`, after a check that the parts cover it.
    fn furniture(text: &str) -> Vec<&str> {
        let mut end = 0;
        let mut found = Vec::new();
        for part in parts(text, 0..text.len()) {
            let range = match part {
                Part::Prose(range) => range,
                Part::Furniture(range) => {
                    found.push(text[range.clone()].trim());
                    range
                }
            };
            assert_eq!(range.start, end);
            end = range.end;
        }
        assert_eq!(end, text.len());
        found
    }

    #[test]
    fn finds_what_a_page_leaves_behind() {
        let video = "To view this video please enable JavaScript, and consider upgrading to a web browser that supports HTML5 video";
        for (before, piece, after) in [
            (
                "A canal “without locks” ",
                video,
                " Who pays for it The minister said so.",
            ),
            ("It ended. ", "Read more", ""),
            ("It ended.", "Read more", " The minister said so."),
            ("It “ended.” ", "ADVERTISEMENT", " “We left,” she said."),
            ("", "Advertisement", " The minister said so."),
            (
                "It ended. ",
                "Story continues below advertisement",
                " The minister said so.",
            ),
            ("It ended. ", "Share this article", " It began."),
            ("It ended. ", "Sign up for our weekly newsletter", ""),
            ("It ended. ", "Click here to see the pictures.", " It began."),
            ("Boats at Vesta on Friday. ", "(AP Photo/Jo Lund)", " It began."),
            ("Boats at Vesta on Friday. ", "(Jo Lund/Orland Daily via AP)", ""),
            ("The agency quoted her as saying. ", "ab/cde (Agency, NWA)", ""),
            ("It ended. ", "jl/ko", ""),
        ] {
            assert_eq!(furniture(&format!("{before}{piece}{after}")), [piece]);
        }
    }

    #[test]
    fn leaves_sentences_alone() {
        for text in [
            "Children should read more books.",
            "The court will share this with the police.",
            "She told them to read more. Advertisement rates fell.",
            "It ended. Read more than one report before you judge.",
            "They earn 5 m/s and/or",
            "It was over and/or (Agency) lost.",
            "VESTA (Reuters) - The canal is closed.",
            "He lives (see the photo by the door) alone.",
        ] {
            assert_eq!(furniture(text), [""; 0], "{text:?}");
        }
    }
}
