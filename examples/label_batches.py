"""Labels Arrow record batches with sayso as a filter: in Spark, in Ray, or in a loop of your own.

One process labels all the batches that it is given, in flat memory: a thread writes documents to it as Arrow while
rows are read from it as Arrow. Columns of the documents that are to be kept do not go through it but wait here for
the rows, and so keep their types. spark/label_corpus.py is a Spark job around this; in Ray it is

    dataset.map_batches(label_table, batch_format="pyarrow", batch_size=10_000)

The program is `sayso` on the PATH, or what the variable SAYSO or the argument `program` names.
"""

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

SPAN = pa.struct([("kind", pa.string()), ("start", pa.int64()), ("end", pa.int64())])

# The columns of `sayso label --format arrow`, with strings where it has dictionaries, which Spark does not take.
SENTENCE = pa.schema(
    {
        "doc_id": pa.string(),
        "sentence": pa.int64(),
        "start": pa.int64(),
        "end": pa.int64(),
        "text": pa.string(),
        "label": pa.string(),
        "confidence": pa.float32(),
        "stance": pa.string(),
        "p_assert": pa.float32(),
        "p_deny": pa.float32(),
        "p_no_comment": pa.float32(),
        "attribution": pa.string(),
        "p_named": pa.float32(),
        "p_anonymous": pa.float32(),
        "p_unspecified": pa.float32(),
        "anonymity": pa.string(),
        "source": pa.string(),
        "cue": pa.string(),
        "spans": pa.list_(SPAN),
    }
)

# Why a document was rejected; null in the row of a sentence.
REJECT = pa.field("reject", pa.string())

# Numbers the documents that go through one process, from 0.
NUMBER = pa.field("_number", pa.int64())

# So many lines of standard error are repeated when the program fails.
LAST_LINES = 40


def kept_name(name: str) -> str:
    """What a kept column is called in the rows: doc_NAME where it is called like one of theirs, as in sayso."""
    return f"doc_{name}" if name in (*SENTENCE.names, REJECT.name) else name


def rows_schema(documents: pa.Schema, keep: Sequence[str] = ()) -> pa.Schema:
    """The schema of the rows for documents of this schema: `SENTENCE`, the kept columns, `REJECT`."""
    kept = [documents.field(name).with_name(kept_name(name)).with_nullable(True) for name in keep]
    return pa.schema([*SENTENCE, *kept, REJECT])


def label_batches(
    batches: Iterable[pa.RecordBatch],
    *,
    text_column: str = "text",
    id_column: str = "doc_id",
    keep: Sequence[str] = (),
    program: str | None = None,
    arguments: Sequence[str] = (),
) -> Iterator[pa.RecordBatch]:
    """Takes record batches with a row per document; yields some of `rows_schema`.

    A document gives a row per sentence, in the order of the input. One that sayso rejects gives one row, at the end
    of all: `reject` says why, `doc_id` is there if it is known, the kept columns are, and the rest is null.
    `arguments` are further flags of `sayso label`, such as --threads; those that change the columns do not go here.

    Raises RuntimeError, with the last lines of its standard error, if the program fails; and what `batches` raises.
    """
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        return
    schema = rows_schema(first.schema, keep)
    waiting = Waiting(first.schema, keep)
    to_send = waiting.keep_from(chain([first], batches), text_column, id_column)
    with tempfile.TemporaryDirectory(prefix="sayso-") as folder:
        rejects = Path(folder) / "rejects.jsonl"
        command = [program or os.environ.get("SAYSO", "sayso"), "label", "-", "--quiet"]
        command += ["--input-format", "arrow", "--format", "arrow", "--keep", NUMBER.name, "--rejects", str(rejects)]
        command += ["--text-column", text_column, "--id-column", id_column, *arguments]

        def is_done(status: int) -> bool:
            # 1 is for some rejects; 2 is for nothing done, which is also so where all documents are rejects.
            return status in (0, 1) or (status == 2 and 0 < waiting.count == len(read_rejects(rejects)))

        for rows in run(command, to_send, is_done):
            kept = waiting.behind(pc.cast(rows[NUMBER.name], NUMBER.type))
            labelled = [rows[field.name].cast(field.type) for field in SENTENCE]
            columns = [*labelled, *kept, pa.nulls(len(rows), REJECT.type)]
            yield from pa.Table.from_arrays(columns, schema=schema).combine_chunks().to_batches()
        yield from rejected(read_rejects(rejects), waiting.without_rows(), schema)


def label_table(table: pa.Table, **options) -> pa.Table:
    """The same for one table; `options` are those of `label_batches`."""
    schema = rows_schema(table.schema, options.get("keep", ()))
    return pa.Table.from_batches(label_batches(table.to_batches(), **options), schema)


