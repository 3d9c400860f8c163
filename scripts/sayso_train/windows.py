"""Packs the sentences of a document into token windows, exactly as the Rust side does at run time.

This file and `src/window/` implement one specification, written down in `docs/WINDOWS.md`; the windows in
`tests/fixtures/golden.json`, made by `sayso_train.golden`, hold the two together.
"""

from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class WindowConfig:
    """Sizes in wordpieces, separators included."""

    max_window: int = 320
    max_context: int = 64
    max_sentence: int = 192
    sentence_tail: int = 64
    cls: int = 101
    sep: int = 102


@dataclass
class Window:
    """One token sequence: `[CLS]`, context, then sentences, each followed by `[SEP]`.

    `sentences` holds `(start, end)` for every sentence that this window classifies, `end` one past its `[SEP]`;
    `first` is the index of the first of them in the document.
    """

    ids: list[int]
    first: int
    sentences: list[tuple[int, int]] = field(default_factory=list)


def shorten(ids: list[T], config: WindowConfig) -> list[T]:
    """Cuts the middle out of a sentence that is too long: attribution sits at its start or at its end."""
    if len(ids) <= config.max_sentence:
        return ids
    head = config.max_sentence - config.sentence_tail
    return ids[:head] + ids[-config.sentence_tail :]


def context_before(previous: list[list[int]], config: WindowConfig) -> list[int]:
    """The nearest whole sentences that fit into `max_context`; of a nearest one that does not fit, its end."""
    chosen: list[list[int]] = []
    used = 0
    for ids in reversed(previous):
        if used + len(ids) + 1 > config.max_context:
            if not chosen:
                chosen.append(ids[-(config.max_context - 1) :])
            break
        chosen.append(ids)
        used += len(ids) + 1
    return [token for ids in reversed(chosen) for token in [*ids, config.sep]]


def pack(context: list[list[int]], sentences: list[list[int]], config: WindowConfig) -> list[Window]:
    """Greedy: a window takes sentences until the next would not fit, and always takes at least one."""
    previous = [shorten(ids, config) for ids in context]
    windows: list[Window] = []
    current: Window | None = None
    for index, ids in enumerate(shorten(ids, config) for ids in sentences):
        if current is None or len(current.ids) + len(ids) + 1 > config.max_window:
            current = Window([config.cls, *context_before(previous, config)], first=index)
            windows.append(current)
        start = len(current.ids)
        current.ids += [*ids, config.sep]
        current.sentences.append((start, len(current.ids)))
        previous.append(ids)
    return windows
