"""What teachers said of windows, in a file small enough to keep beside the scripts.

To train a teacher and ask it takes more than an hour, and to train a student on its answers does not need it any more.
Answers are numbers, some twenty bytes for a sentence; the text is not among them: a window is known by a hash of its
tokens. `distill` writes such a file (`known.safetensors`) and takes one (`--known`).
"""

import hashlib
from array import array
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .data import Batch, Example
from .labels import AXES

Answers = dict[str, Tensor]
"""Logits `[sentences, classes]` per axis."""

CLASSES = [len(names) for names in AXES.values()]


def key_of(example: Example) -> int:
    """63 bits that stand for a window: its tokens, and where its sentences are."""
    numbers = [*example.window.ids, *(place for span in example.window.sentences for place in span)]
    digest = hashlib.sha256(array("i", numbers).tobytes()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def keep(batches: list[Batch], answers: list[Answers], path: Path) -> None:
    """Writes what was said of the windows of `batches`, in half precision; batches without answers are left out."""
    answered = [(batch, answer) for batch, answer in zip(batches, answers, strict=True) if answer]
    examples = [example for batch, _ in answered for example in batch.examples]
    logits = torch.cat([torch.cat([answer[axis] for axis in AXES], dim=1) for _, answer in answered])
    tensors = {
        "windows": torch.tensor([key_of(example) for example in examples]),
        "sentences": torch.tensor([len(example.targets) for example in examples], dtype=torch.int16),
        "logits": logits.half(),
    }
    save_file(tensors, path)


def known(path: Path) -> dict[int, Tensor]:
    """Logits `[sentences, classes of all axes]` by window."""
    tensors = load_file(path)
    parts = tensors["logits"].float().split(tensors["sentences"].tolist())
    return dict(zip(tensors["windows"].tolist(), parts, strict=True))


def recall(answers: dict[int, Tensor], batch: Batch) -> Answers | None:
    """What is known of a batch, if all of its windows are."""
    parts = [answers.get(key_of(example)) for example in batch.examples]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    return dict(zip(AXES, torch.cat(found).split(CLASSES, dim=1), strict=True))