class Waiting:
    """The kept columns of documents whose rows are still to come.

    One thread passes documents on and puts their kept columns here; another takes them as rows come, in the same
    order. So no more of them wait than documents are on their way.
    """

    def __init__(self, documents: pa.Schema, keep: Sequence[str]):
        self.schema = pa.schema([*(documents.field(name) for name in keep), NUMBER])
        self.count = 0
        self.arrived: SimpleQueue[pa.RecordBatch] = SimpleQueue()
        # From the last document that had a row on; it may have more of them.
        self.window = self.schema.empty_table()
        self.last = -1
        self.passed_over: list[pa.Table] = []

    def keep_from(
        self, batches: Iterable[pa.RecordBatch], text_column: str, id_column: str
    ) -> Iterator[pa.RecordBatch]:
        """Numbers the documents and yields what the program must know of them."""
        for batch in batches:
            numbers = pa.array(range(self.count, self.count + len(batch)), NUMBER.type)
            self.count += len(batch)
            kept = [batch[name] for name in self.schema.names[:-1]]
            self.arrived.put(pa.RecordBatch.from_arrays([*kept, numbers], schema=self.schema))
            sent = [text_column, id_column]
            yield pa.RecordBatch.from_arrays([*(batch[name] for name in sent), numbers], [*sent, NUMBER.name])

    def behind(self, numbers: pa.Array) -> list[pa.ChunkedArray]:
        """The kept columns for rows of the documents of these numbers, which never go down."""
        if not len(numbers):
            return self.schema.empty_table().columns[:-1]
        last = numbers[-1].as_py()
        while not len(self.window) or self.window[NUMBER.name][-1].as_py() < last:
            self.window = pa.concat_tables([self.window, pa.Table.from_batches([self.arrived.get()])])
        first = self.window[NUMBER.name][0].as_py()
        rows = self.window.take(pc.subtract(numbers, first))
        self.pass_over(self.window.slice(0, last - first), numbers)
        self.window = self.window.slice(last - first)
        self.last = last
        return rows.columns[:-1]

    def pass_over(self, documents: pa.Table, numbers: pa.Array) -> None:
        """Notes which of `documents` have no rows; `numbers` and `self.last` have."""
        has_rows = pc.is_in(documents[NUMBER.name], pa.concat_arrays([numbers, pa.array([self.last], NUMBER.type)]))
        passed_over = documents.filter(pc.invert(has_rows))
        if len(passed_over):
            self.passed_over.append(passed_over)

    def without_rows(self) -> pa.Table:
        """The documents that had no rows, once all are through."""
        arrived = [self.arrived.get() for _ in range(self.arrived.qsize())]
        rest = pa.concat_tables([self.window, pa.Table.from_batches(arrived, self.schema)])
        self.pass_over(rest, pa.array([], NUMBER.type))
        return pa.concat_tables([self.schema.empty_table(), *self.passed_over])


def read_rejects(path: Path) -> list[dict]:
    """What the program wrote for --rejects; nothing if it did not come so far."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def rejected(rejects: list[dict], documents: pa.Table, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows for `rejects`, which are among `documents`, those that had no rows."""
    numbers = pa.array([(reject["record"] or 0) - 1 for reject in rejects], NUMBER.type)
    places = pc.index_in(numbers, documents[NUMBER.name])
    for reject, place in zip(rejects, places, strict=True):
        if not place.is_valid:
            raise RuntimeError(f"sayso rejected no document but its input: {reject['reason']}")
    columns = {name: pa.nulls(len(rejects), kind) for name, kind in zip(schema.names, schema.types, strict=True)}
    columns["doc_id"] = pa.array([reject["document"] for reject in rejects], pa.string())
    columns[REJECT.name] = pa.array([reject["reason"] for reject in rejects], REJECT.type)
    for name in documents.schema.names[:-1]:
        columns[kept_name(name)] = documents[name].take(places)
    yield from pa.table(columns, schema).combine_chunks().to_batches()


def run(
    command: Sequence[str], batches: Iterator[pa.RecordBatch], is_done: Callable[[int], bool]
) -> Iterator[pa.RecordBatch]:
    """The record batches that a program makes of `batches`: Arrow streams on its standard input and output.

    `is_done` says for its exit status whether it did all it should. It is killed if the caller stops early; either way
    the thread that reads `batches` has ended before the caller goes on.
    """
    failures: list[Exception] = []
    last_lines: deque[bytes] = deque(maxlen=LAST_LINES)
    cut_short = None
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    feeder = threading.Thread(target=feed, args=(batches, process.stdin, failures), daemon=True)
    # Read all the time: a full pipe would stop the program.
    listener = threading.Thread(target=last_lines.extend, args=(process.stderr,), daemon=True)
    feeder.start()
    listener.start()
    try:
        with process.stdout as rows:
            if rows.peek(1):
                yield from pa.ipc.open_stream(rows)
        status = process.wait()
    except (pa.ArrowException, OSError) as error:
        cut_short = error
        status = process.wait()
    finally:
        process.kill()
        process.wait()
        # It finds out when it has the next batch to write.
        feeder.join()
        listener.join()
        process.stderr.close()
    for failure in failures:
        if not isinstance(failure, BrokenPipeError):
            raise failure
    if not is_done(status):
        ended = f"ended with status {status}"
        if status < 0:
            ended = f"was killed by signal {-status} ({signal.strsignal(-status)})"
        messages = b"".join(last_lines).decode(errors="replace")
        raise RuntimeError(f"sayso {ended}; standard error:\n{messages}") from cut_short
    if cut_short or failures:
        raise cut_short or failures[0]


def feed(batches: Iterator[pa.RecordBatch], pipe: IO[bytes], failures: list[Exception]) -> None:
    """Writes `batches`, of which there is at least one, to `pipe` and closes it.

    A failure is noted before that, so that it is known when the program ends. A broken pipe is one as well: a
    program that did not read to the end can't have labelled everything.
    """
    with suppress(BrokenPipeError), pipe:
        try:
            first = next(batches)
            with pa.ipc.new_stream(pipe, first.schema) as writer:
                for batch in chain([first], batches):
                    writer.write_batch(batch)
        except Exception as failure:
            failures.append(failure)
