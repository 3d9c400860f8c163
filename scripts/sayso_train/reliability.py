"""Whether probabilities mean what they say: reliability bins, their error, and what is left at a least confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .labels import ATTRIBUTION, AXES, STANCE

BINS = 15
LEAST_CONFIDENCES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)


@dataclass
class Judged:
    """How sure the model was of every answer, and whether it was right."""

    confidence: list[float]
    right: list[bool]

    @classmethod
    def likeliest(cls, log_probabilities: Tensor, axis: str, gold: Sequence[str]) -> "Judged":
        """Of an axis' likeliest values."""
        best, index = log_probabilities.max(1)
        right = [AXES[axis][i] == value for i, value in zip(index.tolist(), gold, strict=True)]
        return cls(best.exp().tolist(), right)

    def bins(self) -> list[dict[str, Any]]:
        """Of equal width; those without sentences are left out."""
        found = []
        for number in range(BINS):
            inside = [i for i, c in enumerate(self.confidence) if min(int(c * BINS), BINS - 1) == number]
            if inside:
                found.append(
                    {
                        "sentences": len(inside),
                        "confidence": sum(self.confidence[i] for i in inside) / len(inside),
                        "right": sum(self.right[i] for i in inside) / len(inside),
                    }
                )
        return found

    def error(self) -> float:
        """Expected calibration error (Naeini et al. 2015)."""
        gaps = sum(part["sentences"] * abs(part["right"] - part["confidence"]) for part in self.bins())
        return gaps / max(len(self.confidence), 1)

    def coverage(self) -> list[dict[str, Any]]:
        """The share of sentences at or above a least confidence, and how many of their answers are right."""
        rows = []
        for least in LEAST_CONFIDENCES:
            kept = [right for c, right in zip(self.confidence, self.right, strict=True) if c >= least]
            accuracy = sum(kept) / len(kept) if kept else None
            rows.append({"least": least, "share": len(kept) / max(len(self.right), 1), "right": accuracy})
        return rows


def label_confidence(stance: Tensor, attribution: Tensor, label: str) -> float:
    """Probability of a label under independent axes, from one sentence's log-probabilities: the column `confidence`."""
    p, anonymous = stance.exp(), attribution.exp()[ATTRIBUTION.index("anonymous")].item()
    none, deny = p[STANCE.index("none")].item(), p[STANCE.index("deny")].item()
    return {
        "none": none,
        "anonymous": (1 - none) * anonymous,
        "denial": deny * (1 - anonymous),
        "assertion": (1 - none - deny) * (1 - anonymous),
    }[label]
