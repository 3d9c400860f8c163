//! The report as one HTML file.
//!
//! Two rules keep the corpus from acting on the page. What the template writes is escaped by its engine; what
//! scripts read is JSON in which no character can end the element that holds it, and they put it on the page as text,
//! never as markup. And should both fail, the page's Content-Security-Policy lets no script run but those whose hashes it
//! names, nothing be loaded, and no string become markup.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::ReportOptions;
use super::figures::Figures;
use super::sample::Sample;
use super::visible::clipped;
use crate::prediction::{Anonymity, Attribution, Label, Stance};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");

/// The charting library; see `vendor/README.md`.
const PLOT: &str = include_str!("vendor/plot.js");

/// The licences of what is in it, which must go where it goes.
const LICENCES: &str = include_str!("vendor/LICENSES.txt");

/// All scripts, in the order in which they run.
const SCRIPTS: [&str; 5] = [
    PLOT,
    include_str!("page/shared.js"),
    include_str!("page/charts.js"),
    include_str!("page/reader.js"),
    include_str!("page/documents.js"),
];

/// The style sheet that the charting library puts into every chart of class `chart`.
const PLOT_STYLE: &str = "\
:where(.chart) {
  --plot-background: white;
  display: block;
  height: auto;
  height: intrinsic;
  max-width: 100%;
}
:where(.chart text),
:where(.chart tspan) {
  white-space: pre;
}";

/// Characters of the title, and of an input's name, that are shown.
const MOST_TITLE_CHARACTERS: usize = 200;

/// Inputs that are named.
const MOST_INPUTS: usize = 5;

/// How a page is headed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOptions {
    pub title: String,
    /// The names of the files that were read.
    pub inputs: Vec<String>,
}

/// Why a page cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PageError {
    #[error("the page needs {needed} bytes even without a document, more than the limit of {limit}")]
    TooLarge { needed: usize, limit: usize },

    /// A defect of the page's template.
    #[error("the page cannot be made: {0}")]
    Template(#[from] minijinja::Error),

    /// A defect of the figures.
    #[error("the page's data cannot be made: {0}")]
    Data(#[from] serde_json::Error),
}

/// What the template is given.
#[derive(Serialize)]
struct Context<'a> {
    title: String,
    version: &'static str,
    inputs: Vec<String>,
    /// Inputs that are not named.
    more_inputs: usize,
    figures: &'a Figures,
    names: Names,
    policy: String,
    style: &'static str,
    scripts: &'static [&'static str],
    licences: &'static str,
    /// For scripts: see [`script_json`].
    data: String,
    documents: String,
    shown: usize,
    /// Whether documents were left out because the page is full.
    is_cut: bool,
    most_documents: usize,
    max_page_bytes: usize,
}

/// The names of the values of every axis, in their order.
#[derive(Serialize)]
struct Names {
    label: &'static [&'static str],
    stance: &'static [&'static str],
    attribution: &'static [&'static str],
    anonymity: &'static [&'static str],
}

/// What scripts read besides documents.
#[derive(Serialize)]
struct Data<'a> {
    names: &'a Names,
    figures: &'a Figures,
}

pub(super) fn render(
    figures: &Figures,
    sample: Sample,
    report: &ReportOptions,
    page: &PageOptions,
) -> Result<String, PageError> {
    let names = Names {
        label: Label::NAMES,
        stance: Stance::NAMES,
        attribution: Attribution::NAMES,
        anonymity: Anonymity::NAMES,
    };
    let data = script_json(&Data {
        names: &names,
        figures,
    })?;
    let shown = |name: &String| clipped(name, MOST_TITLE_CHARACTERS).into_owned();
    let mut context = Context {
        title: shown(&page.title),
        version: env!("CARGO_PKG_VERSION"),
        inputs: page.inputs.iter().take(MOST_INPUTS).map(shown).collect(),
        more_inputs: page.inputs.len().saturating_sub(MOST_INPUTS),
        figures,
        names,
        policy: policy(),
        style: STYLE,
        scripts: &SCRIPTS,
        licences: LICENCES,
        data,
        documents: "[]".to_owned(),
        // Of the texts that depend on it, the longest.
        shown: report.most_documents,
        is_cut: true,
        most_documents: report.most_documents,
        max_page_bytes: report.max_page_bytes,
    };
    let environment = environment()?;
    let template = environment.get_template("page.html")?;
    let limit = report.max_page_bytes;
    let needed = template.render(Serde(&context))?.len();
    let room = limit
        .checked_sub(needed)
        .ok_or(PageError::TooLarge { needed, limit })?;
    let (documents, is_cut) = sample.finish(room)?;
    (context.shown, context.is_cut) = (documents.len(), is_cut);
    context.documents = format!("[{}]", documents.join(","));
    Ok(template.render(Serde(&context))?)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("number", number);
    environment.add_filter("percent", percent);
    environment.add_filter("interval", interval);
    environment.add_filter("count", |count: u64, thing: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{} {thing}{ending}", number(count))
    });
    environment.add_template("page.html", TEMPLATE)?;
    Ok(environment)
}

