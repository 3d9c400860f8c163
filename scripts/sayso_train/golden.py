"""Writes the golden files that the Rust tests compare themselves with, from a bundle and the fictional fixtures.

`golden.json` holds, for every document, its windows (ids, first sentence, sentence ranges) and the logits of their
sentences; `golden_states.safetensors` holds every hidden state of a few short windows, so that a broken layer is
named, and what tags their tokens get. Both are computed in f64 from the bundle's own f16 weights: they are the exact
answer, to which an f32 engine must come within the error of its own arithmetic.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from .bundle import load_bundle
from .data import load_tokenizer
from .labels import AXES
from .windows import WindowConfig, pack

STATE_WINDOWS = 4
LONGEST_STATE_WINDOW = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument(
        "--fixtures", type=Path, required=True, help="folder with fictional.jsonl; golden files go there"
    )
    arguments = parser.parse_args()

    model, config = load_bundle(arguments.bundle)
    model = model.double()
    windows = WindowConfig(**config["window"])
    tokenizer = load_tokenizer(arguments.bundle)
    documents: list[dict[str, Any]] = []
    states: dict[str, torch.Tensor] = {}
    for line in (arguments.fixtures / "fictional.jsonl").read_text().splitlines():
        record = json.loads(line)
        context, sentences = (
            [tokenizer.encode(text, add_special_tokens=False).ids for text in record.get(part, [])]
            for part in ("context", "sentences")
        )
        entries = []
        for window in pack(context, sentences, windows):
            ids, length = torch.tensor([window.ids]), torch.tensor([len(window.ids)])
            with torch.no_grad():
                logits = model(ids, length, [window.sentences])
                if len(window.ids) <= LONGEST_STATE_WINDOW and len(states) < 2 * STATE_WINDOWS:
                    stacked = torch.stack([state[0] for state in model.bert(ids, length)])
                    name = f"{record['doc_id']}/{window.first}"
                    states[name] = stacked.float().contiguous()
                    if model.tags is not None:
                        states[f"tags/{name}"] = model.tag(model.bert(ids, length))[0].float().contiguous()
            entries.append(
                {
                    "ids": window.ids,
                    "first": window.first,
                    "sentences": window.sentences,
                    **{axis: [[round(value, 7) for value in row] for row in logits[axis].tolist()] for axis in AXES},
                }
            )
        documents.append({"doc_id": record["doc_id"], "windows": entries})
    lines = ",\n".join(json.dumps(document, separators=(",", ":")) for document in documents)
    (arguments.fixtures / "golden.json").write_text(f"[\n{lines}\n]\n")
    save_file(states, arguments.fixtures / "golden_states.safetensors")
    print(f"{sum(len(document['windows']) for document in documents)} windows, states of {list(states)}")


if __name__ == "__main__":
    main()
