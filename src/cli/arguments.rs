//! The command line as a user sees it: every flag, with its documentation.
//!
//! Nothing is decided here. The help is written to be read as the manual: each flag says what it does when it
//! is left out and which other flags change its meaning.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use sayso::classifier::EngineKind;
use sayso::device::Device;
use sayso::input::{InputFormat, InputOptions, Pattern, Shard};
use sayso::output::OutputFormat;
use sayso::report::ReportOptions;

use super::log::LogFormat;

/// Says for every sentence of a news text who says so, and whether they assert or deny it.
#[derive(Debug, Parser)]
#[command(
    name = "sayso",
    override_usage = "sayso <COMMAND>",
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = EXIT_STATUS
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Print the versions of the program and of its built-in model.
    #[arg(short = 'V', long, action = ArgAction::SetTrue)]
    pub version: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Label(LabelArguments),
    Report(ReportArguments),
    Eval(EvalArguments),
    Info(InfoArguments),
    /// Print a completion script for a shell.
    #[command(after_long_help = COMPLETIONS_NOTES)]
    Completions {
        /// The shell that will read the script.
        shell: Shell,
    },
}

/// Label every sentence of news texts.
///
/// Reads documents, splits each into sentences (unless its sentences are given), and writes one row per
/// sentence, in the order of the input. A record that cannot be read is named on standard error with its
/// file, its line and the reason; all others are still labelled.
#[derive(Debug, Args)]
#[command(after_long_help = LABEL_NOTES)]
pub struct LabelArguments {
    /// Files and directories to read; "-" is standard input.
    ///
    /// A directory is searched, with everything below it but hidden files, for files whose extension is known.
    /// A text file is one document. A jsonl file holds one document per line: an object with its text, or with
    /// "sentences" that are split already and, if need be, "context", sentences that are read before them and
    /// not reported. In csv, tsv, parquet and arrow a row is one document, with its text in a column; in csv
    /// and tsv the first row names the columns. Any but parquet may be compressed by gzip (.gz) or zstd
    /// (.zst). Without INPUT, standard input is read, unless it is a terminal.
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,

    /// Write the rows to FILE instead of standard output.
    ///
    /// FILE is replaced only once all rows are written; when the run fails, what FILE held before stays. FILE
    /// must not be one of the inputs. Its extension decides the format unless --format is given. A name that ends
    /// in .gz or .zst, such as rows.csv.gz, has csv, tsv or jsonl compressed.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Format of the rows.
    ///
    /// Without this flag the format follows the extension of --output; on standard output, and where the
    /// extension says nothing, it is csv. All formats hold the same rows. csv and tsv (.csv, .tsv, .tab) are read by
    /// everything; jsonl (.jsonl, .ndjson) is one JSON object per row; parquet (.parquet, .pq) has typed columns,
    /// is compressed and can be read in part; arrow (.arrows) is an Arrow IPC stream, for pipes; feather (.feather,
    /// .arrow) is an Arrow IPC file. docs/OUTPUT.md in the source code has the types and how to read each.
    #[arg(short, long, value_name = "FORMAT", value_parser = row_formats())]
    pub format: Option<OutputFormat>,

    /// Keep spreadsheets from running a sentence as a formula; for csv and tsv.
    ///
    /// Puts an apostrophe before every cell that begins with =, +, - or @ (also after white space), or with a tab or
    /// a line end. Excel, LibreOffice and Google Sheets would run such a cell, and news may hold anybody's text.
    /// Without this flag the cells are exact, as programs need them: do not open such a file in a
    /// spreadsheet. With it, the text of a marked cell is longer than end - start by the apostrophe.
    #[arg(long)]
    pub spreadsheet_safe: bool,

