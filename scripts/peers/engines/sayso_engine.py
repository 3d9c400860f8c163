"""The `sayso` program itself, measured from outside as a process on a file of one-sentence documents."""

import csv
import io
import json
import subprocess
import time
from pathlib import Path

REPEATS = 10
"""How often the measured file holds the sentences, so that start-up, which is counted, weighs little."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "f32": ("label", "--engine", "f32"),
    "int8": ("label", "--engine", "int8"),
}
"""How to ask the program for a precision; `--sayso-command` replaces an entry for one run."""


class Sayso:
    note = f"whole process: start-up, reading and writing count, on a file that holds the sentences {REPEATS} times"

    def __init__(self, command: list[str], folder: Path, texts: list[str]) -> None:
        self.command = [*command, "--quiet"]
        self.many, self.once, self.first = (folder / f"{name}.jsonl" for name in ("many", "once", "first"))
        self.sentences = len(texts) * REPEATS
        write_documents(self.many, texts * REPEATS)
        write_documents(self.once, texts)
        write_documents(self.first, texts[:1])

    def refusal(self) -> str:
        """What the program says when it does not know the command; empty if it does."""
        tried = subprocess.run(self.to_null(self.first), capture_output=True, text=True)
        return tried.stderr.strip() or f"exit status {tried.returncode}" if tried.returncode else ""

    def to_null(self, file: Path) -> list[str]:
        return [*self.command, "-o", "/dev/null", str(file)]

    def seconds(self) -> float:
        begin = time.perf_counter()
        subprocess.run(self.to_null(self.many), check=True)
        return time.perf_counter() - begin

    def labels(self) -> list[str]:
        command = [*self.command, "-f", "csv", str(self.once)]
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        labels = [row["label"] for row in csv.DictReader(io.StringIO(found.stdout))]
        if len(labels) * REPEATS != self.sentences:
            raise RuntimeError(f"{len(labels)} rows came of {self.sentences // REPEATS} sentences: {' '.join(command)}")
        return labels


def write_documents(path: Path, texts: list[str]) -> None:
    lines = (json.dumps({"doc_id": str(number), "sentences": [text]}) for number, text in enumerate(texts))
    path.write_text("\n".join(lines) + "\n")
