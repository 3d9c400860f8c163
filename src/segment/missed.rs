//! Adds the boundaries that `sentencex` does not set because a mark stands in the way.

use std::sync::LazyLock;

use regex::Regex;

use super::characters::{is_bullet, tail};
use super::pattern;

/// A parenthesis that holds whole sentences and is followed by another: "(He laughed. They left.)
/// Then …". The word before the stop must be an ordinary one, five letters or more if it has a
/// capital, since "(D-Calif.) Smith" and "(Acme Inc.) Shares" go on.
static CLOSED_PARENTHESIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:[\s(“‘\x22'-]\p{Ll}{4,}|[\s(“‘\x22']\p{Lu}\p{Ll}{4,})[.!?]['’”\x22]?[)\]]",
        r"()\s+['‘“\x22(]?\p{Lu}"
    ))
});

/// A number that ends a sentence whose space was lost: "in 2014.The minister". `sentencex` takes a
/// digit before the stop and another soon after for a code.
static GLUED_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{2}%?\.()\p{Lu}\p{Ll}+\b"));

/// A quotation that starts right behind a stop, its space lost: "… the report.“We never saw it".
static GLUED_QUOTATION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{Ll}{2}[.!?]()[“‘]\p{Lu}"));

/// A mark that web pages use as an arrow, left over from a link after a sentence: "… trade.” »
/// between them".
static ARROW: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?]['’”\x22]?()\s+[»›]\s"));

/// How far back, in bytes, the opening mark is sought that makes an arrow the end of a quotation.
const ARROW_REACH: usize = 600;

/// Where sentences that `sentencex` joins must be cut: byte offsets into `prose`, in no order.
pub(super) fn cuts(prose: &str) -> Vec<usize> {
    let mut cuts = at_groups(&CLOSED_PARENTHESIS, prose);
    cuts.extend(at_groups(&GLUED_NUMBER, prose));
    cuts.extend(at_groups(&GLUED_QUOTATION, prose));
    cuts.extend(
        at_groups(&ARROW, prose)
            .into_iter()
            .filter(|&cut| !closes_quotation(&prose[..cut])),
    );
    let bullets = prose.match_indices(is_bullet).map(|(index, _)| index);
    cuts.extend(bullets.filter(|&index| index > 0));
    cuts
}

/// Where the empty group of `pattern`, which marks its cut, stands in each match.
fn at_groups(pattern: &Regex, prose: &str) -> Vec<usize> {
    let groups = pattern.captures_iter(prose).filter_map(|found| found.get(1));
    groups.map(|group| group.start()).collect()
}

/// Does `before` hold a quotation that the mark behind it would close?
fn closes_quotation(before: &str) -> bool {
    tail(before, ARROW_REACH).contains(['«', '‹'])
}

#[cfg(test)]
mod tests {
    use super::cuts;

    /// `text` with a bar at each cut.
    fn marked(text: &str) -> String {
        let mut marked = text.to_owned();
        let mut cuts = cuts(text);
        cuts.sort_unstable();
        for cut in cuts.into_iter().rev() {
            marked.insert(cut, '|');
        }
        marked
    }

    #[test]
    fn finds_boundaries_behind_marks() {
        for expected in [
            "(He laughed. They left.)| Then it rained.",
            "(It is huge in Orland.)| The firm grew.",
            "(He called it “a game-changer.”)| The firm grew.",
            "Above: the ruins (a boat lies ahead.)| “We left,” she said.",
            "They keep “trade.”| » between Orland and Vesta.",
            "It ended in 2031.|The minister left.",
            "Prices rose by 22%.|The minister left.",
            "It was in the report.|“We never saw it,” she said.",
            "Three points: |• the canal |• the port",
        ] {
            assert_eq!(marked(&expected.replace('|', "")), expected);
        }
    }

    #[test]
    fn finds_none_elsewhere() {
        for text in [
            "Sen. Lind (D-Calif.) Smith",
            "Shares of the firm (Acme Inc.) Shares",
            "Karl Orsk (D-Calif.) Smith",
            "« Il est parti. » Elle rit.",
            "It costs 3.50 and 12.5% more.",
            "The move 12.Bg5 won.",
            "•",
        ] {
            assert_eq!(marked(text), text);
        }
    }
}
