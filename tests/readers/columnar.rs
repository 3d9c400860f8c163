//! Parquet and Arrow: every layout of text, kept columns in a plain form, files that are damaged.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, LargeStringArray, RecordBatch,
    StringArray, StringViewArray, TimestampMicrosecondArray, types::Int32Type,
};
use arrow_ipc::{
    CompressionType,
    writer::{FileWriter, IpcWriteOptions, StreamWriter},
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, GzipLevel, ZstdLevel},
    file::properties::WriterProperties,
};

use super::*;

const TEXTS: [Option<&str>; 3] = [Some("Rain fell."), None, Some("“Snow,” she said.\n")];

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn corpus() -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![7, -8, 9]));
    batch(vec![
        ("id", ids),
        ("text", Arc::new(StringArray::from(TEXTS.to_vec()))),
    ])
}

fn parquet(batches: &[RecordBatch], compression: Compression) -> Vec<u8> {
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batches[0].schema(), Some(properties)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn arrow_stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn arrow_file(batches: &[RecordBatch], compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default()
        .try_with_compression(compression)
        .unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batches[0].schema(), options).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

/// One batch in every format.
fn files(batch: &RecordBatch) -> [(InputFormat, Vec<u8>); 3] {
    let batches = std::slice::from_ref(batch);
    [
        (InputFormat::Parquet, parquet(batches, Compression::SNAPPY)),
        (InputFormat::Arrow, arrow_file(batches, None)),
        (InputFormat::Arrow, arrow_stream(batches)),
    ]
}

const EXPECTED: [&str; 3] = [
    "7",
    "corpus:2: document \"-8\": field \"text\": expected a string, found null",
    "9",
];

#[test]
fn a_row_is_a_document() {
    for (format, bytes) in files(&corpus()) {
        let items = read_as(format, bytes, &InputOptions::default());
        let first = items[0].as_ref().unwrap();
        assert_eq!((first.origin.record, first.origin.offset), (Some(1), None));
        assert_eq!(
            items[2].as_ref().unwrap().body,
            Body::Text(TEXTS[2].unwrap().into())
        );
        assert_eq!(shown(items), EXPECTED, "{format}");
    }
}

#[test]
fn every_compression_of_pages_and_buffers_is_read() {
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ] {
        let items = read_as(
            InputFormat::Parquet,
            parquet(&[corpus()], compression),
            &InputOptions::default(),
        );
        assert_eq!(shown(items), EXPECTED, "{compression:?}");
    }
    for compression in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        let bytes = arrow_file(&[corpus()], Some(compression));
        assert_eq!(
            shown(read_as(InputFormat::Arrow, bytes, &InputOptions::default())),
            EXPECTED
        );
    }
}

#[test]
fn a_file_and_a_stream_give_the_same() {
    for (format, bytes) in files(&corpus()) {
        let root = TempDir::new().unwrap();
        let path = root.path().join(format!("corpus.{format}"));
        fs::write(&path, &bytes).unwrap();
        let options = InputOptions::default();
        let found = discover(&[path], &options);
        assert_eq!(found.sources[0].format(), Some(format));
        let stream = documents(found.sources, &options);
        let progress = stream.progress();
        assert_eq!(stream.count(), 3);
        assert!(progress.read() > 0 && progress.read() <= bytes.len() as u64);
        let source = Source::from_reader("corpus", None, io::Cursor::new(bytes));
        assert_eq!(
            shown(documents(vec![source], &options).collect()),
            EXPECTED,
            "by its first bytes: {format}"
        );
    }
}

#[test]
fn text_is_read_in_every_layout() {
    let dictionary: DictionaryArray<Int32Type> = TEXTS.into_iter().collect();
    let layouts: [ArrayRef; 4] = [
        Arc::new(StringArray::from(TEXTS.to_vec())),
        Arc::new(LargeStringArray::from(TEXTS.to_vec())),
        Arc::new(StringViewArray::from(TEXTS.to_vec())),
        Arc::new(dictionary),
    ];
    for layout in layouts {
        let kind = layout.data_type().clone();
        for (format, bytes) in files(&batch(vec![("body", layout.clone())])) {
            let items = read_as(format, bytes, &InputOptions::default());
            let bodies: Vec<_> = items
                .into_iter()
                .map(|item| item.ok().map(|it| it.body))
                .collect();
            let expected = TEXTS.map(|text| text.map(|text| Body::Text(text.into())));
            assert_eq!(bodies, expected, "{kind} in {format}");
        }
    }
}

