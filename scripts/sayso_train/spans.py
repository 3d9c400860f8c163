"""Source, cue and content: articles with marked spans to tags of tokens, tags back to spans, and how well they agree.

Articles come split into sentences by the program itself (`sayso label --format jsonl`), so that the tags are learnt on
the sentences that it will meet. A marked span that runs on past a sentence's end continues in the next one as a span of
its own: at run time, too, a sentence's spans are found in it alone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from .data import UNKNOWN, Batch, Excerpt, Tags, batches, read_lines, read_rows, windows_of
from .labels import SPANS, TAGS
from .model import Classifier, fast_precision
from .windows import WindowConfig, shorten

OUTSIDE, BEGIN, INSIDE = range(len(TAGS))
KIND_WEIGHTS = torch.tensor([1.0, 1.0, 0.5])
"""Of source, cue and content in the loss: contents are long, many, and not reported."""

Span = tuple[int, int]


@dataclass
class TaggedArticle:
    """An excerpt of a whole article, where its tokens stand in the text, and the spans that people marked there."""

    excerpt: Excerpt
    offsets: list[list[Span]]
    """Of every token of every sentence, in characters of the article."""
    spans: dict[str, set[Span]]


def tags_of(offsets: Sequence[Span], spans: dict[str, set[Span]]) -> list[Tags]:
    """The tags of a sentence's tokens."""
    tags = [[OUTSIDE] * len(SPANS) for _ in offsets]
    for kind, name in enumerate(SPANS):
        for start, end in spans[name]:
            covered = [index for index, (a, b) in enumerate(offsets) if a < end and b > start]
            for index in covered:
                tags[index][kind] = BEGIN if index == covered[0] else INSIDE
    return [tuple(row) for row in tags]


def read_articles(path: Path, rows: Path, tokenizer: Tokenizer) -> list[TaggedArticle]:
    """Articles with `attributions` (lists of character ranges per kind), and their sentences: the rows that the program
    wrote of the same file."""
    sentences = read_rows(rows)
    articles = []
    for record in read_lines(path):
        own = [(row["start"], row["text"]) for row in sentences.get(record["doc_id"], [])]
        spans = {
            kind: {(start, end) for mark in record["attributions"] for start, end in mark.get(kind) or []}
            for kind in SPANS
        }
        encodings = tokenizer.encode_batch([text for _, text in own], add_special_tokens=False)
        offsets = [
            [(start + a, start + b) for a, b in encoding.offsets]
            for (start, _), encoding in zip(own, encodings, strict=True)
        ]
        excerpt = Excerpt(
            doc_id=record["doc_id"],
            source="spans",
            selection="spans",
            context=[],
            sentences=[encoding.ids for encoding in encodings],
            texts=[text for _, text in own],
            targets=[(UNKNOWN, UNKNOWN, UNKNOWN)] * len(own),
            unsure=[False] * len(own),
            tags=[tags_of(tokens, spans) for tokens in offsets],
        )
        articles.append(TaggedArticle(excerpt, offsets, spans))
    return articles


