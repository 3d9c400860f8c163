//! The seeds: small inputs, one per thing that a reader knows, from which mutations set out.
//!
//! They are kept as files in `fuzz/seeds/`, where libFuzzer finds them; what once was a finding lies beside them.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, ListBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray,
    TimestampMicrosecondArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterVersion};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Target, name and content of every seed but those that were findings.
pub fn all() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut seeds: Vec<_> = TEXTS
        .iter()
        .map(|(target, name, text)| (*target, *name, text.as_bytes().to_vec()))
        .collect();
    for (name, bytes) in archives() {
        seeds.push(("compressed", name, bytes.clone()));
        seeds.push(("guessed", name, bytes));
    }
    for (name, compression) in [
        ("plain", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("zstd", Compression::ZSTD(Default::default())),
        ("gzip", Compression::GZIP(Default::default())),
        ("lz4", Compression::LZ4_RAW),
    ] {
        seeds.push(("parquet", name, parquet(compression, WriterVersion::PARQUET_1_0)));
    }
    seeds.push((
        "parquet",
        "pages_2",
        parquet(Compression::SNAPPY, WriterVersion::PARQUET_2_0),
    ));
    for (name, compression) in [
        ("file", None),
        ("file_lz4", Some(CompressionType::LZ4_FRAME)),
        ("file_zstd", Some(CompressionType::ZSTD)),
    ] {
        seeds.push(("arrow", name, arrow_file(compression)));
    }
    seeds.push(("arrow", "stream", arrow_stream()));
    seeds.push(("guessed", "arrow", arrow_stream()));
    seeds.push((
        "guessed",
        "parquet",
        parquet(Compression::SNAPPY, WriterVersion::PARQUET_1_0),
    ));
    for (name, is_int8) in [("floats", false), ("int8", true)] {
        seeds.push(("weights", name, weights(is_int8)));
    }
    seeds
}

