//! Adds the boundaries that `sentencex` does not set because a mark stands in the way.

use std::sync::LazyLock;

use regex::Regex;

use super::characters::is_bullet;
use super::pattern;

/// A parenthesis that holds whole sentences and is followed by another: "(He laughed. They left.) Then …". The word before
/// the stop must be an ordinary one, since "(D-Calif.) Smith" and "(Acme Inc.) Shares" go on.
static CLOSED_PARENTHESIS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\p{Ll}{4,}[.!?]['’”\x22]?[)\]]\s+['‘“\x22(]?\p{Lu}")
});

/// Where sentences that `sentencex` joins must be cut: byte offsets into `prose`, in no order.
pub(super) fn cuts(prose: &str) -> Vec<usize> {
    let parentheses = CLOSED_PARENTHESIS.find_iter(prose).filter_map(|found| {
        let space = found.as_str().find(char::is_whitespace)?;
        Some(found.start() + space)
    });
    let bullets = prose.match_indices(is_bullet).map(|(index, _)| index).filter(|&index| index > 0);
    parentheses.chain(bullets).collect()
}
