//! Gold files: every label is read, and a label that is none is refused by name.

use sayso::{
    document::{Document, Origin},
    error::Reject,
    input::{
        InputOptions, Source,
        gold::{self, GoldDocument, GoldSentence},
    },
    prediction::{Anonymity, Attribution, Stance},
};

fn read(content: &str) -> Vec<Result<GoldDocument, Reject>> {
    let source = Source::from_reader("gold.jsonl", None, std::io::Cursor::new(content.to_owned()));
    gold::documents(vec![source], &InputOptions::default()).collect()
}

/// The message for a file of one document with one sentence object.
fn message(sentence: &str) -> String {
    let items = read(&format!(r#"{{"doc_id": "a", "sentences": [{sentence}]}}"#));
    assert_eq!(items.len(), 1, "{items:?}");
    items.into_iter().next().unwrap().unwrap_err().to_string()
}

#[test]
fn every_field_is_read() {
    let line = concat!(
        r#"{"doc_id": "tarn#3", "source": "fictional", "selection": "natural", "title": "Ferry", "context": ["Rain."], "#,
        r#""sentences": [{"text": "The ferry sank.", "stance": "assert", "attribution": "none"}, "#,
        r#"{"text": "A deckhand denied it.", "stance": "deny", "attribution": "anonymous", "anonymity": "role", "#,
        r#""unsure": true}]}"#
    );
    let items = read(line);
    let sentences = vec!["The ferry sank.".to_owned(), "A deckhand denied it.".to_owned()];
    let expected = GoldDocument {
        document: Document {
            id: "tarn#3".into(),
            metadata: Vec::new(),
            body: sayso::document::Body::Sentences {
                context: vec!["Rain.".into()],
                sentences,
            },
            origin: Origin {
                file: "gold.jsonl".into(),
                record: Some(1),
                offset: Some(0),
            },
        },
        gold: vec![
            GoldSentence {
                stance: Stance::Assert,
                attribution: Attribution::None,
                anonymity: None,
                unsure: false,
            },
            GoldSentence {
                stance: Stance::Deny,
                attribution: Attribution::Anonymous,
                anonymity: Some(Anonymity::Role),
                unsure: true,
            },
        ],
        source: Some("fictional".into()),
        selection: Some("natural".into()),
    };
    assert_eq!(items.len(), 1);
    assert_eq!(items.into_iter().next().unwrap().unwrap(), expected);
}

#[test]
fn where_it_comes_from_need_not_be_said() {
    let items = read(r#"{"sentences": []}"#);
    let gold = items[0].as_ref().unwrap();
    assert_eq!((&gold.source, &gold.selection), (&None, &None));
    assert_eq!(gold.document.id, "gold.jsonl#1");
}

#[test]
fn a_broken_document_costs_itself_alone() {
    let items = read("{\"id\": \"a\", \"sentences\": []}\nnonsense\n{\"id\": \"b\", \"sentences\": []}\n");
    let ok: Vec<_> = items.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, false, true]);
}

#[test]
fn an_id_used_twice_is_refused() {
    let items = read("{\"id\": \"a\", \"sentences\": []}\n{\"id\": \"a\", \"sentences\": []}\n");
    let reject = items[1].as_ref().unwrap_err().to_string();
    assert_eq!(
        reject,
        "gold.jsonl:2: document \"a\": its id was already used by gold.jsonl:1"
    );
}

#[test]
fn sentences_are_required() {
    let reject = read(r#"{"id": "a", "text": "Rain fell."}"#)
        .remove(0)
        .unwrap_err();
    assert_eq!(
        reject.to_string(),
        "gold.jsonl:1: document \"a\": field \"sentences\" is missing"
    );
}

/// One wrong sentence and the part of the message after the document's id.
macro_rules! refused {
    ($($name:ident: $sentence:expr => $reason:expr;)+) => {
        $(
            #[test]
            fn $name() {
                assert_eq!(message($sentence), format!("gold.jsonl:1: document \"a\": {}", $reason));
            }
        )+
    };
}

refused! {
    an_unknown_stance: r#"{"text": "x", "stance": "denial", "attribution": "none"}"#
        => "field \"sentences[0].stance\": unknown value \"denial\", expected one of assert, deny, no_comment, none";
    an_unknown_attribution: r#"{"text": "x", "stance": "deny", "attribution": "Named"}"#
        => "field \"sentences[0].attribution\": unknown value \"Named\", expected one of none, named, anonymous, \
            unspecified";
    an_unknown_anonymity: r#"{"text": "x", "stance": "deny", "attribution": "anonymous", "anonymity": "leak"}"#
        => "field \"sentences[0].anonymity\": unknown value \"leak\", expected one of explicit, role, group, document";
    anonymous_without_its_kind: r#"{"text": "x", "stance": "deny", "attribution": "anonymous"}"#
        => "field \"sentences[0].anonymity\" is missing";
    a_kind_without_anonymous: r#"{"text": "x", "stance": "deny", "attribution": "named", "anonymity": "role"}"#
        => "field \"sentences[0].anonymity\" is given, but the attribution is not anonymous";
    no_stance: r#"{"text": "x", "attribution": "named"}"#
        => "field \"sentences[0].stance\" is missing";
    no_labels: r#""Rain fell.""#
        => "field \"sentences[0]\": expected an object with \"text\", \"stance\" and \"attribution\", found a string";
    doubt_that_is_no_boolean: r#"{"text": "x", "stance": "deny", "attribution": "named", "unsure": 1}"#
        => "field \"sentences[0].unsure\": expected true or false, found a number";
}
