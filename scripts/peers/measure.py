"""Measures every engine, writes the figures and the table.

First the best layout of each Python engine is looked for, then all engines, `sayso` among them, take turns round
after round, so that a slow minute of the machine hits all of them.
"""

import argparse
import datetime
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from . import machine, table
from .engines import MODULES, PRECISIONS
from .engines.sayso_engine import COMMANDS, Sayso
from .layout import Layout, candidates
from .process import Subject, Worker, wait_for_peak
from .texts import OWN, default_files, read_sentences

FOLDER = Path("target/peers")
Key = tuple[str, str]
"""An engine and its precision."""
REFERENCE = ("pytorch", "f32")
RUST_BERT = ("rust-bert", "f32")
"""Measured inside a program that was built with the feature of that name."""
SEARCH_SENTENCES = 200
STARTS = 3
PAUSE = 0.5
"""Seconds between two measurements: thread pools go on spinning for a moment after their work."""


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def search(subject: Subject, texts: list[str], threads: int) -> Layout:
    """The layout with the best of two passes after one that warms up."""
    speeds: dict[Layout, float] = {}
    for layout in candidates(threads):
        with Worker(subject, layout) as worker:
            worker.ask(texts)
            speeds[layout] = len(texts) / min(worker.ask(texts)["seconds"] for _ in range(2))
    best = max(speeds, key=lambda layout: speeds[layout])
    listed = "; ".join(f"{layout}: {speed:.0f}" for layout, speed in speeds.items())
    say(f"{subject.engine} {subject.precision}: {best} ({listed})")
    return best


def start_up(subject: Subject, layout: Layout, texts: list[str]) -> dict[str, float]:
    """Fresh processes: seconds to the first label, and peak memory after all texts."""
    seconds = []
    for _ in range(STARTS):
        begin = time.perf_counter()
        with Worker(subject, layout) as worker:
            worker.ask(texts[:1])
            seconds.append(time.perf_counter() - begin)
    with Worker(subject, layout) as worker:
        worker.ask(texts)
        peak = worker.finish()
    return {"peak_rss_mb": round(peak), "first_label_s": round(statistics.median(seconds), 2)}


def start_up_sayso(sayso: Sayso) -> dict[str, float]:
    seconds = []
    for _ in range(STARTS):
        begin = time.perf_counter()
        subprocess.run(sayso.to_null(sayso.first), check=True)
        seconds.append(time.perf_counter() - begin)
    peak = wait_for_peak(subprocess.Popen(sayso.to_null(sayso.once)))
    return {"peak_rss_mb": round(peak), "first_label_s": round(statistics.median(seconds), 2)}


def find_sayso(arguments: argparse.Namespace, texts: list[str]) -> dict[Key, Sayso]:
    """The program in each precision that it knows, and one with the engine rust-bert, if it is named."""
    chosen = {precision: tuple(shlex.split(words)) for precision, words in arguments.sayso_command}
    options = ["--model", str(arguments.bundle), "--threads", str(arguments.threads)]
    commands = {("sayso", precision): (arguments.sayso, *words) for precision, words in (chosen or COMMANDS).items()}
    if arguments.sayso_rust_bert:
        commands[RUST_BERT] = (arguments.sayso_rust_bert, "label", "--engine", RUST_BERT[0])
    found: dict[Key, Sayso] = {}
    for key, words in commands.items():
        sayso = Sayso([*map(str, words), *options], FOLDER, texts)
        if refusal := sayso.refusal():
            say(f"{key[0]} {key[1]} is left out: {refusal}")
        else:
            found[key] = sayso
    return found


