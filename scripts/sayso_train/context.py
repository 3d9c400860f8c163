"""What context is worth: label F1 of a bundle on dev with windows of other sizes than it was trained with."""

import argparse
import json
from pathlib import Path

from .bundle import load_bundle
from .data import load_tokenizer, read_gold
from .evaluate import predict, summarize
from .windows import WindowConfig

SIZES = ((96, 0), (320, 0), (320, 32), (160, 64), (320, 64), (448, 64), (320, 128), (448, 192))
"""Wordpieces of a window, and of its context at most. docs/WINDOWS.md says which the program uses."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    arguments = parser.parse_args()

    model, _ = load_bundle(arguments.bundle)
    excerpts = read_gold(arguments.dev, load_tokenizer(arguments.bundle))
    for window, context in SIZES:
        logits = predict(model, excerpts, WindowConfig(max_window=window, max_context=context))
        print(json.dumps({"max_window": window, "max_context": context} | summarize(excerpts, logits)), flush=True)


if __name__ == "__main__":
    main()
