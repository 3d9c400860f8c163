"""Labels a corpus of Parquet files in Spark, with one sayso process per task.

    spark-submit --py-files examples/label_batches.py --files target/release/sayso \\
        examples/spark/label_corpus.py INPUT... OUTPUT --text-column body --id-column url --partition-by outlet

--files copies the program to every executor, so that nothing has to be installed there but Python with pyarrow;
the file must be called sayso and be built for the executors' processor and C library. Where every machine has it
already, --sayso names it instead.

OUTPUT is one data set of two parts, table=sentences with a row per sentence and table=rejects with a row per document
that was left out, for the reason in its column `reject`. Spark commits both at once, when the job has succeeded.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
from label_batches import REJECT, SENTENCE, kept_name, label_batches
from pyspark import SparkFiles, TaskContext
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

# Documents per batch between Spark and Python, of which a few are in memory at once; Spark's own 10,000 are many
# where they are articles.
BATCH_DOCUMENTS = 1_000


def label_corpus(
    documents: DataFrame,
    *,
    text_column: str = "text",
    id_column: str = "doc_id",
    keep: list[str] | None = None,
    program: str | None = None,
) -> DataFrame:
    """The rows for documents that were read from files: those of `label_batches`, with kept columns in Spark's types.

    `keep` are all columns but text and id unless given. `program` is the path of sayso on the executors; without it,
    it is the one that was shipped with --files, else the one on the PATH.
    """
    if keep is None:
        keep = [name for name in documents.columns if name not in (text_column, id_column)]
    kept = [StructField(kept_name(name), documents.schema[name].dataType) for name in keep]
    schema = StructType([*from_arrow_schema(SENTENCE), *kept, StructField(REJECT.name, StringType())])
    columns = list(dict.fromkeys([text_column, id_column, *keep]))

    def label(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        threads = TaskContext.get().cpus()
        yield from label_batches(
            batches,
            text_column=text_column,
            id_column=id_column,
            keep=keep,
            program=program or shipped_program(),
            arguments=["--threads", str(threads)],
        )

    first = first_documents(documents, id_column)
    if first is None:
        return documents.select(*columns).mapInArrow(label, schema)
    # The ids that occur twice are few, and go to every executor: no document moves for them.
    same_id = F.col(id_column) == F.col("_id")
    documents = documents.withColumn("_place", place()).join(F.broadcast(first), same_id, "left")
    is_repeated = F.col("_first").isNotNull() & (F.col("_first") != F.col("_place"))
    rows = documents.where(~is_repeated).select(*columns).mapInArrow(label, schema)
    known = {
        "doc_id": F.col(id_column).cast("string"),
        REJECT.name: F.concat(F.lit("its id was already used by "), written(F.col("_first"))),
        **{kept_name(name): F.col(name) for name in keep},
    }
    rejects = [known.get(field.name, F.lit(None)).cast(field.dataType).alias(field.name) for field in schema]
    return rows.unionByName(documents.where(is_repeated).select(*rejects))


def first_documents(documents: DataFrame, id_column: str) -> DataFrame | None:
    """For every id that occurs more than once, the place of its first document; None if there is no such id.

    A process sees one partition only, and would label both of two documents in different ones.
    """
    ids = documents.select(F.col(id_column).alias("_id"), place().alias("_place"))
    ids = ids.where(F.col("_id").cast("string") != "")
    counted = ids.groupBy("_id").agg(F.min("_place").alias("_first"), F.count("*").alias("_documents"))
    repeated = counted.where("_documents > 1").drop("_documents")
    return None if repeated.isEmpty() else repeated


def place() -> Column:
    """Where a document stands, in the order in which the program reads files alone."""
    return F.struct("_metadata.file_path", "_metadata.row_index")


def written(place: Column) -> Column:
    """A place as the program writes it: the file, and the row from 1."""
    return F.concat(place["file_path"], F.lit(":"), (place["row_index"] + 1).cast("string"))


def shipped_program() -> str | None:
    """The program that --files brought to this executor, if it did."""
    path = Path(SparkFiles.get("sayso"))
    return str(path) if path.is_file() else None


def write(rows: DataFrame, output: str, partition_by: list[str]) -> None:
    """Writes both tables at once, each partitioned by `partition_by`; fails if `output` exists.

    Spark sorts rows by the columns that partition them. The rest of the order is given too, or it might mix the
    rows of two documents.
    """
    table = F.when(F.col(REJECT.name).isNull(), "sentences").otherwise("rejects")
    rows = rows.withColumn("table", table).sortWithinPartitions("table", *partition_by, "doc_id", "sentence")
    rows.write.partitionBy("table", *partition_by).parquet(output)


def main() -> None:
    def columns(names: str) -> list[str]:
        return names.split(",")

    parser = argparse.ArgumentParser(description="Labels every sentence of the news in Parquet files.")
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="Parquet files, or folders of them")
    parser.add_argument("output", metavar="OUTPUT", help="the folder to write; must not exist")
    parser.add_argument("--text-column", default="text", metavar="COL")
    parser.add_argument("--id-column", default="doc_id", metavar="COL")
    parser.add_argument("--keep", type=columns, metavar="COL,COL", help="columns to copy into every row (default: all)")
    parser.add_argument("--partition-by", type=columns, default=[], metavar="COL,COL", help="kept columns")
    parser.add_argument("--sayso", metavar="PATH", help="the program, where the executors have it")
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName("sayso").getOrCreate()
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH_DOCUMENTS)
    rows = label_corpus(
        spark.read.parquet(*arguments.inputs),
        text_column=arguments.text_column,
        id_column=arguments.id_column,
        keep=arguments.keep,
        program=arguments.sayso,
    )
    write(rows, arguments.output, [kept_name(name) for name in arguments.partition_by])
    spark.stop()


if __name__ == "__main__":
    main()
