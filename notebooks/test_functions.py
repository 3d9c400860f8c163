"""Checks the formulas in the cell `functions` of corpus.ipynb against textbook values and simulated corpora."""

import math
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

NOTEBOOK = Path(__file__).parent / "corpus.ipynb"


def functions() -> dict:
    """What the notebook defines, as the notebook defines it."""
    cells = {cell.id: cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    names = {"np": np, "pd": pd, "math": math}
    exec(compile(cells["functions"].source, f"{NOTEBOOK.name}[functions]", "exec"), names)
    return names


def corpus(random: np.random.Generator, articles: int, share: float, spread: float) -> pd.DataFrame:
    """Articles of 6 to 14 sentences whose own shares scatter around `share`: the more, the smaller `spread`."""
    sizes = random.integers(6, 15, size=articles)
    own = random.beta(share * spread, (1 - share) * spread, size=articles)
    return pd.DataFrame(
        {
            "outlet": "Invented",
            "doc_id": np.repeat(np.arange(articles), sizes),
            "hit": random.random(sizes.sum()) < np.repeat(own, sizes),
        }
    )


def coverage(names: dict, articles: int, clustered: bool) -> float:
    """How often, of 400 corpora, the interval holds the true share."""
    random, share, held = np.random.default_rng(7), 0.2, 0
    for _ in range(400):
        rows = corpus(random, articles, share, spread=3)
        effect = names["design_effect"](names["by_article"](rows, "hit")) if clustered else 1.0
        low, high = names["wilson"](rows.hit.sum(), len(rows), effect)
        held += low <= share <= high
    return held / 400


def test_wilson(names: dict) -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20.
    for hits, n, expected in [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611))]:
        assert np.allclose(names["wilson"](hits, n), expected, atol=5e-5), (hits, n, names["wilson"](hits, n))


def test_kappa(names: dict) -> None:
    # 50 applications, two readers: both yes 20, both no 15, only the first yes 5, only the second 10.
    textbook = np.array([[20, 5], [10, 15]])
    assert math.isclose(names["kappa"](textbook), 0.4), names["kappa"](textbook)
    assert names["kappa"](np.diag([3, 4, 5])) == 1
    # A class that only one of the two uses counts as disagreement and for nothing else.
    assert names["kappa"](np.array([[1, 1], [0, 0]])) == 0
    assert np.allclose(names["kappa"](np.stack([textbook, np.diag([1, 1])])), [0.4, 1])


def test_intervals_hold_the_truth_as_often_as_they_say(names: dict) -> None:
    clustered, naive = coverage(names, 24, clustered=True), coverage(names, 24, clustered=False)
    assert 0.91 < clustered <= 0.99, clustered
    assert naive < 0.85, f"the simulated articles are not alike within: {naive}"


def test_shares_count_sentences_and_articles(names: dict) -> None:
    rows = pd.DataFrame(
        {"outlet": ["A"] * 6 + ["B"] * 2, "doc_id": list("aaabbbcc"), "hit": [1, 0, 0, 0, 0, 0, 1, 1]}
    ).astype({"hit": bool})
    table = names["shares"](rows, "hit", ["outlet"]).set_index("outlet")
    assert table.loc["A", ["articles", "sentences"]].tolist() == [2, 6]
    assert math.isclose(table.loc["A", "share"], 100 / 6)
    assert table.loc["B", "share"] == 100 and 0 < table.loc["B", "low"] < 100 == round(table.loc["B", "high"], 6)


def main() -> None:
    names = functions()
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test(names)


if __name__ == "__main__":
    main()
