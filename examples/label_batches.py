"""Labels Arrow record batches with sayso as a filter: for Spark, Ray, or a loop of your own.

The program must be on the PATH, or its path in the variable SAYSO. One process labels all the batches that it is
given, in flat memory: a thread writes what goes in while what comes out is read.

In Spark, on a data frame with the columns doc_id and text:

    frame.select("doc_id", "text").mapInArrow(label_batches, SPARK_SCHEMA)

In Ray:

    dataset.map_batches(label_table, batch_format="pyarrow")

sayso sends labels as dictionaries, which Spark does not take; here they become plain strings.
"""

import json
import os
import subprocess
import threading

import pyarrow as pa

SPARK_SCHEMA = """
    doc_id string, sentence long, start long, end long, text string, label string, confidence float,
    stance string, p_assert float, p_deny float, p_no_comment float,
    attribution string, p_named float, p_anonymous float, p_unspecified float, anonymity string,
    source string, cue string, spans array<struct<kind: string, start: long, end: long>>
"""


def label_batches(batches, arguments=()):
    """Takes an iterator of record batches with a row per document; yields some with a row per sentence.

    `arguments` are more flags of `sayso label`; columns that they add must be added to the schema for Spark too.
    Where there are no rows, one batch without rows says what columns there would be.
    """
    program = os.environ.get("SAYSO", "sayso")
    command = [program, "label", "-", "--quiet", "--input-format", "jsonl", "--format", "arrow", *arguments]
    failures = []
    has_rows = False
    schema = None
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        feeder = threading.Thread(target=feed, args=(batches, process.stdin, failures), daemon=True)
        feeder.start()
        if process.stdout.peek(1):
            with pa.ipc.open_stream(process.stdout) as rows:
                schema = without_dictionaries(rows.schema)
                for batch in rows:
                    has_rows = True
                    yield batch.cast(schema)
        feeder.join()
    # 0: all went well; 1: some documents were rejected, and are named on standard error.
    if process.returncode not in (0, 1):
        raise RuntimeError(f"sayso ended with status {process.returncode}; standard error says why")
    if failures:
        raise failures[0]
    if not has_rows:
        yield pa.RecordBatch.from_pylist([], schema=schema)


def label_table(table):
    """The same for one table."""
    return pa.Table.from_batches(label_batches(table.to_batches()))


def feed(batches, pipe, failures):
    """Writes documents to the program and closes its input; a failure is kept for whoever reads the rows."""
    try:
        with pipe:
            for batch in batches:
                for document in batch.to_pylist():
                    pipe.write(json.dumps(document, default=str).encode() + b"\n")
    except Exception as failure:
        failures.append(failure)


def without_dictionaries(schema):
    """`schema` with plain values where it has dictionaries."""
    fields = []
    for field in schema:
        is_dictionary = pa.types.is_dictionary(field.type)
        fields.append(field.with_type(field.type.value_type) if is_dictionary else field)
    return pa.schema(fields)
