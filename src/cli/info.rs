//! `sayso info`: what model this is and how it decides.

use std::fmt::Write as _;

use anyhow::Result;
use sayso::classifier::ModelInfo;

use super::arguments::{InfoArguments, ReportFormat};
use super::table::Table;
use super::terminal::printable;
use super::{Status, load, print};

pub fn run(arguments: &InfoArguments) -> Result<Status> {
    let classifier = load(&arguments.model)?;
    match arguments.format {
        ReportFormat::Json => print(&(serde_json::to_string_pretty(classifier.info())? + "\n")),
        ReportFormat::Table => print(&describe(classifier.info())?),
    }
}

/// `default-1`: the model's name and version, which a bundle from anywhere may have chosen.
pub fn name(info: &ModelInfo) -> String {
    printable(&format!("{}-{}", info.config.name, info.config.version))
}

/// The model in half a line.
pub fn headline(info: &ModelInfo) -> String {
    let millions = info.parameters as f64 / 1e6;
    format!(
        "{}, {millions:.1} million parameters, {}",
        name(info),
        info.precision
    )
}

fn describe(info: &ModelInfo) -> Result<String> {
    let (encoder, window) = (&info.config.encoder, &info.config.window);
    let mut text = String::new();
    writeln!(text, "model    {} ({})", name(info), printable(&info.origin))?;
    writeln!(
        text,
        "weights  {} parameters, {}",
        info.parameters, info.precision
    )?;
    writeln!(
        text,
        "encoder  BERT, {} layers, hidden size {}, {} attention heads, vocabulary of {}",
        encoder.num_hidden_layers, encoder.hidden_size, encoder.num_attention_heads, encoder.vocab_size
    )?;
    writeln!(
        text,
        "window   up to {} tokens of consecutive sentences",
        window.max_window
    )?;
    let axes = [
        ("stance", &info.config.stance),
        ("attribution", &info.config.attribution),
        ("anonymity", &info.config.anonymity),
    ];
    for (axis, config) in axes {
        let mut table = Table::new([axis, "bias", "decision bias"]);
        for ((label, bias), decision) in config.labels.iter().zip(&config.bias).zip(&config.decision_bias) {
            table.row([
                format!("  {label}"),
                format!("{bias:.3}"),
                format!("{decision:.3}"),
            ]);
        }
        write!(text, "\n{table}  temperature {:.3}\n", config.temperature)?;
    }
    text.push_str(
        "\nProbabilities are softmax(logits / temperature + bias); the answer is the value with the largest\n\
         ln(probability) + decision bias.\n",
    );
    Ok(text)
}
