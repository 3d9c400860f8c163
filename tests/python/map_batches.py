"""Checks examples/label_batches.py as Spark and Ray would call it; its argument is the folder that it stands in."""

import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pyarrow as pa

sys.path.insert(0, sys.argv[1])
from label_batches import SENTENCE, label_batches, label_table, rows_schema

PROGRAM = os.environ["SAYSO"]
DOCUMENTS = pa.schema(
    {
        "day": pa.date32(),
        "tags": pa.list_(pa.string()),
        "source": pa.int16(),
        "doc_id": pa.string(),
        "text": pa.string(),
    }
)


def documents(first, last):
    """A record batch of invented articles of two sentences, the fifth of every ten without text."""
    numbers = range(first, last)
    told = [f"The mayor of Ostby denied story {number}. Who knows?" for number in numbers]
    columns = {
        "day": [datetime.date(2024, 1, 1 + number % 28) for number in numbers],
        "tags": [["a"] * (number % 3) for number in numbers],
        "source": [None if number % 4 == 0 else number for number in numbers],
        "doc_id": [f"story-{number}" for number in numbers],
        "text": [None if number % 10 == 5 else text for number, text in zip(numbers, told, strict=True)],
    }
    return pa.RecordBatch.from_pydict(columns, DOCUMENTS)


def stand_in(folder, script):
    """A program that is not sayso."""
    path = pathlib.Path(folder) / "sayso"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def check_sentences_are_what_the_program_writes():
    line = json.dumps({"doc_id": "a", "text": "Rain fell."}).encode()
    written = subprocess.run([PROGRAM, "label", "--format", "arrow"], input=line, capture_output=True, check=True)
    schema = pa.ipc.open_stream(written.stdout).schema
    plain = [field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in schema]
    # A rejected document has no sentence, so that the columns here may be null.
    assert [str(kind).replace(" not null", "") for kind in plain] == [str(kind) for kind in SENTENCE.types], plain
    assert schema.names == SENTENCE.names, schema.names


def check_rows():
    """Several batches of any length through one process, with kept columns in their own types."""
    keep = ["source", "day", "tags"]
    batches = [documents(0, 4), documents(4, 4), documents(4, 5), documents(5, 400)]
    read = pa.Table.from_batches(batches)
    rows = list(label_batches(iter(batches), keep=keep))
    schema = rows_schema(read.schema, keep)
    assert schema.names == [*SENTENCE.names, "doc_source", "day", "tags", "reject"], schema.names
    assert (schema.field("doc_source").type, schema.field("day").type) == (pa.int16(), pa.date32())
    table = pa.Table.from_batches(rows, schema).to_pylist()
    by_id = {row["doc_id"]: row for row in read.to_pylist()}
    for row in table:
        document = by_id[row["doc_id"]]
        assert [row["doc_source"], row["day"], row["tags"]] == [document[name] for name in keep], row
    labelled = [row for row in table if row["reject"] is None]
    expected = [f"story-{number}" for number in range(400) if number % 10 != 5]
    assert [row["doc_id"] for row in labelled] == [name for name in expected for _ in range(2)]
    assert [row["sentence"] for row in labelled] == [0, 1] * len(expected)
    for row in labelled:
        assert by_id[row["doc_id"]]["text"][row["start"] : row["end"]] == row["text"], row
    rejects = table[len(labelled) :]
    assert [row["doc_id"] for row in rejects] == [f"story-{number}" for number in range(5, 400, 10)]
    assert {row["reject"] for row in rejects} == {'field "text": expected a string, found null'}
    assert {row["sentence"] for row in rejects} == {None}


