//! Holds the README to the program and to the model's evaluation: what it shows must be what one gets.
//!
//! Outputs stand between a marker that says how they were made and `<!-- end of output -->`. After a change that
//! is meant, `UPDATE_README=1 cargo test --test readme` writes them anew.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use cli_common::{Rows, sayso, stdout};
use sayso::Classifier;
use serde_json::Value;

const END: &str = "<!-- end of output -->\n";
const FIGURES: &str = "<!-- figures: written by scripts/sayso_train/card.py -->\n";
const END_OF_FIGURES: &str = "<!-- end of figures -->\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme_path() -> PathBuf {
    root().join("README.md")
}

/// One output in the README.
struct Shown {
    /// Whether it is a table of chosen rows, or the output as it is.
    is_table: bool,
    /// What the marker asks for: the command, then `key: value` pairs.
    fields: Vec<String>,
    /// Where the output stands.
    place: Range<usize>,
}

impl Shown {
    fn all(readme: &str) -> Vec<Self> {
        let markers = readme.match_indices("<!-- ").filter_map(|(start, _)| {
            let (line, _) = readme[start..].split_once('\n').unwrap();
            let request = line.trim_start_matches("<!-- ").trim_end_matches(" -->");
            let table = request.strip_prefix("table of: ");
            let fields = table.or_else(|| request.strip_prefix("output of: "))?;
            let begin = start + line.len() + 1;
            Some(Self {
                is_table: table.is_some(),
                fields: fields.split("; ").map(str::to_owned).collect(),
                place: begin..begin + readme[begin..].find(END).unwrap(),
            })
        });
        markers.collect()
    }

    fn field(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        let found = self.fields.iter().find_map(|field| field.strip_prefix(&prefix));
        found.unwrap_or_else(|| panic!("the marker of {:?} lacks {name}", self.fields[0]))
    }

    /// What ought to stand there.
    fn made(&self) -> String {
        let command = self.fields[0].strip_prefix("sayso ").unwrap();
        let assert = sayso()
            .current_dir(root())
            .args(command.split(' '))
            .assert()
            .success();
        let output = stdout(&assert);
        if self.is_table {
            return self.table(&Rows::of_csv(&output));
        }
        let lines = self.field("lines").parse().unwrap();
        let shown: Vec<&str> = output.lines().take(lines).collect();
        format!("```text\n$ {}\n{}\n```\n", self.fields[0], shown.join("\n"))
    }

    fn table(&self, rows: &Rows) -> String {
        let columns: Vec<&str> = self.field("columns").split(' ').collect();
        let mut table = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
        for index in self.field("rows").split(' ') {
            let row = &rows.rows[index.parse::<usize>().unwrap()];
            let cells = columns.iter().map(|column| {
                let position = rows.header.iter().position(|name| name == column).unwrap();
                match (*column, &row[position]) {
                    ("confidence", number) => format!("{:.2}", number.parse::<f64>().unwrap()),
                    (_, cell) => cell.replace('|', "\\|"),
                }
            });
            table += &format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        }
        table
    }
}

/// Whether two outputs agree: word for word, and in numbers with decimals to one unit of the last place, which
/// rounding may turn either way on another processor.
fn agree(shown: &str, made: &str) -> bool {
    let pieces = |text: &str| -> Vec<String> {
        let is_number = |character: char| character.is_ascii_digit() || character == '.';
        text.split_inclusive(|character| !is_number(character))
            .map(str::to_owned)
            .collect()
    };
    let (shown, made) = (pieces(shown), pieces(made));
    shown.len() == made.len() && shown.iter().zip(&made).all(|(a, b)| a == b || nearly_equal(a, b))
}

fn nearly_equal(a: &str, b: &str) -> bool {
    let split = |piece: &str| -> Option<(f64, usize, String)> {
        let number = piece.trim_end_matches(|character: char| !character.is_ascii_digit());
        let (_, decimals) = number.split_once('.')?;
        Some((
            number.parse().ok()?,
            decimals.len(),
            piece[number.len()..].to_owned(),
        ))
    };
    match (split(a), split(b)) {
        (Some((a, places, rest)), Some((b, other_places, other_rest))) => {
            let unit = 0.1_f64.powi(i32::try_from(places).unwrap());
            places == other_places && rest == other_rest && (a - b).abs() < 1.5 * unit
        }
        _ => false,
    }
}

