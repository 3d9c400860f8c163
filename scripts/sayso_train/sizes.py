"""Compares bundles of several sizes, as the program runs them in 8 bits: `models/sizes.json`, for the model card.

    python -m sayso_train.sizes --sayso SAYSO --gold DEV.jsonl BUNDLE...

Label F1 is that of `sayso eval`; sentences a second are those of `sayso label` on the same file, from start to exit, by
turns, so that a machine that slows down does so for all. Bytes are those that a program carries: weights, tokenizer,
configuration.
"""

import argparse
import hashlib
import json
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Any

from .compare import f1
from .report import ROOT, counted

CARRIED = ("model.int8.safetensors", "tokenizer.json", "config.json")


def seconds(sayso: Path, bundle: Path, gold: Path, threads: int) -> float:
    command = [sayso, "label", gold, "--model", bundle, "--threads", str(threads), "--format", "csv", "--quiet"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--sayso", type=Path, required=True, help="the program")
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "models/sizes.json")
    arguments = parser.parse_args()

    sentences = counted(arguments.gold)["sentences"]
    times: dict[Path, list[float]] = {bundle: [] for bundle in arguments.bundles}
    for _ in range(arguments.rounds):
        for bundle, own in times.items():
            own.append(seconds(arguments.sayso, bundle, arguments.gold, arguments.threads))
    rows: list[dict[str, Any]] = []
    for bundle, own in times.items():
        config = json.loads((bundle / "config.json").read_text())
        scores = f1(arguments.sayso, bundle, "int8", arguments.gold)
        rows.append(
            {
                "name": config["name"],
                "weights_sha256": hashlib.sha256((bundle / "model.int8.safetensors").read_bytes()).hexdigest(),
                "layers": config["encoder"]["num_hidden_layers"],
                "wordpieces": config["encoder"]["vocab_size"],
                "bytes": sum((bundle / name).stat().st_size for name in CARRIED),
                "sentences_per_second": round(sentences / median(own)),
                "label_f1": {name: scores[name] for name in ("macro", "denial", "anonymous")},
            }
        )
    arguments.out.write_text(json.dumps({"threads": arguments.threads, "bundles": rows}, indent=1) + "\n")
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
