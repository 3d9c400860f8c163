"""Scores a trained checkpoint on gold files."""

from typing import Any

import torch
from torch import Tensor

from .data import Excerpt, batches, windows_of
from .labels import ATTRIBUTION, AXES, LABEL, STANCE, derive
from .metrics import class_report
from .model import Classifier, fast_precision
from .windows import WindowConfig


def predict(
    model: Classifier, excerpts: list[Excerpt], windows: WindowConfig, max_tokens: int = 4096, exact: bool = False
) -> dict[str, Tensor]:
    """Logits per axis for every sentence, in the order of excerpts and sentences; f32 arithmetic where `exact`."""
    model.eval()
    examples = windows_of(excerpts, windows)
    keys: list[tuple[int, int]] = []
    rows: dict[str, list[Tensor]] = {axis: [] for axis in AXES}
    with torch.no_grad(), fast_precision(not exact):
        for batch in batches(examples, max_tokens):
            for axis, logits in model(batch.ids, batch.lengths, batch.spans).items():
                rows[axis].append(logits)
            for example in batch.examples:
                keys += [(example.excerpt, example.window.first + i) for i in range(len(example.targets))]
    order = torch.tensor(sorted(range(len(keys)), key=keys.__getitem__))
    return {axis: torch.cat(parts)[order] for axis, parts in rows.items()}


def gold_columns(excerpts: list[Excerpt]) -> tuple[list[str], list[str]]:
    targets = [target for excerpt in excerpts for target in excerpt.targets]
    return [STANCE[t[0]] for t in targets], [ATTRIBUTION[t[1]] for t in targets]


def summarize(
    excerpts: list[Excerpt], logits: dict[str, Tensor], biases: dict[str, list[float]] | None = None
) -> dict[str, Any]:
    """The few figures that a training log wants: label F1 per class, macro F1 per axis."""
    biases = biases or {}

    def decide(axis: str) -> list[str]:
        scores = logits[axis] + torch.tensor(biases.get(axis, [0.0] * len(AXES[axis])))
        return [AXES[axis][index] for index in scores.argmax(1).tolist()]

    stance, attribution = decide("stance"), decide("attribution")
    gold_stance, gold_attribution = gold_columns(excerpts)
    label = class_report(
        [derive(*pair) for pair in zip(gold_stance, gold_attribution, strict=True)],
        [derive(*pair) for pair in zip(stance, attribution, strict=True)],
        LABEL,
    )
    return {
        "macro": round(label["macro_f1"], 4),
        **{name: round(entry["f1"], 4) for name, entry in label["classes"].items()},
        "stance": round(class_report(gold_stance, stance, STANCE)["macro_f1"], 4),
        "attribution": round(class_report(gold_attribution, attribution, ATTRIBUTION)["macro_f1"], 4),
    }
