//! Text files, one document each.

use super::*;

#[test]
fn a_file_is_one_document_named_by_its_path() {
    let root = folder(&[("harbour.txt", "The mayor of Tarn spoke.\r\nNobody listened.\n")]);
    let path = root.path().join("harbour.txt");
    let options = InputOptions::default();
    let found = discover(std::slice::from_ref(&path), &options);
    let document = one(documents(found.sources, &options).collect());
    let content = "The mayor of Tarn spoke.\r\nNobody listened.\n";
    let name = path.display().to_string();
    assert_eq!(document, read_from(&name, None, &name, content));
}

#[test]
fn a_byte_order_mark_is_no_text() {
    assert_eq!(
        one(text("\u{feff}Rain fell.")).body,
        Body::Text("Rain fell.".into())
    );
}

#[test]
fn an_empty_file_is_an_empty_document() {
    assert_eq!(one(text("")).body, Body::Text(String::new()));
    assert_eq!(one(text(" \n\t")).body, Body::Text(" \n\t".into()));
}

#[test]
fn kept_columns_are_empty() {
    let options = InputOptions {
        keep: vec!["outlet".into()],
        ..InputOptions::default()
    };
    let document = one(read_as(InputFormat::Text, "Rain fell.", &options));
    assert_eq!(document.metadata, [("outlet".to_owned(), String::new())]);
}

#[test]
fn invalid_utf8_is_rejected_with_its_byte() {
    let message = message(text(b"caf\xe9 au lait".to_vec()));
    assert_eq!(message, "corpus: not valid UTF-8 at byte 3");
}

#[test]
fn a_nul_byte_is_rejected_as_binary() {
    let message = message(text(b"\x7fELF\x00".to_vec()));
    assert_eq!(message, "corpus: looks like a binary file: NUL at byte 4");
}

#[test]
fn utf16_is_rejected_as_binary() {
    assert_eq!(
        message(text(b"\xff\xfeR\x00".to_vec())),
        "corpus: looks like a binary file: NUL at byte 3"
    );
}
