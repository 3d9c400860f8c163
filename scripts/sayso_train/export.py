"""Writes a bundle: f16 weights, tokenizer and configuration, as `models/<name>/` holds them."""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from .checkpoint import average, load_checkpoint
from .labels import AXES, SPANS, TAGS
from .windows import WindowConfig

OUTSIDE_BIAS = {"source": 0.0, "cue": 0.75, "content": 0.0}
"""Added to the logit of "outside": exact F1 of cues is best there on PolNeAR's dev articles, by little."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="folders that train wrote; several are averaged")
    parser.add_argument(
        "--base", type=Path, required=True, help="folder whose tokenizer.json the model was trained with"
    )
    parser.add_argument("--calibration", type=Path, required=True)
    parser.add_argument("--name", default="default")
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    model = average([load_checkpoint(run) for run in arguments.runs])
    if model.tags is not None:
        with torch.no_grad():
            for kind, name in enumerate(SPANS):
                model.tags.bias[kind * len(TAGS)] += OUTSIDE_BIAS[name]
    tensors = {name: value.to(torch.float16).contiguous() for name, value in model.state_dict().items()}
    if not all(bool(value.isfinite().all()) for value in tensors.values()):
        raise ValueError("a weight does not fit into f16")
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, arguments.out / "model.safetensors")

    tokenizer = json.loads((arguments.base / "tokenizer.json").read_text())
    tokenizer |= {"padding": None, "truncation": None}
    compact = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (arguments.out / "tokenizer.json").write_text(compact)

    encoder = dict(vars(model.config))
    if encoder.pop("relative_attention_num_buckets"):
        raise ValueError("a teacher with relative positions is not a BERT, so no engine could run it")
    calibration = json.loads(arguments.calibration.read_text())
    config = {
        "name": arguments.name,
        "version": arguments.version,
        "pooling": model.pooling,
        "encoder": encoder,
        "window": vars(WindowConfig()),
        **{axis: {"labels": list(names), **calibration[axis]} for axis, names in AXES.items()},
    }
    if model.tags is not None:
        config["spans"] = list(SPANS)
    (arguments.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
