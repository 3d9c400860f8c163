"""Precision, recall, F1 and confusion counts: the figures that `sayso eval` prints too."""

from collections.abc import Sequence
from typing import Any


def class_report(gold: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> dict[str, Any]:
    """Per class and macro-averaged; a class that neither side has counts as F1 0, as it does in Rust."""
    pairs = list(zip(gold, predicted, strict=True))
    confusion = [[sum(g == row and p == column for g, p in pairs) for column in classes] for row in classes]
    report: dict[str, Any] = {"classes": {}, "confusion": confusion, "support": len(pairs)}
    for index, name in enumerate(classes):
        hits = confusion[index][index]
        support = sum(confusion[index])
        guessed = sum(row[index] for row in confusion)
        report["classes"][name] = {
            "precision": hits / guessed if guessed else 0.0,
            "recall": hits / support if support else 0.0,
            "f1": 2 * hits / (support + guessed) if support + guessed else 0.0,
            "support": support,
        }
    report["macro_f1"] = sum(entry["f1"] for entry in report["classes"].values()) / len(classes)
    report["accuracy"] = sum(confusion[i][i] for i in range(len(classes))) / max(len(pairs), 1)
    return report