    /// Format of every input, whatever its extension.
    ///
    /// Without this flag a file's extension decides, of a compressed file the one before .gz or .zst: .jsonl
    /// and .ndjson are jsonl, .csv is csv, .tsv and .tab are tsv, .parquet and .pq are parquet, .arrow, .arrows,
    /// .feather and .ipc are arrow, any other is text. Standard input is parquet or arrow if it begins like
    /// them, jsonl if it begins with "{", else text: csv and tsv need this flag there. With this flag,
    /// directories are searched only for the extensions of FORMAT.
    ///
    /// Parquet cannot be read from its beginning to its end; from standard input it is copied to a temporary
    /// file first.
    #[arg(short, long, value_name = "FORMAT", value_parser = document_formats())]
    pub input_format: Option<InputFormat>,

    /// Of a directory, read the files that PATTERN fits, whatever their extensions.
    ///
    /// "*" and "?" match within a name, "**" across folders, "{a,b}" either. A pattern without "/" is held
    /// against the names of files in all folders, one with "/" against their paths below the directory. May be
    /// given several times; a file is read if one of the patterns fits. Quote it, or the shell will take it
    /// for its own. Files that are named as INPUT, and hidden ones, are not affected.
    #[arg(short, long = "glob", value_name = "PATTERN")]
    pub globs: Vec<Pattern>,

    /// Field of a record that holds the document's text.
    ///
    /// Without this flag it is the first that the record has of text, body, content and article, unless the
    /// record has "sentences"; in a table, also in capitals, or the only column. What was guessed is said on
    /// standard error. With this flag "sentences" are not looked at. Text files are not affected.
    #[arg(long, value_name = "COL")]
    pub text_column: Option<String>,

    /// Field of a record that identifies the document; fills the column doc_id.
    ///
    /// Without this flag it is the first that the record has of doc_id, id and url; a record with none of
    /// them is named by its file and number. What was guessed is said on standard error. Two documents with the same identifier would get mixed up in the
    /// rows, so that the second is rejected. Text files are not affected: their path identifies them.
    #[arg(long, value_name = "COL")]
    pub id_column: Option<String>,

    /// Fields of records to copy into the output, after sayso's own columns.
    ///
    /// Separate several by commas; they are written in the order given here. A record that lacks one of them
    /// gets an empty cell, as does every text file. A field that is called like one of sayso's own columns is
    /// written as doc_NAME. Points in time of parquet and arrow files are written in UTC.
    #[arg(short, long, value_name = "COL,COL", value_delimiter = ',')]
    pub keep: Vec<String>,

    /// Mark rows whose label is less certain than P.
    ///
    /// Adds the column uncertain, true where the confidence is below P and false elsewhere; the label stays as it is.
    /// P is a probability, 0 to 1. The model card says how many labels are right above which confidence.
    #[arg(long, value_name = "P", value_parser = confidence)]
    pub min_confidence: Option<f32>,

    /// Write the rejected records to FILE as well, one JSON object per line.
    ///
    /// Each has "file"; "record", its line or row from 1 (in csv and tsv not counting the first row); "offset",
    /// its first byte from 0, after decompression; "document", its id where that is known; "reason"; and "raw",
    /// the record as it stands in the file, or "raw_hex", its bytes in hexadecimal digits where they are not
    /// UTF-8. What is not known is null: a file of text has no raw, nor a row of parquet or arrow, nor a record
    /// over the limit of size. FILE is replaced when the run ends, however it ends; it is empty if nothing was
    /// rejected.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,

    /// Stop with exit status 2 as soon as more than N records are rejected.
    ///
    /// An input that cannot be used counts as one. Rows that were written to standard output stay, a FILE of
    /// --output is left as it was, and what was done is kept for --resume.
    #[arg(long, value_name = "N")]
    pub max_rejects: Option<u64>,

    /// Go on with a run that was not finished.
    ///
    /// While a run writes FILE, it keeps what it has done in FILE.progress, and the rows so far in FILE.partial. When it
    /// was killed, stopped by Ctrl-C or failed, the same command with --resume takes from there what was done, labels
    /// the rest, and writes what an undisturbed run would have written, to the byte. It is refused if the inputs, the model
    /// or an option that changes rows are not what they were. Without an unfinished run it begins one.
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,

