"""The sentences that every engine labels, each by itself."""

import json
from pathlib import Path

SHARED = Path("../shared/data/sentences/dev.jsonl")
OWN = (Path("examples/gold.jsonl"), Path("examples/presplit.jsonl"), Path("tests/fixtures/fictional.jsonl"))


def read_sentences(files: tuple[Path, ...], limit: int) -> list[str]:
    """At most `limit` sentences, taken at even distances from all of `files`; blank ones are left out."""
    found: list[str] = []
    for file in files:
        for line in file.read_text().splitlines():
            for sentence in json.loads(line)["sentences"]:
                text = sentence if isinstance(sentence, str) else sentence["text"]
                if text.strip():
                    found.append(text)
    if not found:
        raise ValueError(f"no sentences in {', '.join(map(str, files))}")
    count = min(limit, len(found))
    return [found[index * len(found) // count] for index in range(count)]


def default_files() -> tuple[Path, ...]:
    """Real news where it lies beside the project, else the project's own invented texts."""
    return (SHARED,) if SHARED.is_file() else OWN
