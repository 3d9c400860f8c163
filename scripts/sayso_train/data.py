"""Reads gold files into token windows and batches them by length."""

import hashlib
import itertools
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from .labels import ANONYMITY, ATTRIBUTION, STANCE
from .windows import Window, WindowConfig, pack, shorten

UNKNOWN = -1
FOLDS = 12

Row = dict[str, Any]
"""A line of a JSONL file."""

Tags = tuple[int, ...]
"""A token's tag for every kind of span."""


@dataclass
class Excerpt:
    """One gold document with its sentences as token ids; targets hold (stance, attribution, anonymity)."""

    doc_id: str
    source: str
    selection: str
    context: list[list[int]]
    sentences: list[list[int]]
    texts: list[str]
    targets: list[tuple[int, int, int]]
    unsure: list[bool]
    tags: list[list[Tags]] = field(default_factory=list)
    """Per sentence and token; empty where nobody marked spans."""

    def fold(self, folds: int = FOLDS) -> int:
        """A stable fold by article, so that excerpts of one article never stand on both sides of a split."""
        return fold_of(self.doc_id, folds)

    def place(self) -> float:
        """A stable number from 0 to 1 by article, without regard to folds."""
        return article_number(self.doc_id, "place") % 1_000_000 / 1_000_000


def article_number(doc_id: str, salt: str) -> int:
    article = doc_id.split("#")[0]
    return int(hashlib.sha256((salt + article).encode()).hexdigest(), 16)


def fold_of(doc_id: str, folds: int = FOLDS) -> int:
    return article_number(doc_id, "") % folds


def read_lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def read_rows(*paths: Path) -> dict[str, list[Row]]:
    """The rows of every document, from what `sayso label --format jsonl` wrote."""
    documents: dict[str, list[Row]] = {}
    for row in itertools.chain.from_iterable(map(read_lines, paths)):
        documents.setdefault(row["doc_id"], []).append(row)
    return documents


def load_tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def read_gold(path: Path, tokenizer: Tokenizer) -> list[Excerpt]:
    """Reads one gold JSONL file (format: scripts/README.md, "Data")."""

    def encode(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]

    excerpts = []
    for record in read_lines(path):
        sentences = record["sentences"]
        texts = [sentence["text"] for sentence in sentences]
        targets = [
            (
                STANCE.index(sentence["stance"]),
                ATTRIBUTION.index(sentence["attribution"]),
                ANONYMITY.index(sentence["anonymity"]) if sentence.get("anonymity") else UNKNOWN,
            )
            for sentence in sentences
        ]
        excerpts.append(
            Excerpt(
                doc_id=record["doc_id"],
                source=record["source"],
                selection=record["selection"],
                context=encode(record.get("context", [])),
                sentences=encode(texts),
                texts=texts,
                targets=targets,
                unsure=[bool(sentence.get("unsure")) for sentence in sentences],
            )
        )
    return excerpts


def read_unlabelled(path: Path, tokenizer: Tokenizer, sentences: int, seed: int) -> list[Excerpt]:
    """Excerpts of about eight sentences with their context, from the rows that `sayso label --format jsonl` wrote.

    Half are excerpts in which some sentence may deny, be anonymous or decline to comment, half are others: teachers
    have most to tell where answers are rare. Targets are unknown.
    """
    rng = random.Random(seed)
    chunks: list[tuple[list[str], list[str], bool]] = []
    for rows in read_rows(path).values():
        begin = 0
        while begin < len(rows):
            end = begin + rng.randint(6, 10)
            own = rows[begin:end]
            rare = any(row["p_deny"] > 0.2 or row["p_anonymous"] > 0.2 or row["p_no_comment"] > 0.2 for row in own)
            context = [row["text"] for row in rows[max(0, begin - 3) : begin]]
            chunks.append((context, [row["text"] for row in own], rare))
            begin = end
    rng.shuffle(chunks)
    chosen: list[tuple[list[str], list[str]]] = []
    for wanted in (True, False):
        left = sentences // 2
        for context, texts, rare in chunks:
            if rare == wanted and left > 0:
                chosen.append((context, texts))
                left -= len(texts)

    def encode(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]

    return [
        Excerpt(
            doc_id=str(number),
            source="unlabelled",
            selection="unlabelled",
            context=encode(context),
            sentences=encode(texts),
            texts=texts,
            targets=[(UNKNOWN, UNKNOWN, UNKNOWN)] * len(texts),
            unsure=[False] * len(texts),
        )
        for number, (context, texts) in enumerate(chosen)
    ]


@dataclass
class Example:
    """A window with the targets of its sentences, and where they stand (excerpt, first sentence)."""

    window: Window
    targets: list[tuple[int, int, int]]
    unsure: list[bool]
    excerpt: int
    tags: list[list[Tags]] = field(default_factory=list)


def windows_of(excerpts: list[Excerpt], config: WindowConfig, rng: random.Random | None = None) -> list[Example]:
    """Packs every excerpt as at run time; with `rng`, some excerpts lose their context or are cut in two, so
    that the model also learns to judge with little or nothing before a sentence."""
    examples = []
    for number, excerpt in enumerate(excerpts):
        context, cuts = excerpt.context, [0, len(excerpt.sentences)]
        if rng is not None:
            if rng.random() < 0.2:
                context = []
            if rng.random() < 0.2 and len(excerpt.sentences) > 1:
                cuts.insert(1, rng.randrange(1, len(excerpt.sentences)))
        for part, (start, end) in enumerate(itertools.pairwise(cuts)):
            for window in pack(context if part == 0 else [], excerpt.sentences[start:end], config):
                first = start + window.first
                last = first + len(window.sentences)
                window.first = first
                tags = [shorten(sentence, config) for sentence in excerpt.tags[first:last]]
                examples.append(Example(window, excerpt.targets[first:last], excerpt.unsure[first:last], number, tags))
    return examples


@dataclass
class Batch:
    ids: Tensor
    lengths: Tensor
    spans: list[list[tuple[int, int]]]
    examples: list[Example]


def batches(examples: list[Example], max_tokens: int, rng: random.Random | None = None) -> list[Batch]:
    """Batches of similar length holding at most `max_tokens` with padding; in random order with `rng`."""
    order = list(range(len(examples)))
    if rng is not None:
        rng.shuffle(order)
    chunk = 512 if rng is not None else len(order)
    groups: list[list[Example]] = []
    for begin in range(0, len(order), max(chunk, 1)):
        ranked = sorted(order[begin : begin + chunk], key=lambda index: len(examples[index].window.ids))
        group: list[Example] = []
        for index in ranked:
            if group and (len(group) + 1) * len(examples[index].window.ids) > max_tokens:
                groups.append(group)
                group = []
            group.append(examples[index])
        if group:
            groups.append(group)
    if rng is not None:
        rng.shuffle(groups)
    return [collate(group) for group in groups]


def collate(group: list[Example]) -> Batch:
    longest = max(len(example.window.ids) for example in group)
    ids = torch.zeros(len(group), longest, dtype=torch.long)
    for row, example in enumerate(group):
        ids[row, : len(example.window.ids)] = torch.tensor(example.window.ids)
    lengths = torch.tensor([len(example.window.ids) for example in group])
    return Batch(ids, lengths, [example.window.sentences for example in group], group)
