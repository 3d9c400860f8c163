"""Compares the whole program, from start to exit and in many formats, with the batch runner alone.

The batch runner is measured by its own bench (`batch`, articles on two threads), the program by its wall time over the
same sentences in articles of the same length, read from a file and written to one. Rounds of all of them alternate,
so that a machine that slows down does so for all; figures are medians. Run it where nothing else runs:

    python3 throughput.py

It builds what it needs, and needs no package beyond Python's own.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bench_tables import BATCH_SENTENCES, read

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
SAYSO = TARGET / "release" / "sayso"
BENCH = "batch/int8, 2 threads/articles"
ARTICLE = 25
"""Sentences of an article, as in `benches/batch.rs`."""
RUNS = (
    ("sentences.jsonl", "csv"),
    ("texts", "csv"),
    ("articles.csv", "csv"),
    ("articles.tsv", "tsv"),
    ("articles.jsonl", "jsonl"),
    ("articles.csv.gz", "csv.gz"),
    ("articles.jsonl.gz", "jsonl.gz"),
    ("articles.csv.zst", "csv.zst"),
    ("articles.jsonl.zst", "jsonl.zst"),
    ("articles.arrows", "arrows"),
    ("articles.parquet", "parquet"),
)
"""Inputs, and the extensions of their outputs. `sentences.jsonl` is split already, as the bench's documents are; in the
others the program has its sentences to find."""


def sayso(*arguments: str | Path) -> str:
    """Labels, and returns what the program says of it."""
    command = [SAYSO, "label", "--threads", "2", *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stderr


def write_corpora(folder: Path, sentences: int) -> None:
    """The same articles in every format. The program writes most of them itself, as a column that it keeps."""
    rows = folder / "story.jsonl"
    sayso("examples/wire-story.txt", "-o", rows)
    story = [json.loads(line)["text"] for line in rows.read_text().splitlines()]
    all_sentences = list(islice(cycle(story), sentences))
    articles = [all_sentences[start : start + ARTICLE] for start in range(0, sentences, ARTICLE)]
    (folder / "texts").mkdir()
    split, whole = [], []
    for number, article in enumerate(articles):
        body = " ".join(article)
        (folder / "texts" / f"{number:06}.txt").write_text(body)
        split.append(json.dumps({"doc_id": f"{number:06}", "sentences": article}))
        whole.append(json.dumps({"doc_id": f"{number:06}", "sentences": ["No."], "body": body}))
    (folder / "sentences.jsonl").write_text("\n".join(split))
    (folder / "whole.jsonl").write_text("\n".join(whole))
    for name in {name for name, _ in RUNS if name.startswith("articles.")}:
        sayso(folder / "whole.jsonl", "--keep", "body", "-o", folder / name)


def bench_rate() -> float:
    """Sentences per second of the batch runner."""
    filters = ["--exact", BENCH, "--warm-up-time", "1", "--measurement-time", "5"]
    subprocess.run(
        ["cargo", "bench", "-q", "--bench", "batch", "--", *filters], check=True, cwd=ROOT, capture_output=True
    )
    return BATCH_SENTENCES["int8"] / read(TARGET / "criterion")[BENCH].seconds


def program_rate(folder: Path, name: str, extension: str) -> float:
    """Sentences per second of the program, from start to exit."""
    columns = ["--text-column", "body", "--id-column", "doc_id"] if name.startswith("articles.") else []
    began = time.monotonic()
    summary = sayso(folder / name, *columns, "-o", folder / f"rows.{extension}")
    seconds = time.monotonic() - began
    (sentences,) = re.findall(r"(\d+) sentences in", summary)
    return int(sentences) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=20_000, help="sentences of each corpus")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    subprocess.run(["cargo", "build", "--release"], check=True, cwd=ROOT)
    bench: list[float] = []
    program: dict[tuple[str, str], list[float]] = {run: [] for run in RUNS}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_corpora(folder, arguments.sentences)
        for _ in range(arguments.rounds):
            bench.append(bench_rate())
            for run in RUNS:
                program[run].append(program_rate(folder, *run))
    alone = median(bench)
    print("| input | output | sentences/s | of the batch runner's |\n| --- | --- | ---: | ---: |")
    print(f"| (the batch runner) | | {alone:.0f} | 100 % |")
    for (name, extension), rates in program.items():
        print(f"| {name} | rows.{extension} | {median(rates):.0f} | {100 * median(rates) / alone:.1f} % |")


if __name__ == "__main__":
    main()
