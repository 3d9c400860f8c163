"""Compares the program's 8-bit engine with its f32 engine on a gold file: `int8.json` of a bundle."""

import argparse
import csv
import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

from .labels import LABEL

AXES = ("label", "stance", "attribution")


def labelled(sayso: Path, bundle: Path, engine: str, gold: Path) -> list[dict[str, str]]:
    """The rows of all sentences."""
    command = [sayso, "label", gold, "--model", bundle, "--engine", engine, "--format", "csv", "--quiet"]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return list(csv.DictReader(io.StringIO(found.stdout)))


def f1(sayso: Path, bundle: Path, engine: str, gold: Path) -> dict[str, float]:
    """The macro average and each label's own."""
    command = [sayso, "eval", gold, "--model", bundle, "--engine", engine, "--format", "json", "--quiet"]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    label = json.loads(found.stdout)["axes"]["label"]
    values = {"macro": label["macro_f1"]} | {name: label["classes"][name]["f1"] for name in LABEL}
    return {name: round(value, 5) for name, value in values.items()}


def compare(sayso: Path, bundle: Path, gold: Path) -> dict[str, Any]:
    rows = [labelled(sayso, bundle, engine, gold) for engine in ("f32", "int8")]
    pairs = list(zip(*rows, strict=True))
    agreement = {axis: sum(a[axis] == b[axis] for a, b in pairs) / len(pairs) for axis in AXES}
    return {
        "weights_sha256": {
            engine: hashlib.sha256((bundle / name).read_bytes()).hexdigest()
            for engine, name in (("f32", "model.safetensors"), ("int8", "model.int8.safetensors"))
        },
        "sentences": len(pairs),
        "agreement": {axis: round(share, 5) for axis, share in agreement.items()},
        "label_f1": {engine: f1(sayso, bundle, engine, gold) for engine in ("f32", "int8")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sayso", type=Path, required=True, help="the program")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="by default int8.json in the bundle")
    arguments = parser.parse_args()

    result = compare(arguments.sayso, arguments.bundle, arguments.gold)
    (arguments.out or arguments.bundle / "int8.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
