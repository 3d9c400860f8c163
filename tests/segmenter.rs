//! The segmenter as its users meet it: a text in, sentences with offsets out.

use proptest::prelude::*;
use sayso::document::Sentence;
use sayso::segment::segment;

fn texts(document: &str) -> Vec<String> {
    segment(document)
        .into_iter()
        .map(|sentence| sentence.text)
        .collect()
}

/// Each document is written as its sentences, which must come back when they are joined by one
/// space.
fn assert_sentences(sentences: &[&str]) {
    assert_eq!(texts(&sentences.join(" ")), sentences);
}

#[test]
fn abbreviations_and_numbers_do_not_end_sentences() {
    for sentences in [
        &[
            "U.S. officials met Lt. Gen. Ida Lind and Sen. Karl Orsk at 5 a.m. on Jan. 6.",
            "It was cold.",
        ][..],
        &[
            "J. R. Smith of Acme Inc. said that No. 5 was lost.",
            "The firm paid $3.5 million for it.",
        ],
        &[
            "He moved to the U.S. in May.",
            "She stayed in the U.S.",
            "The others did not.",
        ],
        &["Mr. and Mrs. Lind live in St. Olav.", "Dr. Orsk does not."],
        &[
            "The shop opens at 9 a.m. Monday.",
            "It closes at 5 p.m.",
            "The owner is ill.",
        ],
        &[
            "Write to press@example.org or see www.example.com/a.html for more.",
            "It is free.",
        ],
        &["It runs on Node.js, e.g. in Vesta.", "That is all."],
    ] {
        assert_sentences(sentences);
    }
}

#[test]
fn quotations_end_where_their_sentence_does() {
    for sentences in [
        &["“We never took it,” she said.", "“Nobody did.”", "Then she left."][..],
        &[
            "\"We never took it,\" she said.",
            "\"Nobody did.\"",
            "Then she left.",
        ],
        &["He called it “a lie.”", "The ministry did not answer."],
        &[
            "“Who took it?” asked Lind.",
            "“Nobody!” Orsk said.",
            "They laughed.",
        ],
        &["“It is gone. We looked everywhere,” she said.", "He agreed."],
        &["« C'est faux », he said.", "She left."],
        &["(He laughed. They left.)", "Then it rained."],
    ] {
        assert_sentences(sentences);
    }
}

#[test]
fn ellipses_and_emphasis_go_on_in_lower_case() {
    assert_sentences(&["Well… perhaps not.", "And so on...", "Then what?!", "Nothing."]);
}

#[test]
fn a_dateline_stays_with_its_sentence() {
    for sentence in [
        "VESTA, Orland (NWA) — The canal is closed.",
        "VESTA, 28 January (Agency) –The canal is closed.",
        "VESTA, D.C. (NWA) — The canal is closed.",
        "ST. OLAV (NWA) -- The canal is closed.",
    ] {
        assert_sentences(&[sentence, "It will open on Friday."]);
    }
}

#[test]
fn sentences_whose_space_was_lost_are_parted() {
    assert_eq!(
        texts("It ended the war.The minister left.“We know,” he said.Read more"),
        [
            "It ended the war.",
            "The minister left.",
            "“We know,” he said.",
            "Read more"
        ]
    );
    assert_eq!(
        texts("She praised the “contribution.”The rest is silence.").len(),
        2
    );
}

#[test]
fn a_scraped_article_is_read_as_a_careful_reader_would() {
    let article = "\n\n\nBy Petra Lind\n\nVESTA, Orland (NWA) — Orland is arming the rebels, U.S. officials said Friday. \
        Its embassy rejected the charge, saying it wanted “normal trade.” » between the two. \
        “We sell bread,” the envoy said. “Nothing else.” A border “without guards” To view this video, please enable \
        JavaScript and consider switching to a web browser that supports HTML5 video The rebels deny it. \
        Nobody was hurt, the agency said. pl/ko (NWA, Agency)\n\n";
    assert_eq!(
        texts(article),
        [
            "By Petra Lind",
            "VESTA, Orland (NWA) — Orland is arming the rebels, U.S. officials said Friday.",
            "Its embassy rejected the charge, saying it wanted “normal trade.”",
            "» between the two.",
            "“We sell bread,” the envoy said.",
            "“Nothing else.”",
            "A border “without guards”",
            "To view this video, please enable JavaScript and consider switching to a web browser that supports HTML5 video",
            "The rebels deny it.",
            "Nobody was hurt, the agency said.",
            "pl/ko (NWA, Agency)",
        ]
    );
}

