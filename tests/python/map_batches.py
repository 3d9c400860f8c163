"""Checks examples/label_batches.py as Spark and Ray would call it; its argument is the folder that it stands in."""

import os
import re
import sys

import pyarrow as pa

sys.path.insert(0, sys.argv[1])
from label_batches import SPARK_SCHEMA, label_batches, label_table


def documents(first, last):
    """A record batch of invented articles."""
    ids = [f"story-{number}" for number in range(first, last)]
    texts = [f"The mayor of Ostby denied story {number}. Who knows?" for number in range(first, last)]
    return pa.RecordBatch.from_pydict({"doc_id": ids, "text": texts})


# Several batches through one process, lazily, as in Spark's mapInArrow.
rows = list(label_batches(documents(4 * number, 4 * number + 4) for number in range(3)))
table = pa.Table.from_batches(rows)
ids = table.column("doc_id").to_pylist()
assert ids == [f"story-{number // 2}" for number in range(24)], ids
assert table.column("sentence").to_pylist() == [0, 1] * 12
for row in table.to_pylist():
    text = f"The mayor of Ostby denied {row['doc_id'].replace('-', ' ')}. Who knows?"
    assert text[row["start"] : row["end"]] == row["text"], row

# The schema for Spark is that of the rows.
spans = pa.list_(pa.struct([("kind", pa.string()), ("start", pa.int64()), ("end", pa.int64())]))
types = {"string": pa.string(), "long": pa.int64(), "float": pa.float32()}
for field, declared in zip(table.schema, re.split(r",\s*(?![^<]*>)", SPARK_SCHEMA.strip()), strict=True):
    name, kind = declared.split(" ", 1)
    expected = types.get(kind)
    if expected is None:
        assert kind == "array<struct<kind: string, start: long, end: long>>", kind
        assert [part.name for part in field.type.value_type] == ["kind", "start", "end"], field
        expected = field.type
    assert (field.name, field.type) == (name, expected), (field, declared)

# One table, and one without rows, as in Ray's map_batches.
one = pa.Table.from_batches([documents(0, 4)])
assert label_table(one).equals(table.slice(0, 8)), "a table alone"
assert label_table(one.slice(0, 0)).schema.equals(table.schema), "an empty table"

# Failures are seen: of the documents, and of the program.
def broken():
    yield documents(0, 1)
    raise ValueError("no more documents")


try:
    list(label_batches(broken()))
    raise SystemExit("a failure of the documents was not seen")
except ValueError as error:
    assert str(error) == "no more documents"
try:
    list(label_batches([documents(0, 1)], ["--model", "/nowhere"]))
    raise SystemExit("a failure of the program was not seen")
except RuntimeError as error:
    assert "status 2" in str(error), error

# Whoever stops early leaves no process that waits. The kept column fills a batch after a few rows.
def wide():
    number = 0
    while True:
        batch = documents(number, number + 1)
        number += 1
        yield batch.append_column("pad", pa.array(["x" * 1_000_000]))


stopped = label_batches(wide(), ["--keep", "pad"])
assert next(stopped).num_rows < 10
stopped.close()
