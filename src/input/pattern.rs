//! Patterns of file names, which choose among the files of a directory.

use std::{fmt, path::Path, str::FromStr};

use globset::{GlobBuilder, GlobMatcher};

use crate::error::BrokenPattern;

/// A pattern in the manner of a shell: `*` and `?` match within a name, `**` across folders, `[a-z]` one
/// character and `{csv,tsv}` one of several.
#[derive(Clone, Debug)]
pub struct Pattern {
    pattern: String,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Whether the pattern fits a file; `path` is its path below the directory. A pattern without `/` is held
    /// against the name alone, in whatever folder the file is.
    pub(super) fn fits(&self, path: &Path) -> bool {
        if self.pattern.contains('/') {
            return self.matcher.is_match(path);
        }
        path.file_name().is_some_and(|name| self.matcher.is_match(name))
    }
}

impl FromStr for Pattern {
    type Err = BrokenPattern;

    fn from_str(pattern: &str) -> Result<Self, BrokenPattern> {
        let broken = |error: &globset::Error| BrokenPattern {
            pattern: pattern.to_owned(),
            reason: error.kind().to_string(),
        };
        // A leading "./" is how a shell completes names.
        let below = pattern.strip_prefix("./").unwrap_or(pattern);
        let glob = GlobBuilder::new(below).literal_separator(true).build();
        Ok(Self {
            matcher: glob.map_err(|error| broken(&error))?.compile_matcher(),
            pattern: pattern.to_owned(),
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.pattern)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, path: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().fits(Path::new(path))
    }

    #[test]
    fn a_name_is_matched_in_every_folder() {
        assert!(fits("*.csv", "a.csv") && fits("*.csv", "2024/may/a.csv"));
        assert!(!fits("*.csv", "a.csv.gz") && !fits("a", "a/b"));
        assert!(fits("*.{csv,tsv}*", "a.tsv.gz"));
    }

    #[test]
    fn a_path_is_matched_from_the_directory_on() {
        assert!(fits("2024/*.csv", "2024/a.csv") && !fits("2024/*.csv", "2024/may/a.csv"));
        assert!(fits("2024/**/*.csv", "2024/may/a.csv") && !fits("may/*.csv", "2024/may/a.csv"));
        assert!(fits("./*.csv", "a.csv"));
    }

    #[test]
    fn a_broken_pattern_says_what_is_wrong() {
        let error = "[a".parse::<Pattern>().unwrap_err().to_string();
        assert!(error.starts_with("\"[a\" is not a pattern: "), "{error}");
    }
}
