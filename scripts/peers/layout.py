"""How an engine is driven: its threads and its batch size."""

from dataclasses import dataclass

BATCHES = (1, 4, 8, 16, 32)


@dataclass(frozen=True)
class Layout:
    """`workers` Python threads call the engine side by side, each call computing on `threads_per_worker` threads."""

    workers: int
    threads_per_worker: int
    batch: int

    @property
    def threads(self) -> int:
        return self.workers * self.threads_per_worker

    def __str__(self) -> str:
        return f"{self.workers} × {self.threads_per_worker}, batch {self.batch}"


def candidates(threads: int) -> list[Layout]:
    """All threads inside one call, or one call per thread, each with every batch size."""
    shapes = dict.fromkeys([(1, threads), (threads, 1)])
    return [Layout(workers, inside, batch) for workers, inside in shapes for batch in BATCHES]