def loss_of_tags(logits: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of `[batch, length, spans, tags]` over the tokens of the batch's own sentences."""
    targets = torch.full(logits.shape[:3], UNKNOWN)
    for row, example in enumerate(batch.examples):
        for (start, end), tags in zip(example.window.sentences, example.tags, strict=True):
            if tags:
                targets[row, start : end - 1] = torch.tensor(tags)
    known = targets[..., 0] != UNKNOWN
    losses = F.cross_entropy(logits[known].flatten(0, 1), targets[known].flatten(), reduction="none")
    return (losses.unflatten(0, (-1, len(SPANS))).mean(0) * KIND_WEIGHTS).sum()


def decode(logits: Tensor) -> list[Span]:
    """The ranges of tokens that the logits `[tokens, tags]` of one kind mark in a sentence: the most probable tags in
    which none is inside without one before it to be inside of (Viterbi 1967). Of equals, the first tag."""
    scores = logits.log_softmax(-1).tolist()
    if not scores:
        return []
    best = [scores[0][OUTSIDE], scores[0][BEGIN], -math.inf]
    came_from: list[list[int]] = []
    for outside, begin, inside in scores[1:]:
        any_tag = max(range(len(TAGS)), key=best.__getitem__)
        in_span = BEGIN if best[BEGIN] >= best[INSIDE] else INSIDE
        came_from.append([any_tag, any_tag, in_span])
        best = [best[any_tag] + outside, best[any_tag] + begin, best[in_span] + inside]
    tags = [max(range(len(TAGS)), key=best.__getitem__)]
    for previous in reversed(came_from):
        tags.append(previous[tags[-1]])
    return ranges_of(reversed(tags))


def ranges_of(tags: Iterable[int]) -> list[Span]:
    """The ranges that tags mark."""
    spans: list[Span] = []
    start = None
    for position, tag in enumerate([*tags, OUTSIDE]):
        if start is not None and tag != INSIDE:
            spans.append((start, position))
            start = None
        if start is None and tag != OUTSIDE:
            start = position
    return spans


def found_spans(
    model: Classifier, articles: list[TaggedArticle], config: WindowConfig, exact: bool = False
) -> list[dict[str, set[Span]]]:
    """What the model marks in every article, in characters."""
    found: list[dict[str, set[Span]]] = [{kind: set() for kind in SPANS} for _ in articles]
    excerpts = [article.excerpt for article in articles]
    model.eval()
    with torch.no_grad(), fast_precision(not exact):
        for batch in batches(windows_of(excerpts, config), 4096):
            logits = model.tag(model.bert(batch.ids, batch.lengths))
            for row, example in enumerate(batch.examples):
                offsets = articles[example.excerpt].offsets[example.window.first :]
                for (start, end), tokens in zip(example.window.sentences, offsets, strict=False):
                    marked = [decode(logits[row, start : end - 1, kind]) for kind in range(len(SPANS))]
                    add_spans(found[example.excerpt], marked, shorten(tokens, config))
    return found


def add_spans(found: dict[str, set[Span]], marked: list[list[Span]], offsets: list[Span]) -> None:
    """Adds the ranges of tokens of every kind, as characters."""
    for name, ranges in zip(SPANS, marked, strict=True):
        found[name] |= {(offsets[a][0], offsets[b - 1][1]) for a, b in ranges}


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def agreement(articles: list[TaggedArticle], found: list[dict[str, set[Span]]]) -> dict[str, dict[str, float]]:
    """Per kind, F1 of spans that are equal to the character, and of spans that touch one of the other side."""
    report = {}
    for kind in SPANS:
        equal = marked = guessed = touched = touching = 0
        for article, guess in zip(articles, found, strict=True):
            gold, own = article.spans[kind], guess[kind]
            equal += len(gold & own)
            marked += len(gold)
            guessed += len(own)
            touched += sum(any(a < end and b > start for a, b in own) for start, end in gold)
            touching += sum(any(a < end and b > start for a, b in gold) for start, end in own)
        precision, recall = ratio(equal, guessed), ratio(equal, marked)
        report[kind] = {
            "spans": marked,
            "precision": precision,
            "recall": recall,
            "exact_f1": harmonic(precision, recall),
            "overlap_f1": harmonic(ratio(touching, guessed), ratio(touched, marked)),
        }
    return report


def ceiling(articles: list[TaggedArticle]) -> dict[str, dict[str, float]]:
    """What a model that knew every tag would reach: spans may cross sentences or part wordpieces."""
    found = []
    for article in articles:
        spans: dict[str, set[Span]] = {kind: set() for kind in SPANS}
        for tags, offsets in zip(article.excerpt.tags, article.offsets, strict=True):
            if tags:
                add_spans(spans, [ranges_of(row[kind] for row in tags) for kind in range(len(SPANS))], offsets)
        found.append(spans)
    return agreement(articles, found)
