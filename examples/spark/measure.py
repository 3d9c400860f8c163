"""Measures what Spark costs: label_corpus.py on two workers of a core each, and the plain program on two threads.

Both label the same invented Parquet files into Parquet, by turns. Of either, starting is left out: Spark's session
has labelled others before, and from the program's time that for a single document is taken off. Prints a table and, if
the median of Spark's share of the throughput is below --at-least, ends with status 1.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import clusters
from invented import SCHEMA, document, write_corpus
from pyspark.sql import SparkSession

sys.path.insert(0, str(clusters.HERE.parent))
import label_corpus

DOCUMENTS = 1_600
FILES = 16
KEPT = [name for name in SCHEMA.names if name not in ("url", "body")]


def session(folder: Path) -> SparkSession:
    os.environ.update(clusters.ENVIRONMENT)
    scripts = [clusters.HERE.parent / "label_batches.py", clusters.HERE / "label_corpus.py"]
    builder = SparkSession.builder.master(clusters.MASTER)
    builder = builder.config(map=clusters.PATIENCE)
    builder = builder.config("spark.submit.pyFiles", ",".join(map(str, scripts)))
    builder = builder.config("spark.local.dir", str(folder)).config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    # A task for every file.
    builder = builder.config("spark.sql.files.openCostInBytes", "128m")
    return builder.getOrCreate()


class Spent(NamedTuple):
    """Seconds by the clock, and of all processors."""

    clock: float
    processors: float

    def without(self, other: "Spent") -> "Spent":
        return Spent(self.clock - other.clock, self.processors - other.processors)


def spent() -> Spent:
    """So far, by this process and all that it started, Spark's among them."""
    return Spent(time.perf_counter(), clusters.processor_seconds(os.getpid()))


def by_spark(spark: SparkSession, corpus: Path, output: Path, program: str) -> Spent:
    start = spent()
    documents = spark.read.parquet(str(corpus))
    rows = label_corpus.label_corpus(documents, text_column="body", id_column="url", program=program)
    label_corpus.write(rows, str(output), [])
    return spent().without(start)


def by_program(corpus: Path, output: Path, program: str) -> Spent:
    command = [program, "label", str(corpus), "--text-column", "body", "--id-column", "url", "--quiet"]
    command += ["--keep", ",".join(KEPT), "--threads", "2", "-o", str(output)]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    clock = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the program ended with status {process.returncode}")
    return Spent(clock, used.ru_utime + used.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what Spark costs.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-least", type=float, default=0.85, metavar="SHARE")
    arguments = parser.parse_args()
    program = os.environ["SAYSO"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sentences = [1 + number * 7 % 25 for number in range(DOCUMENTS)]
        write_corpus(folder / "stories", [document(*pair) for pair in enumerate(sentences)], FILES)
        write_corpus(folder / "others", [document(number, 13) for number in range(2_000, 2_400)], FILES)
        write_corpus(folder / "one", [document(0, 1)], 1)
        spark = session(folder / "local")
        spark.sparkContext.setLogLevel("ERROR")
        by_spark(spark, folder / "others", folder / "warm", program)
        starts = [by_program(folder / "one", folder / "one.parquet", program) for _ in range(5)]
        starting = Spent(*map(statistics.median, zip(*starts, strict=True)))
        print(f"{sum(sentences):,} sentences in {DOCUMENTS:,} documents; the program starts in {starting.clock:.2f} s")
        print("         sentences a second             seconds of processors")
        print("round    program    Spark    share      program    Spark    share", flush=True)
        rounds = []
        for turn in range(arguments.rounds):
            plain = by_program(folder / "stories", folder / "rows.parquet", program).without(starting)
            spark_took = by_spark(spark, folder / "stories", folder / f"round-{turn}", program)
            rounds.append((plain.clock / spark_took.clock, plain.processors / spark_took.processors))
            rates = [sum(sentences) / plain.clock, sum(sentences) / spark_took.clock]
            clock = f"{rates[0]:7.0f}  {rates[1]:7.0f}  {rounds[-1][0]:7.1%}"
            processors = f"{plain.processors:7.1f}  {spark_took.processors:7.1f}  {rounds[-1][1]:7.1%}"
            print(f"{turn + 1:5}    {clock}      {processors}", flush=True)
        rows = spark.read.parquet(str(folder / "round-0")).count()
        spark.stop()
    if rows != sum(sentences):
        raise SystemExit(f"Spark wrote {rows:,} rows")
    clock, processors = map(statistics.median, zip(*rounds, strict=True))
    print(f"medians: {clock:.1%} of the throughput; of the seconds of processors, {processors:.1%} are the program's")
    if clock < arguments.at_least:
        raise SystemExit(f"less than {arguments.at_least:.0%}")


if __name__ == "__main__":
    main()