#[test]
fn offsets_count_code_points() {
    assert_eq!(
        segment(" Ça va 🙂. “Oui.”"),
        [
            Sentence {
                start: 1,
                end: 9,
                text: "Ça va 🙂.".into()
            },
            Sentence {
                start: 10,
                end: 16,
                text: "“Oui.”".into()
            },
        ]
    );
}

#[test]
fn nothing_but_white_space_has_no_sentences() {
    for text in ["", " ", "\n\r\n\t", "\u{a0}\u{2003}\u{85}"] {
        assert_eq!(segment(text), []);
    }
}

#[test]
fn long_documents_on_one_line_are_read_to_the_end() {
    // Quadratic work would take minutes on these.
    let unit = "The minister of Orland said on Friday that nobody had paid. ";
    assert_eq!(segment(&unit.repeat(20_000)).len(), 20_000);
    for unit in [".", "\"", "“", "(", "a.", " ' ", "». ", "Mr. ", "! ", "- a\n"] {
        let text = unit.repeat(100_000);
        assert_lossless(&text, &segment(&text));
    }
}

/// The segmenter's contract.
fn assert_lossless(text: &str, sentences: &[Sentence]) {
    let mut rest = text.chars();
    let mut position = 0;
    for sentence in sentences {
        assert!(position <= sentence.start && sentence.start < sentence.end);
        let between = rest.by_ref().take(sentence.start - position);
        assert!(between.into_iter().all(char::is_whitespace));
        let length = sentence.end - sentence.start;
        assert!(rest.by_ref().take(length).eq(sentence.text.chars()));
        assert_eq!(sentence.text.chars().count(), length);
        assert_eq!(sentence.text.trim(), sentence.text);
        position = sentence.end;
    }
    assert!(rest.all(char::is_whitespace));
}

/// Text made of what the rules look at, in any order.
fn marked_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "The minister",
        " said",
        " so",
        ".",
        "!",
        "?",
        "…",
        "...",
        "”",
        "“",
        "\"",
        "'",
        "’",
        "»",
        "«",
        "(",
        ")",
        " ",
        "\n",
        "\r\n",
        "\n\n",
        "\u{2028}",
        "\u{a0}",
        "U.S.",
        "Mr.",
        " p.m.",
        "3.5",
        "Read more",
        "Advertisement",
        "- ",
        "• ",
        "1. ",
        "é",
        "🙂",
        "日本。",
        "www.",
        "a@b.org",
        "ab/cd (NWA)",
        "(AP Photo/Jo)",
        ",",
        ";",
        "\u{301}",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_unicode_is_kept_but_for_white_space(text in any::<String>()) {
        assert_lossless(&text, &segment(&text));
    }

    #[test]
    fn any_mixture_of_marks_is_kept_but_for_white_space(text in marked_text()) {
        assert_lossless(&text, &segment(&text));
    }

    #[test]
    fn overlong_mixtures_are_kept_but_for_white_space(text in marked_text(), times in 10_usize..60) {
        let text = text.repeat(times);
        assert_lossless(&text, &segment(&text));
    }

    #[test]
    fn a_document_does_not_change_the_paragraphs_beside_it(first in marked_text(), second in marked_text()) {
        // Line breaks within them decide together whether the text is hard-wrapped, so there are none.
        let first = first.replace(['\r', '\n', '\u{2028}'], " ");
        let second = second.replace(['\r', '\n', '\u{2028}'], " ");
        let apart: Vec<String> = texts(&first).into_iter().chain(texts(&second)).collect();
        prop_assert_eq!(texts(&format!("{first}\n\n{second}")), apart);
    }
}