#[test]
fn kept_columns_are_written_plainly() {
    let times = TimestampMicrosecondArray::from(vec![1_700_000_000_000_000]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("words", Arc::new(Int64Array::from(vec![1200]))),
        ("score", Arc::new(Float64Array::from(vec![0.25]))),
        ("paid", Arc::new(BooleanArray::from(vec![true]))),
        ("when", Arc::new(times.clone())),
        ("zoned", Arc::new(times.with_timezone("Europe/Oslo"))),
        ("nothing", Arc::new(StringArray::from(vec![None::<&str>]))),
        ("text", Arc::new(StringArray::from(vec![""]))),
    ];
    let names = ["zoned", "when", "words", "score", "paid", "nothing", "gone"];
    let options = InputOptions {
        keep: names.map(String::from).to_vec(),
        ..InputOptions::default()
    };
    for (format, bytes) in files(&batch(columns)) {
        let document = one(read_as(format, bytes, &options));
        let values: Vec<_> = document
            .metadata
            .iter()
            .map(|(_, value)| value.as_str())
            .collect();
        let expected = [
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20",
            "1200",
            "0.25",
            "true",
            "",
            "",
        ];
        assert_eq!(values, expected, "{format}");
    }
}

#[test]
fn columns_of_the_wrong_kind_reject_the_file() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.5]));
    let text: ArrayRef = Arc::new(StringArray::from(vec![""]));
    for (columns, expected) in [
        (
            vec![("text", numbers.clone())],
            "corpus: column \"text\": expected text, found Int64",
        ),
        (
            vec![("id", floats), ("text", text.clone())],
            "corpus: column \"id\": expected text or whole numbers, found Float64",
        ),
        (
            vec![("a", numbers), ("b", text)],
            "corpus: no column is called text, body, content, article; there are: a, b",
        ),
    ] {
        for (format, bytes) in files(&batch(columns.clone())) {
            assert_eq!(
                message(read_as(format, bytes, &InputOptions::default())),
                expected
            );
        }
    }
}

#[test]
fn a_text_over_the_limit_costs_its_row_alone() {
    let options = InputOptions {
        max_record_bytes: 10,
        ..InputOptions::default()
    };
    let texts = StringArray::from(vec!["Rain fell.", "Rain fell again.", ""]);
    for (format, bytes) in files(&batch(vec![("text", Arc::new(texts) as ArrayRef)])) {
        let expected = [
            "corpus#1",
            "corpus:2: document \"corpus#2\": longer than the limit of 10 bytes",
            "corpus#3",
        ];
        assert_eq!(shown(read_as(format, bytes, &options)), expected);
    }
}

#[test]
fn of_a_stream_that_was_cut_off_the_batches_before_the_cut_are_read() {
    let more = batch(vec![
        ("id", Arc::new(Int64Array::from(vec![10])) as ArrayRef),
        ("text", Arc::new(StringArray::from(vec!["Late."]))),
    ]);
    for bytes in [
        arrow_stream(&[corpus(), more.clone()]),
        arrow_file(&[corpus(), more], None),
    ] {
        let whole = shown(read_as(
            InputFormat::Arrow,
            bytes.clone(),
            &InputOptions::default(),
        ));
        assert_eq!(whole.len(), 4, "{whole:?}");
        let late = bytes.windows(5).rposition(|window| window == b"Late.").unwrap();
        let cut = shown(read_as(
            InputFormat::Arrow,
            &bytes[..late],
            &InputOptions::default(),
        ));
        assert_eq!(cut[..3], EXPECTED);
        assert_eq!(cut.len(), 4, "{cut:?}");
        assert!(cut[3].starts_with("corpus:4: cannot be read: "), "{}", cut[3]);
    }
}

#[test]
fn a_damaged_parquet_file_is_one_reject() {
    let bytes = parquet(&[corpus()], Compression::SNAPPY);
    for damaged in [&bytes[..bytes.len() - 9], &bytes[..3], b"Rain fell."] {
        let message = message(read_as(InputFormat::Parquet, damaged, &InputOptions::default()));
        assert!(message.starts_with("corpus: cannot be read: "), "{message}");
    }
}

#[test]
fn parquet_within_gzip_is_refused() {
    let bytes = zstd::encode_all(&*parquet(&[corpus()], Compression::SNAPPY), 1).unwrap();
    let expected = "corpus: a parquet file cannot be read from within gzip or zstd; decompress it first";
    assert_eq!(
        message(read_as(InputFormat::Parquet, bytes, &InputOptions::default())),
        expected
    );
}

#[test]
fn rows_beyond_one_batch_keep_their_numbers() {
    let texts: Vec<String> = (0..5000).map(|number| format!("Story {number}.")).collect();
    let batch = batch(vec![(
        "text",
        Arc::new(StringArray::from(texts.clone())) as ArrayRef,
    )]);
    for (format, bytes) in files(&batch) {
        let items = read_as(format, bytes, &InputOptions::default());
        assert_eq!(items.len(), texts.len());
        for (number, (item, text)) in items.into_iter().zip(&texts).enumerate() {
            let document = item.unwrap();
            assert_eq!(document.id, format!("corpus#{}", number + 1));
            assert_eq!(document.body, Body::Text(text.clone()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No flipped bit ends the run: the reader gives documents and rejects, and stops.
    #[test]
    fn damage_anywhere_is_harmless(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        for (format, mut bytes) in files(&corpus()) {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            let items = read_as(format, bytes, &InputOptions::default());
            prop_assert!(items.len() <= 64, "{}", items.len());
        }
    }
}
