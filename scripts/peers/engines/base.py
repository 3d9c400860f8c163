"""What an engine has to do, and the way from texts to labels that all Python engines share."""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ..labels import READ_AXES, Decision, Logits
from ..layout import Layout
from ..tokens import SentenceTokenizer


class Engine(ABC):
    note = ""
    """What a reader of the row must know; empty if there is nothing."""
    partial = False
    """Whether the engine cannot compute all that the heads read, so that its labels mean nothing."""

    def __init__(self, bundle: Path, exports: Path, precision: str, layout: Layout) -> None:
        self.bundle, self.exports, self.precision, self.layout = bundle, exports, precision, layout
        self.tokenizer = SentenceTokenizer(bundle)
        self.decision = Decision(bundle)
        self.pool = ThreadPoolExecutor(layout.workers)
        self.load()

    @abstractmethod
    def load(self) -> None:
        """Reads the weights, for calls from `layout.workers` threads at a time."""

    @abstractmethod
    def logits(self, windows: list[list[int]]) -> Logits:
        """The logits of one batch of token sequences, which are of similar length."""

    def encode(self, texts: list[str]) -> list[str]:
        """The label of every text. Sorted by length, so that hardly a token is padding; longest first, so that the
        workers finish together."""
        windows = self.tokenizer.encode(texts)
        order = sorted(range(len(windows)), key=lambda index: -len(windows[index]))
        size = self.layout.batch
        batches = [[windows[index] for index in order[start : start + size]] for start in range(0, len(order), size)]
        run = map if self.layout.workers == 1 else self.pool.map
        results = list(run(self.logits, batches))
        labels = self.decision.labels({axis: np.concatenate([one[axis] for one in results]) for axis in READ_AXES})
        restored = [""] * len(texts)
        for index, label in zip(order, labels, strict=True):
            restored[index] = label
        return restored