def check_tables():
    """One table, as in Ray's map_batches; also without rows, without batches and without good documents."""
    table = pa.Table.from_batches([documents(0, 40)])
    rows = label_table(table, keep=["day"], arguments=["--threads", "1"])
    assert len(rows) == 36 * 2 + 4, len(rows)
    for empty in (table.slice(0, 0), table.schema.empty_table()):
        assert label_table(empty, keep=["day"]).equals(rows.slice(0, 0)), "no rows"
    assert list(label_batches([], program="/nowhere")) == [], "a program was started for nothing"
    lost = label_table(table.slice(5, 1), keep=["day"])
    assert lost.select(["doc_id", "day"]).to_pylist() == [{"doc_id": "story-5", "day": datetime.date(2024, 1, 6)}]
    renamed = table.rename_columns(["day", "tags", "source", "page", "body"])
    renamed = renamed.set_column(3, "page", pa.array(range(40), pa.int32()))
    again = label_table(renamed, text_column="body", id_column="page", keep=["page", "day"])
    assert again["page"].type == pa.int32()
    assert again["doc_id"].to_pylist() == [str(page) for page in again["page"].to_pylist()]
    assert again["text"].equals(rows["text"])


def check_many_rejects():
    """Standard error is read all the while: more is written to it than a pipe holds."""
    bad = documents(0, 20_000).set_column(4, "text", pa.nulls(20_000, pa.string()))
    rows = pa.Table.from_batches(label_batches([documents(20_000, 20_001), bad], keep=["tags"]))
    assert len(rows) == 20_002, len(rows)
    assert rows["doc_id"].to_pylist()[-1] == "story-19999"


def raised(batches, **options):
    """What labelling them raises."""
    try:
        list(label_batches(batches, **options))
    except Exception as failure:
        return failure
    raise AssertionError("a failure was not seen")


def check_failures():
    def broken():
        yield documents(0, 1)
        raise ValueError("no more documents")

    assert str(raised(broken())) == "no more documents"
    failure = str(raised([documents(0, 1)], arguments=["--model", "/nowhere"]))
    assert "status 2" in failure and "/nowhere" in failure, failure
    failure = str(raised([documents(0, 1)], text_column="day"))
    assert "day" in failure, failure
    assert isinstance(raised([documents(0, 1)], keep=["no such"]), KeyError)
    with tempfile.TemporaryDirectory() as folder:
        dying = stand_in(folder, "echo 'no memory left' >&2; kill -KILL $$")
        failure = str(raised((documents(n, n + 1000) for n in range(0, 100_000, 1000)), program=dying))
        assert "signal 9" in failure and "no memory left" in failure, failure
        # It writes rows, then dies: what came before is not taken for everything.
        half = stand_in(folder, f'"{PROGRAM}" "$@" | head -c 3000; kill -KILL $$')
        assert "signal 9" in str(raised([documents(0, 100)], program=half))
        # It ends in peace without having read everything.
        lazy = stand_in(folder, "exit 0")
        assert isinstance(raised((documents(n, n + 1000) for n in range(0, 100_000, 1000)), program=lazy), OSError)


def check_memory():
    """Of an endless input, no more is read than is on its way; and whoever stops leaves no process behind."""
    taken = 0

    def endless():
        nonlocal taken
        while True:
            yield documents(taken, taken + 100)
            taken += 100

    with tempfile.TemporaryDirectory() as folder:
        pid = pathlib.Path(folder) / "pid"
        watched = stand_in(folder, f'echo $$ > {pid}; exec "{PROGRAM}" "$@"')
        rows = label_batches(endless(), keep=["tags"], program=watched)
        for _ in range(4):
            last = next(rows)["doc_id"][-1].as_py()
        on_the_way = taken - int(last.removeprefix("story-"))
        assert 0 < on_the_way < 20_000, on_the_way
        assert pathlib.Path(f"/proc/{pid.read_text().strip()}").exists() or sys.platform != "linux"
        rows.close()
        try:
            os.kill(int(pid.read_text()), 0)
            raise SystemExit("the program still runs")
        except ProcessLookupError:
            pass


check_sentences_are_what_the_program_writes()
check_rows()
check_tables()
check_many_rejects()
check_failures()
check_memory()
