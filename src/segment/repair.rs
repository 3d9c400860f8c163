//! Removes the boundaries that `sentencex` sets and news writing shows to be false.
//!
//! Each rule names one shape that was seen to go wrong in news; everything is decided from the
//! words on both sides of the boundary.

use std::sync::LazyLock;

use regex::Regex;

use super::characters::{head, is_closer, is_opener, is_quote, is_stop, tail};
use super::{pattern, words};

/// A name and a verb of speech that needs nothing after it. Other words after the verb would make
/// it a new statement ("Ms Orsk said she would go").
static SPEAKER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:\p{Lu}[\p{L}.'’-]*\s){1,4}",
        r"(?:said|says|asked|asks|wrote|writes|added|adds|replied|shouted|tweeted|wondered|continued|exclaimed|cried|yelled|demanded)",
        r"(?:[.,;:]|$|\s(?:in|on|at|during)(?:\s[\w’'-]+){1,6}[.,])"
    ))
});

/// How far, in bytes, the words beside a boundary are looked at.
const REACH: usize = 120;

/// `cut`, moved before an opening mark that stands between it and the white space on its left,
/// since `sentencex` takes some opening marks for closing ones.
pub(super) fn before_opener(prose: &str, cut: usize) -> usize {
    let left = &prose[..cut];
    let opened = left.trim_end_matches(is_opener);
    let is_opening = opened.len() < left.len()
        && opened.ends_with(char::is_whitespace)
        && !prose[cut..].starts_with(char::is_whitespace);
    if is_opening { opened.len() } else { cut }
}

/// Is the boundary at byte `cut` of `prose` no end of a sentence?
pub(super) fn is_false(prose: &str, cut: usize) -> bool {
    let (left, right) = (tail(&prose[..cut], REACH), head(&prose[cut..], REACH));
    if left.ends_with(char::is_whitespace) || right.starts_with(char::is_whitespace) {
        let (left, right) = (left.trim_end(), right.trim_start());
        follows_title(left)
            || is_place_name(left, right)
            || is_hour_with_day(left, right)
            || goes_on_in_lower_case(left, right)
            || is_dateline(left, right)
            || is_attributed(left, right)
    } else {
        is_inside_token(left, right)
    }
}

/// The word before the stop at the end of `left`: `Gen` of `Lt. Gen.`
fn word_before_stop(left: &str) -> Option<&str> {
    let word = left.strip_suffix('.')?.rsplit(char::is_whitespace).next()?;
    Some(word.trim_start_matches(is_opener))
}

/// The letters and digits that `right` starts with, behind any opening marks.
fn first_word(right: &str) -> &str {
    let right = right.trim_start_matches(is_opener);
    let end = right
        .find(|character: char| !character.is_alphanumeric())
        .unwrap_or(right.len());
    &right[..end]
}

/// "Mr. Will", "Gen. Further": a title, whatever the name looks like.
fn follows_title(left: &str) -> bool {
    word_before_stop(left).is_some_and(words::is_title)
}

/// "Ft. Worth", "St. Both": a place whose first word is shortened, unless a street's name ends with
/// it ("Elm St. The road …", where `sentencex` has seen a word that starts sentences).
fn is_place_name(left: &str, right: &str) -> bool {
    let Some(word) = word_before_stop(left) else {
        return false;
    };
    words::is_before_names(word)
        && right.starts_with(char::is_uppercase)
        && !words::starts_sentences(first_word(right))
}

/// "5 p.m. Monday": an hour and its day, month or zone.
fn is_hour_with_day(left: &str, right: &str) -> bool {
    let hour = left.ends_with("a.m.") || left.ends_with("p.m.");
    hour && words::follows_hours(first_word(right))
}

/// A sentence does not start in lower case, unless with a brand ("iPhone") or after an ordinary
/// full stop (in text whose capitals are lost). A question or exclamation inside a sentence goes
/// on: “Why now?” he asked.
fn goes_on_in_lower_case(left: &str, right: &str) -> bool {
    let word = first_word(right);
    if !word.starts_with(char::is_lowercase) || word.chars().nth(1).is_some_and(char::is_uppercase) {
        return false;
    }
    let closed = left.ends_with(is_closer);
    closed
        || !left.ends_with('.')
        || left.ends_with("..")
        || word_before_stop(left).is_some_and(words::is_shortened)
}

