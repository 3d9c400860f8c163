"""Sentences to ids and padded arrays, the same for every Python engine."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sayso_train.windows import WindowConfig, shorten

Ids = NDArray[np.int64]


class SentenceTokenizer:
    """`[CLS]`, a sentence, `[SEP]`: the window of a sentence that stands alone."""

    def __init__(self, bundle: Path) -> None:
        self.windows = WindowConfig(**json.loads((bundle / "config.json").read_text())["window"])
        self.tokenizer = Tokenizer.from_file(str(bundle / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def encode(self, texts: list[str]) -> list[list[int]]:
        encoded = self.tokenizer.encode_batch(texts, add_special_tokens=False)
        config = self.windows
        return [[config.cls, *shorten(one.ids, config), config.sep] for one in encoded]


def pad(windows: list[list[int]]) -> tuple[Ids, Ids]:
    """Ids and mask, `[windows, length of the longest]`."""
    lengths = np.array([len(window) for window in windows])
    mask = (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
    ids = np.zeros_like(mask)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
    return ids, mask
