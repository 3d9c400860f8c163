"""Checks that pandas and polars open the files that sayso wrote, with the right types and without a flag.

The arguments are a folder with rows.* and a JSON Lines file of the documents.
"""

import json
import pathlib
import sys

import pandas as pd
import polars as pl

folder = pathlib.Path(sys.argv[1])
documents = {}
for line in pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
    document = json.loads(line)
    documents[document["doc_id"]] = document["text"]

TEXTS = ["doc_id", "text", "label", "stance", "attribution", "anonymity", "source", "cue"]
NUMBERS = ["sentence", "start", "end"]
PROBABILITIES = ["confidence", "p_assert", "p_deny", "p_no_comment", "p_named", "p_anonymous", "p_unspecified"]
COLUMNS = [
    "doc_id", "sentence", "start", "end", "text", "label", "confidence", "stance", "p_assert", "p_deny",
    "p_no_comment", "attribution", "p_named", "p_anonymous", "p_unspecified", "anonymity", "source", "cue",
    "uncertain",
]  # fmt: skip


def check_offsets(rows):
    """Offsets slice the document, in Python's own way of counting."""
    assert rows, "there are no rows"
    for row in rows:
        assert documents[row["doc_id"]][row["start"] : row["end"]] == row["text"], row


def check_pandas(rows, name):
    assert list(rows.columns[: len(COLUMNS)]) == COLUMNS, (name, rows.columns)
    for column in NUMBERS:
        assert rows[column].dtype == "int64", (name, column, rows[column].dtype)
    for column in PROBABILITIES:
        assert rows[column].dtype in ("float64", "float32"), (name, column, rows[column].dtype)
    for column in TEXTS:
        assert all(isinstance(cell, str) for cell in rows[column].dropna()), (name, column)
    assert rows["uncertain"].dtype == "bool", (name, rows["uncertain"].dtype)
    check_offsets(rows.to_dict("records"))


def check_polars(rows, name):
    assert rows.columns[: len(COLUMNS)] == COLUMNS, (name, rows.columns)
    for column in NUMBERS:
        assert rows.schema[column] == pl.Int64, (name, column, rows.schema[column])
    for column in PROBABILITIES:
        assert rows.schema[column] in (pl.Float64, pl.Float32), (name, column, rows.schema[column])
    for column in TEXTS:
        # JSON Lines do not say of what type a column is that is null throughout.
        others = (pl.Null,) if name == "rows.jsonl" else ()
        assert rows.schema[column] in (pl.String, pl.Categorical, pl.Enum, *others), (name, column, rows.schema[column])
    assert rows.schema["uncertain"] == pl.Boolean, name
    check_offsets(rows.to_dicts())


def plain(rows):
    """What is compared between formats: all columns but spans, as pandas' own types."""
    rows = rows[COLUMNS].copy()
    for column in TEXTS:
        rows[column] = rows[column].astype(object).where(rows[column].notna(), None)
    for column in PROBABILITIES:
        rows[column] = rows[column].astype("float32")
    return rows


csv = pd.read_csv(folder / "rows.csv")
readings = {
    "rows.csv": csv,
    "rows.csv.gz": pd.read_csv(folder / "rows.csv.gz"),
    "rows.tsv": pd.read_csv(folder / "rows.tsv", sep="\t"),
    "rows.jsonl": pd.read_json(folder / "rows.jsonl", lines=True, dtype={"doc_id": str}),
}
try:
    import pyarrow  # noqa: F401

    readings["rows.parquet"] = pd.read_parquet(folder / "rows.parquet")
    readings["rows.feather"] = pd.read_feather(folder / "rows.feather")
    with pyarrow.ipc.open_stream(folder / "rows.arrows") as stream:
        readings["rows.arrows"] = stream.read_pandas()
except ImportError:
    print("skipped: no pyarrow, so pandas does not read Parquet and Arrow")
for name, rows in readings.items():
    check_pandas(rows, name)
    pd.testing.assert_frame_equal(plain(rows), plain(csv), obj=name)
for name in ("rows.parquet", "rows.feather", "rows.arrows"):
    if name in readings:
        assert readings[name]["label"].dtype == "category", (name, readings[name]["label"].dtype)
        assert readings[name]["confidence"].dtype == "float32", name

readings = {
    "rows.csv": pl.read_csv(folder / "rows.csv"),
    "rows.csv.gz": pl.read_csv(folder / "rows.csv.gz"),
    "rows.csv.zst": pl.read_csv(folder / "rows.csv.zst"),
    "rows.tsv": pl.read_csv(folder / "rows.tsv", separator="\t"),
    "rows.jsonl": pl.read_ndjson(folder / "rows.jsonl"),
    "rows.parquet": pl.read_parquet(folder / "rows.parquet"),
    "rows.feather": pl.read_ipc(folder / "rows.feather"),
    "rows.arrows": pl.read_ipc_stream(folder / "rows.arrows"),
}
for name, rows in readings.items():
    check_polars(rows, name)