/// "WASHINGTON, D.C. (Agency) —": the agency stands inside the dateline.
fn is_dateline(left: &str, right: &str) -> bool {
    let Some(rest) = right.strip_prefix('(') else {
        return false;
    };
    let Some((agency, rest)) = rest.split_once(')') else {
        return false;
    };
    !agency.contains(is_stop) && rest.trim_start().starts_with(['-', '–', '—', '_']) && left.ends_with('.')
}

/// “Why now?” Ms Orsk asked: the question or exclamation in quotation marks is not the end, for its
/// speaker follows.
fn is_attributed(left: &str, right: &str) -> bool {
    let quoted = left.trim_end_matches(is_quote);
    quoted.len() < left.len() && quoted.ends_with(['?', '!']) && SPEAKER.is_match(right)
}

/// A stop with no white space behind it ends a sentence only in text whose spaces were lost: the
/// word before is lower-case ("war.The minister"), a number or closed by a mark, the word after
/// starts with a capital, and the whole is no address.
fn is_inside_token(left: &str, right: &str) -> bool {
    let left = left.rsplit(char::is_whitespace).next().unwrap_or_default();
    let right = right.split(char::is_whitespace).next().unwrap_or_default();
    let before = left.trim_end_matches(|character| is_stop(character) || is_closer(character));
    let after = first_word(right);
    let ends_word = left.ends_with(is_closer)
        || before.ends_with(|character: char| character.is_numeric() || is_closer(character))
        || before
            .chars()
            .rev()
            .take(2)
            .filter(|character| character.is_lowercase())
            .count()
            == 2;
    let starts_word = after.starts_with(char::is_uppercase) || right.starts_with(is_opener);
    let is_address = left.contains("://")
        || left.contains('@')
        || left.starts_with("www.")
        || words::is_address_ending(after)
        || right.contains('@');
    !ends_word || !starts_word || is_address
}

#[cfg(test)]
mod tests {
    use super::{before_opener, is_false};

    /// Asks about the boundary at the bar in each text.
    fn check(texts: &[&str], expected: bool) {
        for text in texts {
            let cut = text.find('|').expect("the text has a bar");
            assert_eq!(is_false(&text.replace('|', ""), cut), expected, "{text}");
        }
    }

    #[test]
    fn refuses_false_boundaries() {
        check(
            &[
                "Mr. |Will spoke.",
                "Lt. Gen. |Further was there.",
                "Ft. |Lind is a fort.",
                "It closed at 5 p.m. |Monday.",
                "It closed at 5 p.m. |GMT.",
                "“Why now?” |she asked.",
                "“Why now?” |Ms. Orsk asked.",
                "“Never!” |Orsk wrote on her own page.",
                "It ended… |and began.",
                "some sports (e.g. |chess)",
                "VESTA, D.C. |(Agency) — It began.",
                "See www.|Example.com today.",
                "See Example.|Com today.",
                "Write to Jo.|Lund@example.org now.",
                "St.|Olav was there.",
                "The U.S.|A won.",
            ],
            true,
        );
    }

    #[test]
    fn keeps_true_boundaries() {
        check(
            &[
                "He lives in the U.S. |The firm does not.",
                "It closed at 5 p.m. |The crowd left.",
                "It is on Elm St. |The road is long.",
                "“Why now?” |Ms. Orsk said that she did not know.",
                "“Why now?” |The minister left.",
                "It rose. |iPhone sales fell.",
                "it ended. |then it began.",
                "It ended the war.|The minister left.",
                "It ended in 2031.|The minister left.",
                "It ended “the war.”|The minister left.",
                "It ended the war.|It began.",
                "He left (early.) |Then it began.",
                "It is in Vesta, D.C. |(It was not always.)",
            ],
            false,
        );
    }

    #[test]
    fn an_opening_mark_goes_with_the_sentence_that_it_opens() {
        for (text, expected) in [
            ("It ended. “|We left.", "It ended. |“We left."),
            ("It ended. \"|We left.", "It ended. |\"We left."),
            ("It ended.” |We left.", "It ended.” |We left."),
            ("It ended.\"|We left.", "It ended.\"|We left."),
        ] {
            let cut = text.find('|').expect("the text has a bar");
            let mut moved = text.replace('|', "");
            moved.insert(before_opener(&moved, cut), '|');
            assert_eq!(moved, expected);
        }
    }
}
