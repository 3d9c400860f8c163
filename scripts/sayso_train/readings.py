"""Joins second readings of sentences to the texts they were made of.

A model says best which sentences it has most to learn from: those of unlabelled news on which it cannot decide, and
those of the training excerpts whose label it contradicts although it has learnt from them (`choose.py` finds both).
Unlabelled news are the corpus and the marked articles.

Readers labelled them by the guideline, without seeing any other answer; `readings.tsv` holds what they said and no
text. A line names its sentence by document and place, and its text by a hash, so that a sentence that has moved is
noticed.

Of a training excerpt the reading takes the place of the label. A sentence of the unlabelled corpus becomes an excerpt
of its own, with the three sentences before it as context.
"""

import argparse
import csv
import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path

from .data import Row, read_lines, read_rows

CONTEXT = 3


@dataclass(frozen=True)
class Reading:
    kind: str
    """`corpus`, or `train`."""
    doc_id: str
    sentence: int
    hash: str
    stance: str
    attribution: str
    anonymity: str
    unsure: str

    def label(self, text: str) -> Row:
        """The sentence as gold files have it."""
        if hash_of(text) != self.hash:
            raise ValueError(f"{self.doc_id}, sentence {self.sentence}: not the sentence that was read: {text}")
        found: Row = {"text": text, "stance": self.stance, "attribution": self.attribution}
        if self.anonymity:
            found["anonymity"] = self.anonymity
        if self.unsure:
            found["unsure"] = True
        return found


COLUMNS = tuple(field.name for field in fields(Reading))
"""Of `readings.tsv`."""


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_readings(path: Path) -> list[Reading]:
    with path.open(newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [Reading(**{**row, "sentence": int(row["sentence"])}) for row in rows]


def correct(readings: list[Reading], train: Path) -> list[Row]:
    """The training excerpts, with the readings in the place of their labels."""
    own = {(reading.doc_id, reading.sentence): reading for reading in readings if reading.kind == "train"}
    excerpts = read_lines(train)
    for excerpt in excerpts:
        for number, sentence in enumerate(excerpt["sentences"]):
            reading = own.pop((excerpt["doc_id"], number), None)
            if reading is not None:
                excerpt["sentences"][number] = reading.label(sentence["text"])
    if own:
        raise ValueError(f"{len(own)} readings of sentences that {train} lacks, {next(iter(own))} among them")
    return excerpts


def extend(readings: list[Reading], rows: list[Path]) -> list[Row]:
    """Excerpts of the corpus, from the rows that `sayso label --format jsonl` wrote of it."""
    documents = read_rows(*rows)
    excerpts = []
    for reading in readings:
        if reading.kind == "corpus":
            if reading.doc_id not in documents:
                raise ValueError(f"{reading.doc_id} was read, and {', '.join(map(str, rows))} lack it")
            own, number = [row["text"] for row in documents[reading.doc_id]], reading.sentence
            excerpts.append(
                {
                    "doc_id": f"{reading.doc_id}#s{number}",
                    "source": reading.doc_id.split("/")[0],
                    "selection": "read",
                    "context": own[max(0, number - CONTEXT) : number],
                    "sentences": [reading.label(own[number])],
                }
            )
    return excerpts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=Path, default=Path(__file__).parent.parent / "readings.tsv")
    parser.add_argument("--train", type=Path, required=True, help="the natural training excerpts")
    parser.add_argument("--rows", type=Path, nargs="+", required=True, help="`sayso label` of the corpora, as jsonl")
    parser.add_argument("--corrected", type=Path, required=True, help="gold file to write: the first, corrected")
    parser.add_argument("--extended", type=Path, required=True, help="gold file to write: of the second")
    arguments = parser.parse_args()
    readings = read_readings(arguments.readings)
    for path, excerpts in (
        (arguments.corrected, correct(readings, arguments.train)),
        (arguments.extended, extend(readings, arguments.rows)),
    ):
        path.write_text("".join(json.dumps(excerpt, ensure_ascii=False) + "\n" for excerpt in excerpts))
        print(f"{path}: {len(excerpts)} excerpts")


if __name__ == "__main__":
    main()
