"""label_corpus.py in a real Spark, submitted as its first lines say, beside the plain program on the same corpus."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from clusters import Job, command_of, descendants
from invented import SCHEMA, document, write_corpus
from label_batches import SENTENCE, kept_name

PROGRAM = Path(os.environ["SAYSO"])
FILES = 16
DOCUMENTS = 12  # in each
KEPT = [name for name in SCHEMA.names if name not in ("url", "body")]
ARGUMENTS = ["--text-column", "body", "--id-column", "url", "--partition-by", "outlet"]


@dataclass
class Corpus:
    """A corpus, and what the plain program makes of it."""

    folder: Path
    documents: list[dict]
    rows: list[dict]
    rejects: list[dict]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    folder = tmp_path_factory.mktemp("corpus")
    documents = [document(number, 1 + number * 7 % 10) for number in range(FILES * DOCUMENTS)]
    documents[3]["body"] = None
    documents[14]["url"] = None
    documents[40]["url"] = ""
    documents[60]["body"] = ""
    documents[75]["url"] = documents[74]["url"]  # in the same file
    documents[150]["url"] = documents[20]["url"]  # in another
    documents[180]["url"] = documents[20]["url"]
    write_corpus(folder / "stories", documents, FILES)
    command = [PROGRAM, "label", "stories", "--text-column", "body", "--id-column", "url", "--quiet"]
    status = subprocess.run([*command, "-o", "rows.parquet", "--rejects", "rejects.jsonl"], cwd=folder).returncode
    assert status == 1
    with (folder / "rejects.jsonl").open(encoding="utf-8") as lines:
        rejects = [json.loads(line) for line in lines]
    rows = pq.read_table(folder / "rows.parquet").to_pylist()
    assert len(rows) > 1_000 and len(rejects) == 6
    return Corpus(folder, documents, rows, rejects)


@pytest.fixture
def submit(corpus, tmp_path) -> Iterator[Callable[..., Job]]:
    """Starts a job on the corpus; however the test ends, so does the job."""
    jobs = []

    def start(*more: str, shipped: Path | None = PROGRAM) -> Job:
        folder = tmp_path / "job"
        arguments = [str(corpus.folder / "stories"), str(folder / "labelled"), *ARGUMENTS, *more]
        jobs.append(Job.start(folder, shipped, arguments))
        return jobs[-1]

    yield start
    for job in jobs:
        job.end()


def tables(job: Job) -> tuple[pa.Table, pa.Table]:
    """The sentences and the rejects of a job that went well."""
    assert job.wait() == 0, job.messages()
    labelled = job.folder / "labelled"
    assert (labelled / "_SUCCESS").exists() and not (labelled / "_temporary").exists()
    read = ds.dataset(labelled, partitioning="hive", exclude_invalid_files=True).to_table()
    # Spark writes points in time without their zone, which is UTC.
    place = read.schema.get_field_index("fetched")
    read = read.set_column(place, "fetched", read["fetched"].cast(SCHEMA.field("fetched").type))
    return read.filter(ds.field("table") == "sentences"), read.filter(ds.field("table") == "rejects")


def check_same(corpus: Corpus, job: Job, kept: Sequence[str] = KEPT) -> None:
    """That every row is there once, with what the plain program says and what the document had."""
    sentences, rejects = tables(job)
    place = {(row["doc_id"], row["sentence"]): row for row in sentences.to_pylist()}
    assert len(sentences) == len(place) == len(corpus.rows)
    by_id = {}
    for story in corpus.documents:
        by_id.setdefault(story["url"], story)
    for row in corpus.rows:
        found = place[row["doc_id"], row["sentence"]]
        assert {name: found[name] for name in SENTENCE.names} == row
        assert {name: found[kept_name(name)] for name in kept} == {name: by_id[row["doc_id"]][name] for name in kept}
        assert found.keys() == {*SENTENCE.names, *map(kept_name, kept), "reject", "table"}
        assert found["reject"] is None

    # A reject is told by its kept columns, for the id may be missing.
    expected = Counter()
    for reject in corpus.rejects:
        number = int(Path(reject["file"]).stem.removeprefix("stories-")) * DOCUMENTS + reject["record"] - 1
        # Spark names a file by its whole address.
        reason = reject["reason"].replace("stories/", f"file:{corpus.folder}/stories/")
        expected[reject["document"], corpus.documents[number]["fetched"], reason] += 1
    found = rejects.to_pylist()
    assert Counter((row["doc_id"], row["fetched"], row["reject"]) for row in found) == expected
    assert {row["sentence"] for row in found} == {row["label"] for row in found} == {None}


def check_shape(job: Job) -> None:
    """The types of the columns, and that the rows of a document stand together in one file."""
    sentences, _ = tables(job)
    for field in SENTENCE:
        assert sentences.schema.field(field.name).type.equals(field.type) or field.name == "spans"
    for name in set(KEPT) - {"outlet"}:
        expected = SCHEMA.field(name).type
        found = sentences.schema.field(kept_name(name)).type
        assert found == expected or (pa.types.is_list(found) and found.value_type == expected.value_type), name
    files = Counter()
    for file in (job.folder / "labelled" / "table=sentences").rglob("*.parquet"):
        rows = pq.ParquetFile(file).read(["doc_id", "sentence"]).to_pylist()
        starts = [row["doc_id"] for row in rows if row["sentence"] == 0]
        assert rows == sorted(rows, key=lambda row: (row["doc_id"], row["sentence"]))
        assert set(starts) == {row["doc_id"] for row in rows}
        files.update(starts)
    assert set(files.values()) == {1}


def failures(job: Job) -> list[str]:
    """How the attempts at tasks ended that did not succeed."""
    ends = [event["Task End Reason"] for event in job.events("TaskEnd")]
    return [json.dumps(end) for end in ends if end["Reason"] != "Success"]


def test_two_workers_give_the_rows_of_the_plain_program(corpus, submit):
    job = submit()
    check_same(corpus, job)
    check_shape(job)
    tasks = job.events("TaskEnd")
    assert {task["Task Info"]["Executor ID"] for task in tasks} == {"0", "1"}
    metrics = [task["Task Metrics"] for task in tasks]
    assert 0 in [task["Input Metrics"]["Records Read"] for task in metrics], "no partition was without rows"
    moved = sum(task["Shuffle Write Metrics"]["Shuffle Bytes Written"] for task in metrics)
    assert 0 < moved < sum(len(story["body"] or "") for story in corpus.documents) / 4, "more was moved than ids"
    assert not failures(job)


def test_an_executor_that_is_killed_costs_no_row_and_doubles_none(corpus, submit):
    job = submit()
    committed = job.folder / "labelled/_temporary/0"
    while sum(1 for _ in committed.glob("task_*")) < 3:
        assert job.process.poll() is None, job.messages()
        time.sleep(0.02)
    victim, labelling = busy(job)
    os.kill(victim, signal.SIGKILL)
    killed_after = sum(1 for _ in committed.glob("task_*"))

    check_same(corpus, job)
    removed = job.events("ExecutorRemoved")
    assert len(removed) == 1, removed
    assert any("ExecutorLostFailure" in failure for failure in failures(job)), failures(job)
    assert 3 <= killed_after < FILES
    assert not [pid for pid in labelling if Path(f"/proc/{pid}").exists()], "a sayso outlived its executor"


def busy(job: Job) -> tuple[int, list[int]]:
    """An executor that is labelling, and its processes of sayso."""
    while True:
        for executor in job.executors():
            commands = {pid: command_of(pid) for pid in descendants(executor)}
            labelling = {pid: command for pid, command in commands.items() if "sayso label" in command}
            if labelling:
                assert all("--threads 1" in command for command in labelling.values()), labelling
                return executor, list(labelling)
        assert job.process.poll() is None, job.messages()


def stand_in(folder: Path, script: str) -> Path:
    """A program that is called sayso and is not."""
    folder.mkdir()
    program = folder / "sayso"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_a_sayso_that_dies_fails_the_task_and_spark_tries_again(corpus, submit, tmp_path):
    # mkdir succeeds once: the first process dies, all others label.
    script = f'mkdir {tmp_path}/died && {{ echo "shelf 7 is full" >&2; kill -KILL $$; }}; exec "{PROGRAM}" "$@"'
    program = stand_in(tmp_path / "bin", script)
    job = submit("--keep", "outlet,fetched,source", shipped=program)
    check_same(corpus, job, ["outlet", "fetched", "source"])
    (failure,) = failures(job)
    assert "sayso was killed by signal 9" in failure and "shelf 7 is full" in failure


def test_a_sayso_that_always_dies_fails_the_job_and_leaves_no_table(submit, tmp_path):
    program = stand_in(tmp_path / "bin", 'echo "no such instruction" >&2; exit 2')
    job = submit("--sayso", str(program), shipped=None)
    assert job.wait() != 0
    assert "sayso ended with status 2" in job.messages() and "no such instruction" in job.messages()
    assert len(failures(job)) >= 4, "Spark tries a task four times"
    labelled = job.folder / "labelled"
    assert not list(labelled.rglob("*.parquet")) and not (labelled / "_SUCCESS").exists()