def measure(arguments: argparse.Namespace, texts: list[str]) -> tuple[list[dict[str, Any]], float]:
    """The rows of the result, and the mean number of wordpieces of a sentence's window."""
    keys = [(engine, precision) for precision in PRECISIONS for engine in arguments.engines]
    subjects = {key: Subject(*key, arguments.bundle, arguments.exports) for key in keys}
    own = find_sayso(arguments, texts)
    labels: dict[Key, list[str] | None] = {key: sayso.labels() for key, sayso in own.items()}
    some = texts[:: -(-len(texts) // SEARCH_SENTENCES)]
    layouts = {key: search(subjects[key], some, arguments.threads) for key in keys}
    first = {key: start_up(subjects[key], layouts[key], texts) for key in keys}
    first |= {key: start_up_sayso(sayso) for key, sayso in own.items()}

    with ExitStack() as stack:
        workers = {key: stack.enter_context(Worker(subjects[key], layouts[key])) for key in keys}
        warm = {key: worker.ask(texts) for key, worker in workers.items()}
        labels |= {key: None if answer["partial"] else answer["labels"] for key, answer in warm.items()}
        rounds: dict[Key, list[float]] = {key: [] for key in first}
        for number in range(arguments.rounds):
            say(f"round {number + 1} of {arguments.rounds}")
            order = list(rounds)
            shift = number % len(order)
            for key in order[shift:] + order[:shift]:
                time.sleep(PAUSE)
                if key in workers:
                    speed = len(texts) / workers[key].ask(texts)["seconds"]
                else:
                    speed = own[key].sentences / own[key].seconds()
                rounds[key].append(round(speed, 1))

    rows = []
    for key, speeds in rounds.items():
        layout = layouts.get(key)
        rows.append(
            {
                "engine": key[0],
                "precision": key[1],
                "threads": arguments.threads,
                "workers": layout.workers if layout else arguments.threads,
                "batch": layout.batch if layout else None,
                "sentences_per_second": statistics.median(speeds),
                "rounds": speeds,
                "agreement": agreement(labels[key], warm[REFERENCE]["labels"]),
                **first[key],
                "note": warm[key]["note"] if key in warm else Sayso.note,
            }
        )
    return rows, warm[REFERENCE]["wordpieces"]


def agreement(labels: list[str] | None, reference: list[str]) -> float | None:
    """Share of sentences with the same reported label."""
    if labels is None:
        return None
    return round(sum(ours == theirs for ours, theirs in zip(labels, reference, strict=True)) / len(reference), 4)


def parse() -> argparse.Namespace:
    def command(text: str) -> tuple[str, str]:
        precision, _, words = text.partition("=")
        return precision, words

    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, default=Path("models/default"), help="default: %(default)s")
    parser.add_argument("--sayso", type=Path, default=Path("target/release/sayso"), help="default: %(default)s")
    parser.add_argument(
        "--sayso-rust-bert",
        type=Path,
        metavar="PROGRAM",
        help="one built with the feature rust-bert, for that engine's row alone: libtorch slows its start",
    )
    parser.add_argument(
        "--sayso-command",
        type=command,
        action="append",
        default=[],
        metavar="PRECISION=WORDS",
        help="measure it with these words only, e.g. 'f32=label --engine f32'; may be repeated",
    )
    parser.add_argument("--sentences", type=Path, nargs="+", help="jsonl files of documents with sentences")
    parser.add_argument("--limit", type=int, default=400, help="number of sentences; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--engines", nargs="+", choices=MODULES, default=list(MODULES), help="must include pytorch")
    parser.add_argument("--exports", type=Path, default=FOLDER / "exports", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=Path("benches/runs/peers.json"), help="default: %(default)s")
    parser.add_argument("--readme", type=Path, default=Path("benches/README.md"), help="default: %(default)s")
    arguments = parser.parse_args()
    if REFERENCE[0] not in arguments.engines:
        parser.error("--engines must include pytorch, which the others are compared with")
    if not arguments.sayso.is_file():
        parser.error(f"there is no program {arguments.sayso}: build it, or name it with --sayso")
    return arguments


def main() -> None:
    arguments = parse()
    files = tuple(arguments.sentences or default_files())
    texts = read_sentences(files, arguments.limit)
    load = os.getloadavg()[0]
    if load > 0.5:
        say(f"The machine is busy (load {load:.1f}): the figures will be too low.")
    export = [sys.executable, "-m", "peers.export", "--bundle", arguments.bundle, "--exports", arguments.exports]
    subprocess.run([*map(str, export), "--sentences", *map(str, files)], check=True)
    rows, wordpieces = measure(arguments, texts)
    result = {
        "commit": machine.commit(),
        "machine": machine.describe() | {"load_at_start": round(load, 2)},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": machine.versions(),
        "texts": {"sentences": len(texts), "mean_wordpieces": round(wordpieces, 1), "invented": files == OWN},
        "rows": rows,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    table.update(arguments.readme, result)
    say(f"wrote {arguments.out} and the table in {arguments.readme}")


if __name__ == "__main__":
    main()
