"""Runs a worker as a child process; imports nothing heavy, for a child's peak of memory starts at its parent's."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .layout import Layout


@dataclass(frozen=True)
class Subject:
    """What a worker measures, and where it finds the weights."""

    engine: str
    precision: str
    bundle: Path
    exports: Path


class Worker:
    def __init__(self, subject: Subject, layout: Layout) -> None:
        settings = {key: str(value) for key, value in asdict(subject).items()} | {"layout": asdict(layout)}
        threads = {"OMP_NUM_THREADS": str(layout.threads_per_worker), "RAYON_NUM_THREADS": str(layout.threads)}
        self.name = f"{subject.engine} {subject.precision} ({layout})"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peers.worker", json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | threads | {"TOKENIZERS_PARALLELISM": "true"},
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self.process.returncode is None:
            if kind:
                self.process.kill()
            self.finish()

    def ask(self, texts: list[str]) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(texts) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended early; its own message stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def finish(self) -> float:
        """Ends the process and returns its peak of resident memory in MB (2^20 bytes)."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        peak = wait_for_peak(self.process)
        self.process.stdout.close()
        return peak


def wait_for_peak(process: "subprocess.Popen[Any]") -> float:
    """Waits for the end of a child and returns its peak of resident memory in MB."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return usage.ru_maxrss / unit
