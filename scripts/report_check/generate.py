"""Invents tables like those of `sayso label`, of any number of rows, for `sayso report` to read.

    python -m report_check.generate --rows 1000000 FOLDER

writes `rows.parquet` and `rows.csv`, with an outlet and a date kept. Nothing in them is anybody's text.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

STANCES = np.array(["assert", "deny", "no_comment", "none"])
ATTRIBUTIONS = np.array(["none", "named", "anonymous", "unspecified"])
ANONYMITIES = np.array(["explicit", "role", "group", "document"])
WORDS = (
    "the bridge closed on a Monday in March after divers had found cracks that nobody would explain to council"
    " members who asked for papers about money ferries storms and “old” letters, but not all of them; =1 é 🙂"
)
SENTENCES = 20_000
"""Different texts; which of them a row has matters to nobody."""
NAMED = ("the Ministry", "the ministry", "The ministry", "Mayor Ilse Brønlund", "he", "She", "it", "", "police", "")
ANONYMOUS = ("two officials", "Two officials", "sources", "people familiar with the matter", "they", "critics", "")
DATES = ("", "soon")


def pick(random: np.random.Generator, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """One of `values` for every row of `weights`, by these weights."""
    edges = np.cumsum(weights, axis=1)
    return values[(random.random((len(weights), 1)) * edges[:, -1:] > edges).sum(axis=1)]


def named(random: np.random.Generator, rows: int) -> np.ndarray:
    """A few frequent names, and many rare ones."""
    rare = np.char.add("Speaker No. ", random.zipf(1.3, rows).clip(max=60_000).astype(str))
    frequent = np.array(NAMED)[random.integers(len(NAMED), size=rows)]
    return np.where(random.random(rows) < 0.4, rare, frequent)


def table(rows: int, seed: int = 11) -> pd.DataFrame:
    """A table of so many rows, in documents of very different lengths."""
    random = np.random.default_rng(seed)
    sizes = np.maximum(1, random.lognormal(2.8, 0.8, rows).astype(int))
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), rows) + 1]
    document = np.repeat(np.arange(len(sizes)), sizes)[:rows]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    sentence = np.arange(rows) - first[document]

    # Documents differ: some are about a dispute, some rest on unnamed sources.
    outlet = (random.random(len(sizes)) ** 2 * 30).astype(int)
    deny = np.where(random.random(len(sizes)) < 0.1 + outlet / 200, 0.3, 0.02)[document]
    hidden = np.where(random.random(len(sizes)) < 0.2, 0.3, 0.03)[document]
    one = np.ones(rows)
    stance = pick(random, STANCES, np.column_stack([one * 0.8, deny, one * 0.01, one * 0.08]))
    attribution = pick(random, ATTRIBUTIONS, np.column_stack([one * 0.6, one * 0.3, hidden, one * 0.02]))
    kind = pick(random, ANONYMITIES, np.tile([0.3, 0.5, 0.15, 0.05], (rows, 1)))
    label = np.select(
        [stance == "none", attribution == "anonymous", stance == "deny"], ["none", "anonymous", "denial"], "assertion"
    )
    probabilities = random.dirichlet((0.6, 0.2, 0.2, 0.3), (2, rows)).round(4)
    days = np.datetime64("2021-02-03") + random.integers(0, 1400, len(sizes))
    dates = np.char.add(days.astype(str), np.where(outlet % 2 == 0, "", "T18:30:00+02:00"))
    dates = np.where(random.random(len(sizes)) < 0.03, np.array(DATES)[random.integers(2, size=len(sizes))], dates)
    words = np.array(WORDS.split())
    texts = np.array([" ".join(words[random.integers(len(words), size=20)]) for _ in range(SENTENCES)], dtype=object)
    text = texts[random.integers(SENTENCES, size=rows)]
    sources = np.select(
        [attribution == "named", attribution == "anonymous"],
        [named(random, rows), np.array(ANONYMOUS)[random.integers(len(ANONYMOUS), size=rows)]],
        "",
    )
    return pd.DataFrame(
        {
            "doc_id": np.char.add("story-", document.astype(str)),
            "sentence": sentence,
            "start": sentence * 100,
            "end": sentence * 100 + 99,
            "text": text,
            "label": label,
            "confidence": random.beta(6, 1.2, rows).round(4).astype(np.float32),
            "stance": stance,
            **{f"p_{name}": probabilities[0][:, i].astype(np.float32) for i, name in enumerate(STANCES[:3])},
            "attribution": attribution,
            **{f"p_{name}": probabilities[1][:, i].astype(np.float32) for i, name in enumerate(ATTRIBUTIONS[1:])},
            "anonymity": np.where(attribution == "anonymous", kind, ""),
            "source": sources,
            "cue": np.where(sources == "", "", "said"),
            "outlet": np.char.add("Outlet ", outlet.astype(str))[document],
            "date": dates[document],
        }
    )


def write(frame: pd.DataFrame, folder: Path) -> None:
    """Writes `frame` as CSV, and as Parquet with the types that `sayso label` gives it."""
    frame.to_csv(folder / "rows.csv", index=False, float_format="%.4f")
    columns = pa.Table.from_pandas(frame, preserve_index=False)
    for name in ("label", "stance", "attribution"):
        place = columns.schema.get_field_index(name)
        columns = columns.set_column(place, name, columns[name].dictionary_encode())
    pq.write_table(columns, folder / "rows.parquet", compression="zstd", row_group_size=65_536)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write(table(arguments.rows), arguments.folder)


if __name__ == "__main__":
    main()
