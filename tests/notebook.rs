//! Holds the pages that show the notebook's code and outputs to the notebook, and the notebook to what they say of it.
//!
//! What stands in the notebook is what it printed when it was last run; `notebooks/run.sh` checks that it still does. Here
//! no Python is needed. `UPDATE_README=1 cargo test --test notebook` writes the pages anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use cli_common::{Rows, sayso, stdout};
use serde_json::Value;

const PAGES: [&str; 2] = ["README.md", "docs/NOTEBOOKS.md"];
const END: &str = "<!-- end of output -->\n";
const MOST_BYTES: u64 = 1_000_000;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A cell with code, by what the pages call it.
struct Cell {
    source: String,
    run_as: u64,
    /// What it printed, and the values it showed, as text.
    printed: String,
    pictures: usize,
    errors: usize,
}

/// The notebook's cells with code, in their order.
fn cells() -> Vec<(String, Cell)> {
    let notebook: Value = serde_json::from_slice(&fs::read(at("notebooks/corpus.ipynb")).unwrap()).unwrap();
    let cells = notebook["cells"].as_array().unwrap().iter();
    cells
        .filter(|cell| cell["cell_type"] == "code")
        .map(|cell| (cell["id"].as_str().unwrap().to_owned(), Cell::of(cell)))
        .collect()
}

impl Cell {
    fn of(cell: &Value) -> Self {
        let outputs = cell["outputs"].as_array().unwrap();
        let printed = outputs.iter().map(|output| match output["output_type"].as_str() {
            Some("stream") => joined(&output["text"]),
            _ => joined(&output["data"]["text/plain"]),
        });
        Self {
            source: joined(&cell["source"]),
            run_as: cell["execution_count"].as_u64().unwrap_or(0),
            printed: printed.collect(),
            pictures: outputs
                .iter()
                .filter(|output| output["data"]["image/png"].is_string())
                .count(),
            errors: outputs
                .iter()
                .filter(|output| output["output_type"] == "error")
                .count(),
        }
    }
}

/// A text, which notebooks store as one string or as a list of lines.
fn joined(text: &Value) -> String {
    match text {
        Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap()).collect(),
        text => text.as_str().unwrap_or_default().to_owned(),
    }
}

/// One piece of the notebook in a page: `<!-- code of: CELL -->` or `<!-- printed by: CELL...; from: START; lines: N -->`.
struct Shown {
    is_code: bool,
    fields: Vec<String>,
    place: Range<usize>,
}

impl Shown {
    fn all(page: &str) -> Vec<Self> {
        let markers = page.match_indices("<!-- ").filter_map(|(start, _)| {
            let (line, _) = page[start..].split_once('\n').unwrap();
            let request = line.trim_start_matches("<!-- ").trim_end_matches(" -->");
            let code = request.strip_prefix("code of: ");
            let fields = code.or_else(|| request.strip_prefix("printed by: "))?;
            let begin = start + line.len() + 1;
            Some(Self {
                is_code: code.is_some(),
                fields: fields.split("; ").map(str::to_owned).collect(),
                place: begin..begin + page[begin..].find(END).unwrap(),
            })
        });
        markers.collect()
    }

    fn field(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.fields.iter().find_map(|field| field.strip_prefix(&prefix))
    }

    /// What ought to stand there.
    fn made(&self, cells: &BTreeMap<String, Cell>) -> String {
        let named = self.fields[0].split(' ').map(|name| {
            let cell = cells.get(name);
            cell.unwrap_or_else(|| panic!("the notebook has no cell {name}"))
        });
        if self.is_code {
            let source: String = named.map(|cell| cell.source.as_str()).collect();
            let (language, source) = match source.strip_prefix("%%bash\n") {
                Some(script) => ("sh", script),
                None => ("python", source.as_str()),
            };
            return format!("```{language}\n{}\n```\n", source.trim_end());
        }
        let printed: String = named.map(|cell| cell.printed.as_str()).collect();
        let mut shown = printed.trim_end();
        if let Some(start) = self.field("from") {
            shown = &shown[shown
                .find(start)
                .unwrap_or_else(|| panic!("{start} is not printed"))..];
        }
        let count = self
            .field("lines")
            .map_or(usize::MAX, |count| count.parse().unwrap());
        let lines: Vec<&str> = shown.lines().take(count).map(str::trim_end).collect();
        format!("```text\n{}\n```\n", lines.join("\n"))
    }
}

#[test]
fn the_pages_show_what_stands_in_the_notebook() {
    let cells: BTreeMap<String, Cell> = cells().into_iter().collect();
    for name in PAGES {
        let mut page = fs::read_to_string(at(name)).unwrap();
        let shown = Shown::all(&page);
        assert!(!shown.is_empty(), "{name} shows nothing of the notebook");
        let update = std::env::var_os("UPDATE_README").is_some();
        // From the last to the first, so that places stay right.
        for piece in shown.into_iter().rev() {
            let made = piece.made(&cells);
            if update {
                page.replace_range(piece.place, &made);
            } else {
                assert_eq!(
                    &page[piece.place], made,
                    "{name} differs from the notebook; UPDATE_README=1 cargo test --test notebook mends it"
                );
            }
        }
        if update {
            fs::write(at(name), page).unwrap();
        }
    }
}

#[test]
fn the_notebook_was_run_from_top_to_bottom() {
    let cells = cells();
    for (place, (name, cell)) in cells.iter().enumerate() {
        assert_eq!(
            cell.run_as,
            place as u64 + 1,
            "the cell {name} was not run in its turn"
        );
        assert_eq!(cell.errors, 0, "the cell {name} failed");
        assert_eq!(
            name.ends_with("-plot"),
            cell.pictures == 1,
            "pictures of the cell {name}"
        );
    }
    let size = fs::metadata(at("notebooks/corpus.ipynb")).unwrap().len();
    assert!(size < MOST_BYTES, "the notebook has {size} bytes");
}

#[test]
fn the_corpus_is_as_the_page_says() {
    let text = fs::read_to_string(at("notebooks/articles.jsonl")).unwrap();
    let articles: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let distinct = |take: &dyn Fn(&str) -> String, field: &str| -> usize {
        let values = articles
            .iter()
            .map(|article| take(article[field].as_str().unwrap()));
        values.collect::<BTreeSet<_>>().len()
    };
    assert_eq!(articles.len(), 72);
    assert_eq!(distinct(&str::to_owned, "id"), 72);
    assert_eq!(distinct(&str::to_owned, "text"), 72);
    assert_eq!(distinct(&str::to_owned, "outlet"), 3);
    assert_eq!(distinct(&|date| date[..7].to_owned(), "date"), 12);
}

#[test]
fn the_sample_is_of_this_corpus_as_the_program_splits_it() {
    let assert = sayso()
        .current_dir(at("notebooks"))
        .args(["label", "articles.jsonl", "--quiet"])
        .assert()
        .success();
    let rows = Rows::of_csv(&stdout(&assert));
    let sample = Rows::of_csv(&fs::read_to_string(at("notebooks/sample.csv")).unwrap());
    let sentences = |rows: &Rows| -> Vec<(String, String, String)> {
        let owned = |name| {
            rows.column(name)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let places = owned("doc_id").into_iter().zip(owned("sentence"));
        places
            .zip(owned("text"))
            .map(|((document, place), text)| (document, place, text))
            .collect()
    };
    let all: BTreeSet<_> = sentences(&rows).into_iter().collect();
    let drawn: BTreeSet<_> = sentences(&sample).into_iter().collect();
    assert_eq!(drawn.len(), 100);
    assert_eq!(drawn.difference(&all).next(), None);
}
