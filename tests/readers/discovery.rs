//! Which files a user's paths stand for.

use super::*;

fn names(found: &Discovery, root: &Path) -> Vec<String> {
    let prefix = format!("{}/", root.display());
    found
        .sources
        .iter()
        .map(|source| source.name().replace(&prefix, ""))
        .collect()
}

fn errors(found: &Discovery, root: &Path) -> Vec<String> {
    let root = root.display().to_string();
    found
        .errors
        .iter()
        .map(|error| error.to_string().replace(&root, "ROOT"))
        .collect()
}

#[test]
fn a_directory_gives_its_known_files_sorted_by_bytes() {
    let root = folder(&[
        ("b.txt", ""),
        ("B.TXT", ""),
        ("a/z.jsonl", ""),
        ("a.ndjson", ""),
        ("a/deep/er/x.text", ""),
        ("README.md", ""),
        ("photo.jpg", ""),
        (".hidden.txt", ""),
        (".git/x.txt", ""),
    ]);
    let found = discover(&[root.path().to_path_buf()], &InputOptions::default());
    let expected = ["B.TXT", "a.ndjson", "a/deep/er/x.text", "a/z.jsonl", "b.txt"];
    assert_eq!(names(&found, root.path()), expected);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
}

#[test]
fn a_format_asked_for_narrows_a_directory_to_its_files() {
    let root = folder(&[("a.txt", ""), ("b.jsonl", "")]);
    let options = InputOptions {
        format: Some(InputFormat::Jsonl),
        ..InputOptions::default()
    };
    let found = discover(&[root.path().to_path_buf()], &options);
    assert_eq!(names(&found, root.path()), ["b.jsonl"]);
}

#[test]
fn patterns_choose_in_a_directory_whatever_the_extension() {
    let root = folder(&[
        ("2024/a.txt", ""),
        ("2024/b.md", ""),
        ("2025/a.txt", ""),
        ("2025/.hidden.md", ""),
        ("c.csv.gz", ""),
    ]);
    let choose = |patterns: &[&str]| {
        let options = InputOptions {
            patterns: patterns.iter().map(|pattern| pattern.parse().unwrap()).collect(),
            ..InputOptions::default()
        };
        let found = discover(&[root.path().to_path_buf()], &options);
        let formats: Vec<_> = found.sources.iter().filter_map(Source::format).collect();
        (names(&found, root.path()), formats, errors(&found, root.path()))
    };
    let (found, formats, _) = choose(&["*.md", "2024/*.txt"]);
    assert_eq!(found, ["2024/a.txt", "2024/b.md"]);
    assert_eq!(formats, [InputFormat::Text; 2]);
    let (found, formats, _) = choose(&["*.gz"]);
    assert_eq!(
        (found, formats),
        (vec!["c.csv.gz".to_owned()], vec![InputFormat::Csv])
    );
    let (_, _, errors) = choose(&["*.tsv", "2023/**"]);
    assert_eq!(
        errors,
        ["ROOT: no readable file in this directory (looked for *.tsv, 2023/**)"]
    );
}

#[test]
fn a_named_file_is_read_whatever_its_name() {
    let root = folder(&[
        ("notes.md", "Rain fell."),
        (".draft", "Rain fell."),
        ("c.JSONL", "{}"),
    ]);
    let inputs = ["notes.md", ".draft", "c.JSONL"].map(|name| root.path().join(name));
    let found = discover(&inputs, &InputOptions::default());
    let formats: Vec<_> = found.sources.iter().map(Source::format).collect();
    assert_eq!(
        formats,
        [InputFormat::Text, InputFormat::Text, InputFormat::Jsonl].map(Some)
    );
}

#[test]
fn a_format_asked_for_overrides_a_named_files_extension() {
    let root = folder(&[("corpus.json", "{}")]);
    let options = InputOptions {
        format: Some(InputFormat::Jsonl),
        ..InputOptions::default()
    };
    let found = discover(&[root.path().join("corpus.json")], &options);
    assert_eq!(found.sources[0].format(), Some(InputFormat::Jsonl));
}

#[test]
fn a_missing_path_does_not_keep_the_others_from_being_read() {
    let root = folder(&[("a.txt", "Rain fell."), ("b.txt", "Rain fell.")]);
    let inputs = ["a.txt", "gone.txt", "b.txt"].map(|name| root.path().join(name));
    let found = discover(&inputs, &InputOptions::default());
    assert_eq!(names(&found, root.path()), ["a.txt", "b.txt"]);
    assert_eq!(
        errors(&found, root.path()),
        ["ROOT/gone.txt: no such file or directory"]
    );
}

#[test]
fn a_directory_without_readable_files_is_an_error() {
    let root = folder(&[("README.md", ""), ("sub/photo.jpg", "")]);
    let found = discover(&[root.path().to_path_buf()], &InputOptions::default());
    assert!(found.sources.is_empty());
    let expected = "ROOT: no readable file in this directory (looked for .txt, .text, .jsonl, .ndjson, .csv, .tsv, \
        .tab, .parquet, .pq, .arrow, .arrows, .feather, .ipc, also with .gz or .zst)";
    assert_eq!(errors(&found, root.path()), [expected]);
}

#[test]
fn standard_input_can_be_given_once() {
    let found = discover(
        &[PathBuf::from("-"), PathBuf::from("-")],
        &InputOptions::default(),
    );
    assert_eq!(found.sources.len(), 1);
    assert_eq!(found.sources[0].name(), "-");
    let messages: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
    assert_eq!(messages, ["-: standard input is given more than once"]);
}

#[cfg(unix)]
#[test]
fn links_to_files_are_followed_and_circles_are_not() {
    use std::os::unix::fs::symlink;
    let root = folder(&[("a.txt", "")]);
    symlink(root.path().join("a.txt"), root.path().join("b.txt")).unwrap();
    symlink(root.path(), root.path().join("circle")).unwrap();
    symlink(root.path().join("nowhere"), root.path().join("c.txt")).unwrap();
    let found = discover(&[root.path().to_path_buf()], &InputOptions::default());
    assert_eq!(names(&found, root.path()), ["a.txt", "b.txt"]);
    assert_eq!(
        errors(&found, root.path()),
        ["ROOT/c.txt: no such file or directory"]
    );
}

#[test]
fn a_file_that_goes_away_before_its_turn_is_a_reject() {
    let root = folder(&[("a.txt", "Rain fell."), ("b.txt", "Snow fell.")]);
    let options = InputOptions::default();
    let found = discover(&[root.path().to_path_buf()], &options);
    fs::remove_file(root.path().join("a.txt")).unwrap();
    let items: Vec<_> = documents(found.sources, &options).collect();
    let reject = items[0].as_ref().unwrap_err().to_string();
    assert!(reject.contains("a.txt: cannot be read: "), "{reject}");
    assert_eq!(items[1].as_ref().unwrap().body, Body::Text("Snow fell.".into()));
}