    /// Begin anew even if there is an unfinished run, and give up what it has done.
    #[arg(long)]
    pub force: bool,

    /// Label only the I-th of N parts of the corpus, for N machines.
    ///
    /// The document's id decides which part it is in (its SHA-256 modulo N), so that machines that are given the same
    /// inputs and ids label each document once between them. Where the id is made of file and record, they must
    /// be given the inputs by the same names. Records without an id belong to a part as well and are rejected once.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Reject records longer than BYTES.
    ///
    /// Counted after decompression: a text file, a line, a row, or a cell of parquet or arrow. The others are
    /// still labelled. A document under the limit is read into memory whole, as are a batch of arrow and a page of
    /// parquet, which may be sixteen times as large.
    #[arg(long, value_name = "BYTES", default_value_t = InputOptions::DEFAULT_MAX_RECORD_BYTES)]
    pub max_record_bytes: usize,

    /// Say nothing but which records were rejected.
    ///
    /// Hides the progress bar (which is shown only where standard error is a terminal), the guesses of
    /// columns, the warnings and the closing summary. The exit status is the same.
    #[arg(short, long)]
    pub quiet: bool,

    /// How to write standard error: lines for people, or one JSON object per line for programs.
    ///
    /// In JSON every line has "time", "level" (info, warning, error), "event", "message", and fields of the event: reject,
    /// warning, guess, resume, progress (every ten seconds), kept (when a run ends early), error, done.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log: LogFormat,

    #[command(flatten)]
    pub engine: EngineArguments,
}

/// Make a page about a labelled corpus.
///
/// Reads the rows that "sayso label" wrote and makes one HTML file of them: shares of the labels with 95 % intervals, by
/// group and over time, the most frequent sources, and documents to read with every sentence marked. The page needs
/// no network; it opens from disk.
#[derive(Debug, Args)]
#[command(after_long_help = REPORT_NOTES)]
pub struct ReportArguments {
    /// Files and directories of rows that "sayso label" wrote; "-" is standard input.
    ///
    /// csv, tsv, jsonl, parquet and arrow by their extensions, all but parquet also as .gz and .zst. Several files are one
    /// corpus. Other columns may stand between sayso's, in any order.
    #[arg(value_name = "LABELS", required = true)]
    pub labels: Vec<PathBuf>,

    /// Write the page to FILE; "-" is standard output.
    ///
    /// FILE is replaced only once the page is made.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Show shares over time, by the dates in COL.
    ///
    /// A column that was kept by "sayso label --keep". Dates and timestamps of ISO 8601 are read, such as 2024-03-09 or
    /// 2024-03-09T18:30:00Z; a timestamp counts for the day that it names, whatever its zone. Documents whose date is missing
    /// or of another kind are counted and named on the page.
    #[arg(long, value_name = "COL")]
    pub date_column: Option<String>,

    /// Compare groups of documents by COL, such as the outlet or the country.
    ///
    /// A column that was kept by "sayso label --keep".
    #[arg(long, value_name = "COL")]
    pub group_column: Option<String>,

    /// Show the N groups with the most sentences, and put the others together.
    #[arg(long, value_name = "N", default_value_t = ReportOptions::DEFAULT_GROUPS)]
    pub groups: usize,

    /// Carry at most N documents with their text.
    ///
    /// Figures are of all rows. Documents are chosen by a hash of their ids, so that the choice is the same however
    /// the rows are ordered; fewer are carried where the page would be larger than --max-page-bytes.
    #[arg(long, value_name = "N", default_value_t = ReportOptions::DEFAULT_DOCUMENTS)]
    pub documents: usize,

    /// Take labels for uncertain that are less sure than P.
    ///
    /// P is a probability, 0 to 1. Without this flag the column uncertain of the rows says it ("sayso label
    /// --min-confidence"); of rows without that column, those below 0.5 are uncertain, more likely wrong than right.
    #[arg(long, value_name = "P", value_parser = confidence)]
    pub min_confidence: Option<f32>,

