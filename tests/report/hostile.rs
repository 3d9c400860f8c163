//! Text that tries to act on the page. A browser opens such pages in `tests/browser/`; here it is looked for in the file.

use super::*;

const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\"onmouseover=alert(1) x=\"",
    "'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{ figures }}{% include 'x' %}",
    "\u{202e}gnp.exe\u{2066}\u{2028}",
    "\0\u{1b}]0;x\u{7}\u{fffe}",
];

/// A corpus in which everything that may be text is hostile.
fn hostile() -> Vec<LabeledDocument> {
    HOSTILE
        .iter()
        .map(|text| {
            let sentences = vec![
                denial(0, text, text),
                anonymous(40, text, text, Anonymity::Explicit),
            ];
            document(text, text, text, sentences)
        })
        .collect()
}

#[test]
fn nothing_of_the_corpus_is_markup() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.jsonl", &hostile());
    for title in HOSTILE.into_iter().filter(|title| !title.contains('\0')) {
        let arguments = [
            "rows.jsonl",
            "--group-column",
            "outlet",
            "--date-column",
            "date",
            "--title",
            title,
        ];
        let hostile = page(folder.path(), &arguments);
        // The tags of a page whose corpus is harmless, and no other.
        write(folder.path(), "harmless.jsonl", &corpus());
        let harmless = page(folder.path(), &["harmless.jsonl"]);
        assert_eq!(
            hostile.matches("<script").count(),
            harmless.matches("<script").count()
        );
        assert_eq!(
            hostile.matches("</script").count(),
            harmless.matches("</script").count()
        );
        for tag in ["<img", "<!--"] {
            assert!(!hostile.contains(tag), "{tag}");
        }
        // Within scripts, quotes end nothing but strings of JSON, where they are escaped.
        let markup: String = hostile
            .split("<script")
            .map(|part| part.split_once("</script>").map_or(part, |(_, markup)| markup))
            .collect();
        for attribute in ["onerror=alert(1)>", "\"onmouseover", "href=\"javascript:"] {
            assert!(!markup.contains(attribute), "{attribute}");
        }
        let hidden = |character: char| {
            character.is_control() && !character.is_ascii_whitespace()
                || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{fffe}')
        };
        assert_eq!(hostile.chars().find(|character| hidden(*character)), None);
    }
}

#[test]
fn what_scripts_read_is_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.csv", &hostile());
    let page = page(folder.path(), &["rows.csv"]);
    let documents = documents(&page);
    assert_eq!(documents.len(), HOSTILE.len());
    for text in &HOSTILE[..7] {
        let document = documents.iter().find(|document| document["id"] == *text).unwrap();
        assert_eq!(document["text"][0][0], *text);
        let end = text.encode_utf16().count();
        assert_eq!(document["text"][0][9], serde_json::json!([[0, end, "s"]]));
    }
}

#[test]
fn the_policy_names_the_scripts_and_styles_that_are_there() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rows.jsonl", &hostile());
    let page = page(folder.path(), &["rows.jsonl"]);
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap();
    let policy = policy
        .split("\">")
        .next()
        .unwrap()
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let mut checked = 0;
    for (begin, end) in [("<script>", "</script>"), ("<style>", "</style>")] {
        for part in page.split(begin).skip(1) {
            let text = part.split(end).next().unwrap();
            let hash =
                base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text.as_bytes()));
            assert!(
                policy.contains(&format!("'sha256-{hash}'")),
                "{begin}{}",
                &text[..60]
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
    assert!(!page.contains("style=\"") && !page.contains(" onclick"));
}

#[test]
fn ten_megabytes_of_text_make_a_page_under_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let long = "<&>\u{202e}".repeat(2_000_000);
    let many = document(
        "many",
        "",
        "",
        (0..20_000)
            .map(|number| sentence(100 * number, &"word ".repeat(100)))
            .collect(),
    );
    let mut documents = vec![document("one", &long, &long, vec![denial(0, &long, &long)]), many];
    documents[0].id = format!("id {long}");
    write(folder.path(), "rows.parquet", &documents);
    let arguments = [
        "rows.parquet",
        "--group-column",
        "outlet",
        "--date-column",
        "date",
    ];
    let page = page(folder.path(), &arguments);
    assert!(page.len() < 2_000_000, "{}", page.len());
    assert_eq!(figures(&page)["sentences"], 20_001);

    let thousand: Vec<LabeledDocument> = (0..1000)
        .map(|number| {
            document(
                &number.to_string(),
                "",
                "",
                vec![sentence(0, &"word ".repeat(1500)); 20],
            )
        })
        .collect();
    write(folder.path(), "rows.parquet", &thousand);
    let full = super::page(folder.path(), &["rows.parquet"]);
    assert!((4_800_000..=5_000_000).contains(&full.len()), "{}", full.len());
    assert!(full.contains("The page's limit of 5,000,000 bytes left no room for more."));
}
