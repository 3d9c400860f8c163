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
    builder = builder.config("spark.submit.pyFiles", ",".join(map(str, scripts)))
    builder = builder.config("spark.local.dir", str(folder)).config("spark.ui.enabled", "false")
    # A task for every file.
    builder = builder.config("spark.sql.files.openCostInBytes", "128m")
    return builder.getOrCreate()


def seconds_of_spark(spark: SparkSession, corpus: Path, output: Path, program: str) -> float:
    start = time.perf_counter()
    rows = label_corpus.label_corpus(
        spark.read.parquet(str(corpus)), text_column="body", id_column="url", program=program
    )
    label_corpus.write(rows, str(output), [])
    return time.perf_counter() - start


def seconds_of_program(corpus: Path, output: Path, program: str) -> float:
    command = [program, "label", str(corpus), "--text-column", "body", "--id-column", "url", "--quiet"]
    command += ["--keep", ",".join(KEPT), "--threads", "2", "-o", str(output)]
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


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
        seconds_of_spark(spark, folder / "others", folder / "warm", program)
        starting = statistics.median(
            seconds_of_program(folder / "one", folder / "one.parquet", program) for _ in range(5)
        )
        shares = []
        print(f"{sum(sentences):,} sentences in {DOCUMENTS:,} documents; the program starts in {starting:.2f} s")
        print("round   plain program   Spark       share")
        for turn in range(arguments.rounds):
            plain = seconds_of_program(folder / "stories", folder / "rows.parquet", program) - starting
            spark_took = seconds_of_spark(spark, folder / "stories", folder / f"round-{turn}", program)
            shares.append(plain / spark_took)
            rates = f"{sum(sentences) / plain:9.0f}/s    {sum(sentences) / spark_took:9.0f}/s"
            print(f"{turn + 1:5}   {rates}   {shares[-1]:6.1%}", flush=True)
        rows = spark.read.parquet(str(folder / "round-0")).count()
        spark.stop()
    if rows != sum(sentences):
        raise SystemExit(f"Spark wrote {rows:,} rows")
    median = statistics.median(shares)
    print(f"median: {median:.1%} of the throughput of the plain program")
    if median < arguments.at_least:
        raise SystemExit(f"less than {arguments.at_least:.0%}")


if __name__ == "__main__":
    main()