    /// Heading of the page.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "Who says so, and do they deny it?"
    )]
    pub title: String,

    /// Keep the page under BYTES.
    #[arg(long, value_name = "BYTES", default_value_t = ReportOptions::DEFAULT_PAGE_BYTES)]
    pub max_page_bytes: usize,

    /// Format of every input, whatever its extension: csv, tsv, jsonl, parquet or arrow.
    ///
    /// csv and tsv need it on standard input.
    #[arg(short, long, value_name = "FORMAT", value_parser = document_formats())]
    pub input_format: Option<InputFormat>,

    /// Say nothing but which rows could not be read.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Measure the model on sentences that people have labelled.
///
/// Labels the sentences of gold files, each after its context, and compares. For each axis (label, stance,
/// attribution, anonymity) it reports precision, recall, F1 and support per class, the macro average of F1
/// over all classes, the accuracy, and the confusion matrix. Anonymity is compared only where both the gold
/// attribution and the predicted one are anonymous.
#[derive(Debug, Args)]
#[command(after_long_help = EVAL_NOTES)]
pub struct EvalArguments {
    /// Gold files (jsonl) and directories of them.
    #[arg(value_name = "GOLD", required = true)]
    pub gold: Vec<PathBuf>,

    /// How to print the figures.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub format: ReportFormat,

    /// Use only the excerpts whose "selection" is NAME.
    ///
    /// Gold excerpts may be drawn at random or enriched in rare classes; figures that should speak for running
    /// news need those drawn at random alone, e.g. "natural".
    #[arg(short, long, value_name = "NAME")]
    pub selection: Option<String>,

    /// Hide the progress bar and the warnings.
    #[arg(short, long)]
    pub quiet: bool,

    #[command(flatten)]
    pub engine: EngineArguments,
}

/// Describe the model: its size, its labels and how it decides.
#[derive(Debug, Args)]
pub struct InfoArguments {
    /// How to print the description.
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub format: ReportFormat,

    #[command(flatten)]
    pub model: ModelArguments,
}

#[derive(Debug, Args)]
pub struct ModelArguments {
    /// Use the model in DIR instead of the built-in one.
    ///
    /// DIR holds config.json, tokenizer.json and weights: model.safetensors, model.int8.safetensors or both. A model
    /// that is incomplete or damaged is refused before any input is read.
    #[arg(short, long, value_name = "DIR")]
    pub model: Option<PathBuf>,

    /// How to run the model.
    ///
    /// int8 computes in 8-bit integers. f32 computes in 32-bit floating point, more slowly; a few labels in a
    /// thousand differ. reference is f32 in plain code, many times slower, to check the others by. rust-bert is
    /// f32 on libtorch, in programs built with it. The built-in model has 8-bit weights only: all but int8
    /// need --model.
    #[arg(long, value_name = "ENGINE", value_parser = engines(), default_value = EngineKind::default().name())]
    pub engine: EngineKind,

    /// Where the engine rust-bert computes: cpu, or cuda:N for a GPU by its number.
    #[arg(long, value_name = "DEVICE", default_value_t = Device::Cpu)]
    pub device: Device,
}

#[derive(Debug, Args)]
pub struct EngineArguments {
    #[command(flatten)]
    pub model: ModelArguments,

    /// Number of threads that label documents; by default one per processor core.
    ///
    /// The rows and their order do not depend on it.
    #[arg(short = 'j', long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// Aligned columns, for reading
    Table,
    /// One JSON object, for programs
    Json,
}

fn row_formats() -> impl TypedValueParser<Value = OutputFormat> {
    PossibleValuesParser::new(OutputFormat::names()).try_map(|name| name.parse::<OutputFormat>())
}

fn engines() -> impl TypedValueParser<Value = EngineKind> {
    let names = PossibleValuesParser::new(EngineKind::ALL.map(EngineKind::name));
    names.try_map(|name| EngineKind::from_name(&name).ok_or("unknown engine"))
}

