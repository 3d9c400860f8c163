"""Spark clusters on this machine: a driver and two workers with a core and a process of their own each."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyspark

HERE = Path(__file__).parent
MASTER = "local-cluster[2,1,1024]"
SPARK_HOME = Path(pyspark.__file__).parent
# The driver and the executors run the Python of this process, and know of no sayso but the one that they are given.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "SAYSO"}
ENVIRONMENT |= {"SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}

# On a busy machine nobody is lost because they were slow: those whom the tests kill are noticed by other means.
PATIENCE = {"spark.worker.timeout": "3600", "spark.network.timeout": "3600s"}


@dataclass
class Job:
    """A label_corpus.py that spark-submit has started."""

    process: subprocess.Popen
    folder: Path

    @classmethod
    def start(cls, folder: Path, shipped: Path | None, arguments: list[str]) -> "Job":
        """Submits the job as the script's first lines say, with what it writes beside its output in `folder`.

        `shipped` is the program for --files, if one is to be shipped.
        """
        (folder / "events").mkdir(parents=True)
        (folder / "local").mkdir()
        settings = {
            **PATIENCE,
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": (folder / "events").as_uri(),
            "spark.local.dir": str(folder / "local"),
            "spark.ui.enabled": "false",
            # Short jobs are sooner done without the best of code.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.sql.shuffle.partitions": "2",
            # Some of these pieces of a file hold no rows.
            "spark.sql.files.maxPartitionBytes": "6k",
        }
        command = [str(SPARK_HOME / "bin/spark-submit"), "--master", MASTER]
        command += [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        command += ["--py-files", str(HERE.parent / "label_batches.py")]
        command += ["--files", str(shipped)] if shipped else []
        command += [str(HERE / "label_corpus.py"), *arguments]
        with (folder / "messages").open("wb") as messages:
            process = subprocess.Popen(command, env=ENVIRONMENT, stdout=messages, stderr=subprocess.STDOUT)
        return cls(process, folder)

    def wait(self) -> int:
        """Its exit status."""
        return self.process.wait(timeout=1800)

    def end(self) -> None:
        """Ends it, whatever it does, and clears what it left in Spark's own folder."""
        self.process.terminate()
        self.process.wait()
        for log in (self.folder / "events").iterdir():
            shutil.rmtree(SPARK_HOME / "work" / log.name.removeprefix("eventlog_v2_"), ignore_errors=True)

    def messages(self) -> str:
        return (self.folder / "messages").read_text(errors="replace")

    def events(self, name: str) -> list[dict]:
        """What Spark noted of this kind, once the job has ended."""
        logs = (self.folder / "events").glob("*/events_*")
        events = [json.loads(line) for log in logs for line in log.read_bytes().splitlines()]
        return [event for event in events if event["Event"] == f"SparkListener{name}"]

    def executors(self) -> list[int]:
        """The processes of its executors."""
        return [pid for pid in descendants(self.process.pid) if "CoarseGrainedExecutorBackend" in command_of(pid)]


def descendants(pid: int) -> Iterator[int]:
    """The processes that `pid` has started, and theirs."""
    try:
        children = Path(f"/proc/{pid}/task").glob("*/children")
        found = [int(child) for file in children for child in file.read_text().split()]
    except OSError:
        found = []
    for child in found:
        yield child
        yield from descendants(child)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def processor_seconds(pid: int) -> float:
    """What `pid` and all processes that it started, and theirs, have used of processors."""
    ticks = 0
    for process in (pid, *descendants(pid)):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            # It has ended; its parent has its time.
            continue
        # Its own in user and system mode, and that of its children that have ended.
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
