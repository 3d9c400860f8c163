"""One engine in a process of its own: reads lists of texts as JSON lines, answers with seconds and labels.

A process of its own keeps the engines' thread pools apart and gives each its own peak of memory.
"""

import json
import sys
import time
from pathlib import Path

from .engines import engine_class
from .layout import Layout


def main() -> None:
    settings = json.loads(sys.argv[1])
    engine = engine_class(settings["engine"])(
        Path(settings["bundle"]), Path(settings["exports"]), settings["precision"], Layout(**settings["layout"])
    )
    for line in sys.stdin:
        texts = json.loads(line)
        begin = time.perf_counter()
        labels = engine.encode(texts)
        seconds = time.perf_counter() - begin
        answer = {"seconds": seconds, "labels": labels, "note": engine.note, "partial": engine.partial}
        answer["wordpieces"] = sum(map(len, engine.tokenizer.encode(texts))) / len(texts)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
