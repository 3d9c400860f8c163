"""Compares the whole program, from start to exit and in many formats, with the batch runner alone.

The batch runner is measured by its own bench (`batch`, on two threads, with sentences split already and as running
text), the program by its wall time over the same sentences in articles of the same length, read from a file and written
to one. Rounds of all of them alternate, so that a machine that slows down does so for all; a share is the median of
those of the rounds. Run it where nothing else runs:

    python3 throughput.py

It builds what it needs, and needs no package beyond Python's own.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bench_tables import BATCH_SENTENCES, read

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
SAYSO = TARGET / "release" / "sayso"
SPLIT, RUNNING = (f"batch/int8, 2 threads/{corpus}" for corpus in ("articles", "running text"))
ARTICLE = 25
"""Sentences of an article, as in `benches/batch.rs`."""
RUNS = (
    ("sentences.jsonl", "csv", SPLIT),
    ("texts", "csv", RUNNING),
    ("articles.csv", "csv", RUNNING),
    ("articles.tsv", "tsv", RUNNING),
    ("articles.jsonl", "jsonl", RUNNING),
    ("articles.csv.gz", "csv.gz", RUNNING),
    ("articles.jsonl.gz", "jsonl.gz", RUNNING),
    ("articles.csv.zst", "csv.zst", RUNNING),
    ("articles.jsonl.zst", "jsonl.zst", RUNNING),
    ("articles.arrows", "arrows", RUNNING),
    ("articles.parquet", "parquet", RUNNING),
)
"""Inputs, the extensions of their outputs, and the bench that does the same work."""


def sayso(*arguments: str | Path) -> str:
    """Labels, and returns what the program says of it."""
    command = [SAYSO, "label", "--threads", "2", *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stderr


def write_corpora(folder: Path, sentences: int, names: Iterable[str]) -> None:
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
    for name in filter(lambda name: name.startswith("articles."), names):
        sayso(folder / "whole.jsonl", "--keep", "body", "-o", folder / name)


def bench_rates() -> dict[str, float]:
    """Sentences per second of the batch runner."""
    filters = ["--warm-up-time", "1", "--measurement-time", "5", f"^({SPLIT}|{RUNNING})$"]
    subprocess.run(
        ["cargo", "bench", "-q", "--bench", "batch", "--", *filters], check=True, cwd=ROOT, capture_output=True
    )
    measured = read(TARGET / "criterion")
    return {bench: BATCH_SENTENCES["int8"] / measured[bench].seconds for bench in (SPLIT, RUNNING)}


def program_rate(folder: Path, name: str, extension: str, sentences: int) -> float:
    """Sentences per second of the program, from start to exit. As the bench does, it counts those that were put in."""
    columns = ["--text-column", "body", "--id-column", "doc_id"] if name.startswith("articles.") else []
    began = time.monotonic()
    sayso(folder / name, *columns, "-o", folder / f"rows.{extension}")
    return sentences / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=20_000, help="sentences of each corpus")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inputs", nargs="+", choices=[name for name, _, _ in RUNS], help="only these")
    arguments = parser.parse_args()
    runs = [run for run in RUNS if not arguments.inputs or run[0] in arguments.inputs]
    subprocess.run(["cargo", "build", "--release"], check=True, cwd=ROOT)
    runner: dict[str, list[float]] = {SPLIT: [], RUNNING: []}
    program: dict[tuple[str, str, str], list[float]] = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_corpora(folder, arguments.sentences, [name for name, _, _ in runs])
        for _ in range(arguments.rounds):
            for bench, rate in bench_rates().items():
                runner[bench].append(rate)
            for run in runs:
                name, extension, _ = run
                program[run].append(program_rate(folder, name, extension, arguments.sentences))
    print("| input | output | sentences/s | of the batch runner's (least to most) |\n| --- | --- | ---: | ---: |")
    for bench, rates in runner.items():
        print(f"| (the bench `{bench}`) | | {median(rates):.0f} | |")
    for (name, extension, bench), rates in program.items():
        shares = [100 * rate / alone for rate, alone in zip(rates, runner[bench], strict=True)]
        spread = f"{median(shares):.1f} % ({min(shares):.0f} to {max(shares):.0f})"
        print(f"| {name} | rows.{extension} | {median(rates):.0f} | {spread} |")


if __name__ == "__main__":
    main()
