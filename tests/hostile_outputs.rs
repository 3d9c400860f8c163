//! Outputs that give way: a full disk, a limit of size, a reader that leaves, a place where nothing may be written.
//! Every failure to write is told, with status 2, and what was there before stays.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod cli_common;
mod hostile_common;

use std::fs;
use std::path::Path;

use cli_common::{CORPUS, folder, names_in};
use hostile_common::{Run, label, padded_corpus, shell, shell_that_mounts};

const FORMATS: [&str; 6] = ["csv", "tsv", "jsonl", "parquet", "arrow", "feather"];

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The message of a run that must end with status 2 and no row.
fn failure(run: &Run) -> &str {
    assert_eq!(run.status, Some(2), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    run.stderr.trim_end()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_every_format() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    let expected = "sayso: cannot write the rows: No space left on device (os error 28)";
    for format in FORMATS {
        for redirected in ["> /dev/full", "-o /dev/full"] {
            let run = shell(
                folder.path(),
                &format!("$SAYSO label -q corpus.jsonl --format {format} {redirected}"),
            );
            assert_eq!(failure(&run), expected, "{format} {redirected}");
        }
    }
    for name in ["rows.csv.gz", "rows.jsonl.zst"] {
        std::os::unix::fs::symlink("/dev/full", folder.path().join(name)).unwrap();
        let run = label(folder.path(), &["corpus.jsonl", "-o", name]);
        assert_eq!(failure(&run), expected, "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_in_the_middle_of_a_long_run_is_told() {
    let folder = folder(&[("corpus.jsonl", padded_corpus(400, 8000))]);
    for format in FORMATS {
        let line = format!("$SAYSO label -q corpus.jsonl --keep pad --format {format} > /dev/full");
        assert_eq!(
            failure(&shell(folder.path(), &line)),
            "sayso: cannot write the rows: No space left on device (os error 28)",
            "{format}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_by_every_command() {
    let folder = folder(&[("corpus.jsonl", CORPUS), ("bad.jsonl", "{\n")]);
    for command in ["info", "--version", "completions bash"] {
        let run = shell(folder.path(), &format!("$SAYSO {command} > /dev/full"));
        let expected = "sayso: cannot write standard output: No space left on device (os error 28)";
        assert_eq!(failure(&run), expected, "{command}");
    }
    let run = label(
        folder.path(),
        &["corpus.jsonl", "bad.jsonl", "--rejects", "/dev/full"],
    );
    assert_eq!(run.status, Some(2), "{run:?}");
    let last = run.stderr.lines().last().unwrap();
    assert_eq!(
        last,
        "sayso: cannot write the rejects: No space left on device (os error 28)"
    );
}

#[test]
fn a_limit_of_file_size_leaves_the_older_rows() {
    let folder = folder(&[
        ("corpus.jsonl", padded_corpus(200, 4000)),
        ("rows.csv", "older rows".to_owned()),
    ]);
    // Ignored, the signal becomes an error of the write.
    let line = "trap '' XFSZ; ulimit -f 64; $SAYSO label -q corpus.jsonl --keep pad -o rows.csv";
    let run = shell(folder.path(), line);
    assert_eq!(run.status, Some(2), "{run:?}");
    is_resumable_failure(&run.stderr, "File too large (os error 27)");
    assert_eq!(read(folder.path(), "rows.csv"), "older rows");

    let run = label(
        folder.path(),
        &["corpus.jsonl", "--keep", "pad", "-o", "rows.csv", "--resume"],
    );
    assert_eq!(run.status, Some(0), "{run:?}");
    let undisturbed = label(folder.path(), &["corpus.jsonl", "--keep", "pad"]);
    assert_eq!(read(folder.path(), "rows.csv"), undisturbed.stdout);
}

/// Whether the messages are those of a run that has kept what it did. The journal may be what the disk has no room for.
fn is_resumable_failure(messages: &str, reason: &str) {
    let lines: Vec<&str> = messages.lines().collect();
    let expected =
        ["the rows", "the journal of the run"].map(|what| format!("sayso: cannot write {what}: {reason}"));
    assert!(
        expected.iter().any(|line| lines.last() == Some(&line.as_str())),
        "{messages}"
    );
    let kept = lines[lines.len() - 2];
    assert!(
        kept.ends_with(" done and kept; the same command with --resume goes on"),
        "{messages}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_leaves_the_older_rows() {
    let folder = folder(&[("corpus.jsonl", padded_corpus(200, 4000))]);
    for output in ["rows.csv", "rows.jsonl.zst", "rows.arrows"] {
        // Random padding, so that compression does not make room.
        let line = format!(
            "mkdir -p disk && mount -t tmpfs -o size=64k none disk && printf older > disk/{output} \
             && {{ $SAYSO label -q corpus.jsonl --keep pad,doc_id,text,pad -o disk/{output}; echo \"status $?\"; cat disk/{output}; \
             mount -o remount,size=64m disk; $SAYSO label -q corpus.jsonl --keep pad,doc_id,text,pad -o disk/{output} --resume; \
             $SAYSO label -q corpus.jsonl --keep pad,doc_id,text,pad -o {output}; cmp disk/{output} {output} && echo \" equal\"; }}"
        );
        let line = if output.ends_with("zst") {
            line.replace("corpus.jsonl", "random.jsonl")
        } else {
            line
        };
        random_corpus(&folder.path().join("random.jsonl"));
        let Some(run) = shell_that_mounts(folder.path(), &line) else {
            return;
        };
        assert_eq!(run.stdout, "status 2\nolder equal\n", "{output}: {run:?}");
        is_resumable_failure(&run.stderr, "No space left on device (os error 28)");
    }
}

/// A corpus whose padding does not compress.
fn random_corpus(path: &Path) {
    let mut bits = 1_u64;
    let mut pad = || -> String {
        (0..4000)
            .map(|_| {
                bits = bits
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                char::from(b'a' + (bits >> 60) as u8)
            })
            .collect()
    };
    let lines = (0..200).map(|number| {
        format!(
            "{{\"doc_id\": \"{number}\", \"text\": \"It rained.\", \"pad\": \"{}\"}}\n",
            pad()
        )
    });
    fs::write(path, lines.collect::<String>()).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_read_only() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    for (option, output) in [("-o", "rows.csv"), ("--rejects", "rejects.jsonl")] {
        let line = format!(
            "mkdir -p place && mount -t tmpfs -o ro none place && $SAYSO label -q corpus.jsonl {option} place/{output}"
        );
        let Some(run) = shell_that_mounts(folder.path(), &line) else {
            return;
        };
        let message = failure(&run);
        let expected = format!("sayso: cannot write place/{output}: Read-only file system (os error 30)");
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_folder_in_which_nobody_may_write() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("corpus.jsonl", CORPUS), ("place/rows.csv", "older rows")]);
    let place = folder.path().join("place");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::File::create(place.join("probe")).is_ok() {
        eprintln!("skipped: the superuser may write everywhere");
        return;
    }
    for output in ["place/rows.csv", "place/new.csv"] {
        let run = label(folder.path(), &["corpus.jsonl", "-o", output]);
        let expected = format!("sayso: cannot write {output}: Permission denied (os error 13)");
        assert!(failure(&run).starts_with(&expected), "{run:?}");
        assert_eq!(run.stdout, "");
    }
    assert_eq!(read(&place, "rows.csv"), "older rows");
    assert_eq!(names_in(&place), ["rows.csv"]);
}

#[test]
fn a_reader_that_leaves_ends_the_run_quietly() {
    let folder = folder(&[("corpus.jsonl", padded_corpus(400, 8000))]);
    for format in FORMATS {
        let line = format!(
            "$SAYSO label -q corpus.jsonl --keep pad --format {format} | head -c 1 > first; echo ${{PIPESTATUS[0]}}; wc -c < first"
        );
        let run = shell(folder.path(), &line);
        let numbers: Vec<&str> = run.stdout.split_whitespace().collect();
        // Parquet may have all of its rows still in memory when the reader leaves.
        assert_eq!((numbers, run.stderr.as_str()), (vec!["0", "1"], ""), "{format}");
    }
}

#[test]
fn every_command_may_lose_its_reader() {
    let folder = folder(&[("corpus.jsonl", CORPUS)]);
    for command in ["info", "completions bash", "--version", "--help", "label --help"] {
        // The reader is gone before the program begins.
        let line = format!("{{ sleep 0.1; $SAYSO {command}; echo $? > status; }} | true; cat status");
        let run = shell(folder.path(), &line);
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str()),
            ("0\n", ""),
            "{command}"
        );
    }
}

#[test]
fn nobody_need_read_the_messages() {
    let folder = folder(&[("corpus.jsonl", CORPUS), ("bad.jsonl", "{\n")]);
    for closed in ["2>&-", "2> >(true)", "2> /dev/full"] {
        let run = shell(
            folder.path(),
            &format!("$SAYSO label corpus.jsonl bad.jsonl {closed} | wc -l; echo ${{PIPESTATUS[0]}}"),
        );
        assert_eq!(run.stdout, "5\n1\n", "{closed}");
    }
}