fn confidence(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("not a number from 0 to 1".to_owned()),
    }
}

fn document_formats() -> impl TypedValueParser<Value = InputFormat> {
    PossibleValuesParser::new(InputFormat::names()).try_map(|name| name.parse::<InputFormat>())
}

const EXIT_STATUS: &str = "\
For all about a command: sayso <COMMAND> --help

Exit status: 0 if all went well, 1 if some records were rejected, 2 if nothing could be done.";

const LABEL_NOTES: &str = "\
Output columns, in this order:
  doc_id              the document
  sentence            number of the sentence in its document, from 0
  start, end          where it stands, in Unicode code points: text[start:end] in Python
  text                the sentence
  label               assertion, denial, anonymous or none
  confidence          probability of the label, 0 to 1
  stance              assert, deny, no_comment or none
  p_assert, p_deny, p_no_comment
                      probabilities of the stances; that of none is what remains to 1
  attribution         none, named, anonymous or unspecified
  p_named, p_anonymous, p_unspecified
                      probabilities of the attributions; that of none is what remains to 1
  anonymity           explicit, role, group or document; empty unless attribution is anonymous
  source, cue         the words that name the source and that attribute; empty where there are
                      none in the sentence, and where the attribution is none
  uncertain           true if confidence is below P; only with --min-confidence P
followed by the columns of --keep. Rows in all formats but csv and tsv have spans before these: every
source, cue and content that was marked in the sentence, as {\"kind\", \"start\", \"end\"}. On a terminal, line
ends and control characters of the corpus are shown as escapes.

An anonymous denial has the label anonymous; its stance still says deny.

Examples:
  sayso label article.txt
  sayso label articles/ -o sentences.csv
  sayso label corpus.jsonl -o sentences.parquet
  sayso label corpus.jsonl -o sentences.jsonl.zst
  sayso label corpus.jsonl --text-column body --id-column url --keep date,outlet -o sentences.tsv
  sayso label corpus.jsonl -o sentences.csv --resume
  sayso label corpus/ --shard 2/7 -o sentences-2.parquet
  sayso label corpus/ --glob '2024-*.csv.gz' --rejects rejects.jsonl -o sentences.csv
  curl -s https://example.org/article.txt | sayso label --format jsonl

Exit status: 0 if every record was labelled, 1 if some were rejected, 2 if nothing could be done or
the run could not go on (a full disk, --max-rejects), 130 if it was stopped by Ctrl-C.";

const EVAL_NOTES: &str = "\
A gold file has one excerpt per line:
  {\"doc_id\": \"…\", \"selection\": \"natural\", \"context\": [\"…\"],
   \"sentences\": [{\"text\": \"…\", \"stance\": \"deny\", \"attribution\": \"anonymous\", \"anonymity\": \"role\"}]}
context and selection may be left out; anonymity is needed only where the attribution is anonymous.

In a confusion matrix the rows are gold and the columns predicted. A class that neither side has gets
F1 0 and counts in the macro average.

Exit status: 0 if every excerpt was compared, 1 if some were rejected, 2 if nothing could be done.";

const REPORT_NOTES: &str = "\
A row that cannot be read is named on standard error with its file, its number and the reason, and is in none of the
figures; so is a file that lacks one of sayso's columns.

Examples:
  sayso label corpus.jsonl --keep outlet,date -o rows.parquet
  sayso report rows.parquet --group-column outlet --date-column date -o report.html
  sayso report 2023.csv.gz 2024.csv.gz --documents 50 -o report.html

Exit status: 0 if every row was read, 1 if some were rejected, 2 if there is no page.";

const COMPLETIONS_NOTES: &str = "\
Examples:
  sayso completions bash > ~/.local/share/bash-completion/completions/sayso
  sayso completions zsh > ~/.zfunc/_sayso
  sayso completions fish > ~/.config/fish/completions/sayso.fish";