const TEXTS: &[(&str, &str, &str)] = &[
    (
        "jsonl",
        "texts",
        "\u{feff}{\"text\": \"Rain fell.\", \"outlet\": \"Karst Post\"}\r\n\n {\"id\": 7, \"body\": \"\\u00dcbel \\ud83d\\ude42\"}\n",
    ),
    (
        "jsonl",
        "sentences",
        "{\"doc_id\": \"a\", \"context\": [\"Before.\"], \"sentences\": [\"One.\", {\"text\": \"Two.\"}]}\n{\"sentences\": null}\n",
    ),
    (
        "jsonl",
        "wrong",
        "[1]\n{\n{\"text\": 3}\n{\"doc_id\": \"a\", \"text\": \"\"}\n{\"doc_id\": \"a\", \"text\": \"\"}\nnull\n\"x\"\n",
    ),
    (
        "gold",
        "labels",
        "{\"doc_id\": \"a\", \"source\": \"post\", \"selection\": \"natural\", \"sentences\": [{\"text\": \"He denied it.\", \"stance\": \"deny\", \"attribution\": \"named\"}, {\"text\": \"So aides say.\", \"stance\": \"assert\", \"attribution\": \"anonymous\", \"anonymity\": \"role\", \"unsure\": true}]}\n",
    ),
    (
        "gold",
        "wrong",
        "{\"sentences\": [{\"text\": \"No.\", \"stance\": \"denies\", \"attribution\": \"none\"}]}\n{\"sentences\": [{\"text\": \"No.\", \"stance\": \"deny\", \"attribution\": \"named\", \"anonymity\": \"role\"}]}\n",
    ),
    (
        "csv",
        "rows",
        "\0one,It rained.\n\"two\",\"A \"\"quoted\"\" word,\r\nand a line\"\n\n3,x,y\n",
    ),
    (
        "csv",
        "own_header",
        "\x01\u{feff}url,Body,outlet\r\nu1,Rain fell.,Post\r\nu2,,\r\n",
    ),
    (
        "csv",
        "open_quotes",
        "\0a,\"never closed\nb,\"c\nz\"a,\"b\nz\"a,\"b\n",
    ),
    (
        "csv",
        "limited",
        "\x02one,a cell that goes on and on and on and on and on and on and on and on\ntwo,short\n",
    ),
    ("tsv", "rows", "\0one\tIt rained.\n\"two\"\t\"A tab\tinside\"\n"),
    ("tsv", "own_header", "\x01id\ttext\toutlet\n1\tRain.\tPost\n"),
    (
        "text",
        "article",
        "\u{feff}VESTA (NWA) — Rain fell.\n\n“No,” she said.\n",
    ),
    ("text", "binary", "\x7fELF\0\0"),
    ("guessed", "json", " \n{\"text\": \"Rain.\"}\n"),
    ("guessed", "text", "Rain fell in Karst.\n"),
    (
        "cut_off",
        "gzip",
        "\0\x20\0{\"text\": \"Rain.\"}\n{\"text\": \"Snow.\"}\n",
    ),
    (
        "cut_off",
        "zstd",
        "\x01\x18\0{\"text\": \"Rain.\"}\n{\"text\": \"Snow.\"}\n",
    ),
    (
        "segmenter",
        "article",
        "By Petra Lind\n\nVESTA, Orland (NWA) — U.S. officials met Lt. Gen. Ida Lind at 5 a.m. on Jan. 6. “We sell bread,” the envoy said. “Nothing else.” » (He laughed.) Read more\n\n- One\n- Two\n",
    ),
    (
        "segmenter",
        "marks",
        "...?!”“\"’»«()\u{2028}\u{a0}Mr. p.m.3.5 www.a@b.org ab/cd (NWA),;\u{301}日本。🙂",
    ),
    (
        "windows",
        "sentences",
        "\x40\x10\x20\x08\x02\x03\x10\0\x20\x40\x05\x05",
    ),
    (
        "windows",
        "narrow",
        "\x08\x02\x08\x03\0\x01\x02\x03\x04\x05\x06\x07\x08\x09",
    ),
    (
        "labelling",
        "text",
        "\0Mayor Ilse Brønlund denied it. “Not one krone is missing,” she told the council 🙂. Two officials said so.\n\nNobody was hurt.",
    ),
    (
        "labelling",
        "sentences",
        "\x03Before.\nThe owner rejected it.\n\nÜbel \u{301}\u{200d} said. [SEP] ##ed",
    ),
    (
        "tokenizer",
        "uncased",
        "{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"added_tokens\": [{\"id\": 1, \"content\": \"[SEP]\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}], \"normalizer\": {\"type\": \"BertNormalizer\", \"clean_text\": true, \"handle_chinese_chars\": true, \"strip_accents\": null, \"lowercase\": true}, \"pre_tokenizer\": {\"type\": \"BertPreTokenizer\"}, \"post_processor\": null, \"decoder\": {\"type\": \"WordPiece\", \"prefix\": \"##\", \"cleanup\": true}, \"model\": {\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"continuing_subword_prefix\": \"##\", \"max_input_chars_per_word\": 100, \"vocab\": {\"[UNK]\": 0, \"[SEP]\": 1, \"it\": 2, \"rain\": 3, \"##ed\": 4, \"a\": 5, \"##a\": 6, \".\": 7}}}",
    ),
    (
        "tokenizer",
        "words",
        "{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"added_tokens\": [], \"normalizer\": null, \"pre_tokenizer\": {\"type\": \"Whitespace\"}, \"post_processor\": null, \"decoder\": null, \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"[UNK]\": 0, \"It\": 1, \"rained\": 2}, \"unk_token\": \"[UNK]\"}}",
    ),
];

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let lines = "{\"text\": \"Rain fell.\"}\n{\"text\": \"Snow fell.\"}\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(lines.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(lines.as_bytes(), 3).unwrap();
    vec![
        ("members_gzip", [gzip.clone(), gzip.clone()].concat()),
        ("frames_zstd", [zstd.clone(), zstd.clone()].concat()),
        ("gzip", gzip),
        ("zstd", zstd),
    ]
}