/// `1,234,567`.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share as a percentage, with as many decimals as tell something.
fn percent(share: f64) -> String {
    format!("{} %", percentage(share))
}

/// An interval of shares, `11.2–13.4 %`; a dash where there is none.
fn interval(pair: Option<Vec<f64>>) -> String {
    match pair.as_deref() {
        Some([low, high]) => format!("{}–{} %", percentage(*low), percentage(*high)),
        _ => "–".to_owned(),
    }
}

fn percentage(share: f64) -> String {
    let percent = 100.0 * share;
    let decimals = if percent > 0.0 && percent < 0.995 { 2 } else { 1 };
    format!("{percent:.decimals$}")
}

/// `value` as JSON that can stand in a `<script>` element: nothing in it begins a tag, a comment or an entity.
pub(super) fn script_json(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    let mut safe = Vec::with_capacity(json.len());
    for byte in json.bytes() {
        match byte {
            // These stand in strings alone, and there an escape means the same.
            b'<' | b'>' | b'&' => write!(safe, "\\u{byte:04x}").map_err(serde_json::Error::io)?,
            _ => safe.push(byte),
        }
    }
    String::from_utf8(safe).map_err(|error| serde_json::Error::io(std::io::Error::other(error)))
}

/// The page's Content-Security-Policy.
fn policy() -> String {
    let source = |text: &&str| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let scripts: String = SCRIPTS.iter().map(source).collect();
    let styles: String = [STYLE, PLOT_STYLE].iter().map(source).collect();
    format!(
        "default-src 'none'; script-src{scripts}; style-src{styles}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [0, 12, 999, 1_000, 1_234_567].map(number),
            ["0", "12", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0.0, 0.0042, 0.00996, 0.1234, 1.0].map(percent),
            ["0.0 %", "0.42 %", "1.0 %", "12.3 %", "100.0 %"]
        );
        assert_eq!(interval(Some(vec![0.1, 0.125])), "10.0–12.5 %");
        assert_eq!(interval(None), "–");
    }

    #[test]
    fn no_text_ends_the_script_that_holds_it() {
        let hostile = "</script><!-- <script>&amp;\u{2028}\"'\\";
        let json = script_json(&hostile).unwrap();
        assert!(!json.contains(['<', '>', '&']), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }

    #[test]
    fn our_own_scripts_end_no_element_and_make_no_markup_of_text() {
        for script in SCRIPTS {
            let lower = script.to_ascii_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("<!--"));
        }
        for script in &SCRIPTS[1..] {
            for sink in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
            ] {
                assert!(!script.contains(sink), "{sink}");
            }
        }
        assert!(!STYLE.contains("</style") && !STYLE.contains("@import"));
        for (_, address) in STYLE
            .match_indices("url(")
            .map(|(start, _)| STYLE[start..].split_at(4))
        {
            assert!(address.starts_with("\"#"), "a style that loads something");
        }
    }

    #[test]
    fn the_library_is_the_one_described() {
        let described: serde_json::Value = serde_json::from_str(include_str!("vendor/plot.json")).unwrap();
        let hash: String = Sha256::digest(PLOT.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(described["sha256"], hash);
        for package in described["packages"].as_object().unwrap().keys() {
            assert!(
                LICENCES.contains(&format!("{package} ")),
                "the licence of {package}"
            );
        }
    }

    #[test]
    fn the_library_s_style_sheet_is_the_one_allowed() {
        let parts = PLOT_STYLE.split(".chart");
        for part in parts {
            let escaped = part.replace('\n', "\\n");
            assert!(
                PLOT.contains(part) || PLOT.contains(&escaped),
                "{part:?} is not in plot.js"
            );
        }
    }
}
