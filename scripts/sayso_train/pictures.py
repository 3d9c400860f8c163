"""Draws the reliability diagram and the coverage curve of a bundle's model card, from its `eval.json` alone.

The picture carries a digest of the figures that it shows, so that `card --check`, which draws nothing, can tell an old
one.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NAME = "reliability.svg"
MARKERS = {"label": "o", "stance": "s", "attribution": "^"}
"""Shapes tell the axes apart where colours do not."""
COLOURS = {"label": "#0072b2", "stance": "#d55e00", "attribution": "#009e73"}
"""From Okabe and Ito's palette for colour-blind readers."""


def digest(report: dict[str, Any]) -> str:
    """What the picture is drawn from."""
    shown = json.dumps([report["model"], report["reliability"], report["coverage"]])
    return hashlib.sha256(shown.encode()).hexdigest()


def draw(report: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    plt.rcParams |= {"svg.hashsalt": "sayso", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"}
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    left.plot([0, 1], [0, 1], color="#888888", linewidth=0.8)
    for axis, bins in report["reliability"].items():
        left.plot(
            [part["confidence"] for part in bins],
            [part["right"] for part in bins],
            marker=MARKERS[axis],
            color=COLOURS[axis],
            markersize=4,
            linewidth=1,
            label=axis,
        )
    left.set(xlabel="probability given", ylabel="share that is right", xlim=(0.2, 1), ylim=(0.2, 1))
    left.legend(frameon=False)
    rows = [row for row in report["coverage"] if row["right"] is not None]
    right.plot([row["share"] for row in rows], [row["right"] for row in rows], marker="o", color=COLOURS["label"])
    for row in rows:
        place = (row["share"], row["right"])
        right.annotate(f"{row['least']:g}", place, (4, 3), textcoords="offset points", fontsize=8)
    right.set(xlabel="share of sentences at least so sure", ylabel="labels that are right")
    for side in (left, right):
        side.spines[["top", "right"]].set_visible(False)
        side.grid(color="#dddddd", linewidth=0.5)
    figure.savefig(path, metadata={"Date": None, "Creator": None, "Description": digest(report)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=ROOT / "models/default")
    arguments = parser.parse_args()
    draw(json.loads((arguments.bundle / "eval.json").read_text()), arguments.bundle / NAME)


if __name__ == "__main__":
    main()