/// Columns of every layout that the readers know.
fn batch() -> RecordBatch {
    let mut lists = ListBuilder::new(Int64Builder::new());
    for length in 0..3_i64 {
        (0..length).for_each(|number| lists.values().append_value(number));
        lists.append(true);
    }
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("id", Arc::new(Int64Array::from(vec![7, -8, 9])), true),
        (
            "text",
            Arc::new(StringArray::from(vec![
                Some("Rain fell."),
                None,
                Some("“Snow,” she said.\n"),
            ])),
            true,
        ),
        (
            "outlet",
            Arc::new(DictionaryArray::<Int32Type>::from_iter([
                Some("Post"),
                Some("Post"),
                None,
            ])),
            true,
        ),
        (
            "number",
            Arc::new(Float64Array::from(vec![0.5, -1.25, 1e300])),
            true,
        ),
        (
            "when",
            Arc::new(
                TimestampMicrosecondArray::from(vec![0, 1, 1_700_000_000_000_000]).with_timezone("+02:00"),
            ),
            true,
        ),
        (
            "view",
            Arc::new(StringViewArray::from(vec![
                "short",
                "a text that is longer than twelve bytes",
                "",
            ])),
            true,
        ),
        ("list", Arc::new(lists.finish()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn parquet(compression: Compression, version: WriterVersion) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_writer_version(version)
        .build();
    let batch = batch();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn arrow_stream() -> Vec<u8> {
    let batch = batch();
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.write(&batch.slice(1, 2)).unwrap();
    writer.into_inner().unwrap()
}

fn arrow_file(compression: Option<CompressionType>) -> Vec<u8> {
    let batch = batch();
    let options = IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

/// The tensors of the model that `fuzz/seeds/config/tiny.json` describes.
fn weights(is_int8: bool) -> Vec<u8> {
    let (hidden, inner) = (8, 16);
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    for (part, rows) in [("word", 12), ("position", 16), ("token_type", 1)] {
        shapes.push((
            format!("bert.embeddings.{part}_embeddings.weight"),
            vec![rows, hidden],
        ));
    }
    let mut norms = vec!["bert.embeddings.LayerNorm".to_owned()];
    let mut linear = vec![("tags".to_owned(), 9, hidden)];
    for axis in ["stance", "attribution", "anonymity"] {
        linear.push((format!("heads.{axis}"), 4, 2 * hidden));
    }
    for layer in 0..2 {
        let name = |part: &str| format!("bert.encoder.layer.{layer}.{part}");
        norms.extend([name("attention.output.LayerNorm"), name("output.LayerNorm")]);
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            linear.push((name(&format!("attention.{part}")), hidden, hidden));
        }
        linear.push((name("intermediate.dense"), inner, hidden));
        linear.push((name("output.dense"), hidden, inner));
    }
    for norm in norms {
        shapes.extend([
            (format!("{norm}.weight"), vec![hidden]),
            (format!("{norm}.bias"), vec![hidden]),
        ]);
    }
    for (name, outputs, inputs) in linear {
        shapes.extend([
            (format!("{name}.weight"), vec![outputs, inputs]),
            (format!("{name}.bias"), vec![outputs]),
        ]);
    }
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for (name, shape) in shapes {
        let count: usize = shape.iter().product();
        let is_matrix = is_int8 && shape.len() == 2 && (name.contains("layer") || name.contains("word"));
        if is_matrix {
            let scales = vec![0.02_f32.to_le_bytes(); shape[0]].concat();
            tensors.push((format!("{name}_scale"), Dtype::F32, vec![shape[0]], scales));
            let bytes = (0..count).map(|index| (index * 37 % 127) as u8).collect();
            tensors.push((name, Dtype::I8, shape, bytes));
        } else {
            let number = |index: usize| half::f16::from_f32((index * 37 % 64) as f32 / 64.0 - 0.5);
            let bytes = (0..count).flat_map(|index| number(index).to_le_bytes()).collect();
            tensors.push((name, Dtype::F16, shape, bytes));
        }
    }
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (
            name.as_str(),
            TensorView::new(*dtype, shape.clone(), bytes).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}