#[test]
fn the_outputs_it_shows_are_what_the_program_writes() {
    let mut readme = fs::read_to_string(readme_path()).unwrap();
    let shown = Shown::all(&readme);
    assert!(shown.len() >= 2, "the README shows no output");
    let update = std::env::var_os("UPDATE_README").is_some();
    // From the last to the first, so that places stay right.
    for output in shown.into_iter().rev() {
        let made = output.made();
        let place = output.place.clone();
        if update {
            readme.replace_range(place, &made);
        } else {
            assert!(
                agree(&readme[place.clone()], &made),
                "README.md shows\n{}\nbut {:?} gives\n{made}\nUPDATE_README=1 cargo test --test readme mends it",
                &readme[place],
                output.fields[0]
            );
        }
    }
    if update {
        fs::write(readme_path(), readme).unwrap();
    }
}

/// Every flag that a page names is a flag of the program.
#[test]
fn the_flags_that_pages_name_exist() {
    let help: String = ["label", "report", "eval", "info"]
        .map(|command| stdout(&sayso().args([command, "--help"]).assert().success()))
        .concat();
    let mut checked = 0;
    for page in ["README.md", "docs/CORPORA.md", "docs/OUTPUT.md", "docs/REPORT.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let commands = text
            .lines()
            .filter(|line| line.trim_start().starts_with("sayso "));
        let inline = text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| code.starts_with("--"));
        for flag in commands.chain(inline).flat_map(str::split_whitespace) {
            if let Some(name) = flag.strip_prefix("--") {
                let name = name.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
                assert!(help.contains(&format!("--{name}")), "{page} names --{name}");
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked} flags");
}

#[test]
fn its_figures_are_those_of_the_built_in_model() {
    let readme = fs::read_to_string(readme_path()).unwrap();
    let (_, rest) = readme.split_once(FIGURES).unwrap();
    let (block, _) = rest.split_once(END_OF_FIGURES).unwrap();
    let report: Value =
        serde_json::from_slice(&fs::read(root().join("models/default/eval.json")).unwrap()).unwrap();

    let config = &Classifier::embedded().unwrap().info().config.clone();
    assert_eq!(report["model"], format!("{}-{}", config.name, config.version));
    assert!(block.starts_with(&format!("Model {} ", report["model"].as_str().unwrap())));

    let rows: Vec<Vec<&str>> = block
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect())
        .collect();
    let names = ["assertion", "denial", "anonymous", "none"];
    assert_eq!(rows.len(), 2 + names.len() + 1, "{rows:?}");
    for (row, name) in rows[2..].iter().zip(names) {
        assert_eq!(row[0], format!("`{name}`"));
        for (part, cells) in ["all", "natural"].into_iter().zip(row[1..].chunks(2)) {
            let class = &report[part]["axes"]["label"]["classes"][name];
            let interval = &report[part]["label_f1_intervals"][name];
            assert_eq!(cells, [bounded(&class["f1"], interval), count(&class["support"])]);
        }
    }
    for (part, cells) in ["all", "natural"].into_iter().zip(rows[6][1..].chunks(2)) {
        let report = &report[part];
        let macro_f1 = bounded(
            &report["axes"]["label"]["macro_f1"],
            &report["label_f1_intervals"]["macro_f1"],
        );
        assert_eq!(cells, [macro_f1, count(&report["sentences"])]);
    }
}

fn bounded(value: &Value, interval: &Value) -> String {
    let number = |value: &Value| value.as_f64().unwrap();
    format!(
        "{:.3} ({:.2}–{:.2})",
        number(value),
        number(&interval[0]),
        number(&interval[1])
    )
}

/// With commas between thousands.
fn count(value: &Value) -> String {
    let digits = value.as_u64().unwrap().to_string();
    let grouped = digits.as_bytes().rchunks(3).rev().map(str::from_utf8);
    grouped.collect::<Result<Vec<_>, _>>().unwrap().join(",")
}
