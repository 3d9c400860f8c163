//! The word lists of the segmenter, each with the rule that it serves.

/// Titles that stand before a name and never end a sentence.
const TITLES: &[&str] = &[
    "Adm", "Amb", "Asst", "Brig", "Capt", "Cmdr", "Col", "Cpl", "Dr", "Gen", "Gov", "Lt", "Maj", "Messrs",
    "Mr", "Mrs", "Ms", "Mx", "Pfc", "Prof", "Pte", "Pvt", "Rep", "Reps", "Rev", "Sen", "Sens", "Sgt", "Supt",
];

/// Shortened words that come before a proper noun: places and armed forces.
const BEFORE_NAMES: &[&str] = &["Ft", "Mt", "Pt", "St", "Ste"];

/// Days, months and zones that follow an hour ("5 p.m. Monday").
const AFTER_HOURS: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "Jun",
    "Jul",
    "Aug",
    "Sept",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
    "Eastern",
    "Central",
    "Mountain",
    "Pacific",
    "ET",
    "EST",
    "EDT",
    "CT",
    "CST",
    "CDT",
    "MT",
    "MST",
    "MDT",
    "PT",
    "PST",
    "PDT",
    "GMT",
    "UTC",
    "BST",
    "CET",
    "CEST",
    "EET",
    "IST",
    "JST",
    "AEST",
    "AEDT",
];

/// Endings of internet addresses and files, lower-case, that a stop inside a word may introduce.
/// Those that are English words too ("it", "me", "us") are left out, since only an ending with a
/// capital is ever looked up.
const ADDRESS_ENDINGS: &[&str] = &[
    "biz", "ca", "cn", "co", "com", "de", "edu", "eu", "fm", "fr", "gov", "htm", "html", "info", "int", "io",
    "js", "mil", "net", "org", "pdf", "php", "pl", "ru", "tv", "ua", "uk", "va",
];

/// Words that start a sentence rather than follow the first word of a place's name.
const SENTENCE_STARTERS: &[&str] = &[
    "A", "An", "And", "At", "But", "He", "I", "If", "In", "It", "On", "She", "The", "They", "This", "We",
    "When",
];

/// Words after which a line cannot end a heading, so that a line break behind one is white space.
const UNFINISHED: &[&str] = &[
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "into", "of", "on", "or", "than", "that",
    "the", "their", "to", "was", "were", "which", "who", "with",
];

/// Is `word`, without its stop, a title before a name?
pub(super) fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

/// Is `word`, without its stop, the start of a place's name?
pub(super) fn is_before_names(word: &str) -> bool {
    BEFORE_NAMES.contains(&word)
}

/// Does `word` follow an hour of the day?
pub(super) fn follows_hours(word: &str) -> bool {
    AFTER_HOURS.contains(&word)
}

/// Is `word` the last part of an internet address?
pub(super) fn is_address_ending(word: &str) -> bool {
    ADDRESS_ENDINGS.contains(&word.to_ascii_lowercase().as_str())
}

/// Does `word` leave its phrase unfinished?
pub(super) fn is_unfinished(word: &str) -> bool {
    UNFINISHED.contains(&word)
}

/// Does `word` start a sentence, rather than name something?
pub(super) fn starts_sentences(word: &str) -> bool {
    SENTENCE_STARTERS.contains(&word)
}

/// Could `word`, found before a full stop, be an abbreviation: a capital, inner stops, or two
/// letters at most?
pub(super) fn is_shortened(word: &str) -> bool {
    word.starts_with(char::is_uppercase) || word.contains('.') || word.chars().count() <= 2
}
