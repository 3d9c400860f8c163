"""Compares bundles of several sizes, as the program runs them in 8 bits: `models/sizes.json`, for the model card.

    python -m sayso_train.sizes --sayso SAYSO --gold DEV.jsonl --teacher WORK/reader --tokenizer WORK/base BUNDLE...

Label F1 is that of `sayso eval`; sentences a second are those of `sayso label` on the same file, from start to exit, by
turns, so that a machine that slows down does so for all. Bytes are those that a program carries: weights, tokenizer,
configuration. The teacher, which no engine runs, stands beside them as PyTorch has it: uncalibrated, in bf16 where the
processor can, its weights counted in f16. Where `--teacher` is left out, what the file says of it stays.
"""

import argparse
import hashlib
import json
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch

from .checkpoint import load_checkpoint
from .compare import f1
from .data import load_tokenizer, read_gold
from .evaluate import predict, summarize
from .report import ROOT, counted
from .windows import WindowConfig

CARRIED = ("model.int8.safetensors", "tokenizer.json", "config.json")


def seconds(sayso: Path, bundle: Path, gold: Path, threads: int) -> float:
    command = [sayso, "label", gold, "--model", bundle, "--threads", str(threads), "--format", "csv", "--quiet"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def teacher_row(run: Path, tokenizer: Path, gold: Path, threads: int) -> dict[str, Any]:
    torch.set_num_threads(threads)
    model = load_checkpoint(run).model
    excerpts = read_gold(gold, load_tokenizer(tokenizer))
    began = time.perf_counter()
    figures = summarize(excerpts, predict(model, excerpts, WindowConfig()))
    passed = time.perf_counter() - began
    return {
        "layers": model.config.num_hidden_layers,
        "wordpieces": model.config.vocab_size,
        "bytes": sum(2 * value.numel() for value in model.state_dict().values()),
        "sentences_per_second": round(sum(len(excerpt.targets) for excerpt in excerpts) / passed),
        "label_f1": {name: figures[name] for name in ("macro", "denial", "anonymous")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--sayso", type=Path, required=True, help="the program")
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, help="run of the teacher that all of them learnt from")
    parser.add_argument("--tokenizer", type=Path, help="folder with the teacher's tokenizer")
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
    result: dict[str, Any] = {"threads": arguments.threads, "bundles": rows}
    if arguments.teacher:
        result["teacher"] = teacher_row(
            arguments.teacher, arguments.tokenizer or arguments.teacher, arguments.gold, arguments.threads
        )
    elif arguments.out.exists() and (before := json.loads(arguments.out.read_text()).get("teacher")):
        result["teacher"] = before
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
