"""Rewrites an MPNet checkpoint (Song et al. 2020) so that `train` takes it as a base encoder: a larger teacher.

MPNet is BERT with a learned bias per relative position and without token types. Its vocabulary holds BERT's uncased
wordpieces under other ids, so its word embeddings are put into BERT's order here and everything else, windows and
tokenizer included, stays as it is for the student.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

RENAMED = (
    ("attention.attn.q.", "attention.self.query."),
    ("attention.attn.k.", "attention.self.key."),
    ("attention.attn.v.", "attention.self.value."),
    ("attention.attn.o.", "attention.output.dense."),
    ("attention.LayerNorm.", "attention.output.LayerNorm."),
    ("encoder.relative_attention_bias.", "relative_attention_bias."),
)
SPECIAL = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[MASK]": "<mask>"}
FIRST_POSITION = 2


def vocabulary(folder: Path) -> dict[str, int]:
    ids: dict[str, int] = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    return ids


def convert(weights: dict[str, Tensor], own: dict[str, int], bert: dict[str, int]) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, value in weights.items():
        for old, new in RENAMED:
            name = name.replace(old, new)
        if not name.startswith("pooler."):
            tensors[name] = value
    words = tensors["embeddings.word_embeddings.weight"]
    unknown = own["[UNK]"]
    order = [own.get(SPECIAL.get(piece, piece), unknown) for piece in sorted(bert, key=bert.__getitem__)]
    tensors["embeddings.word_embeddings.weight"] = words[torch.tensor(order)].contiguous()
    positions = tensors["embeddings.position_embeddings.weight"]
    tensors["embeddings.position_embeddings.weight"] = positions[FIRST_POSITION:].contiguous()
    tensors["embeddings.token_type_embeddings.weight"] = torch.zeros(2, words.shape[1])
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mpnet", type=Path, required=True, help="folder of the MPNet checkpoint")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with BERT's tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    config = json.loads((arguments.mpnet / "config.json").read_text())
    bert = vocabulary(arguments.tokenizer)
    config |= {"vocab_size": len(bert), "type_vocab_size": 2}
    config["max_position_embeddings"] -= FIRST_POSITION
    (arguments.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    shutil.copy(arguments.tokenizer / "tokenizer.json", arguments.out)
    weights = load_file(arguments.mpnet / "model.safetensors")
    save_file(convert(weights, vocabulary(arguments.mpnet), bert), arguments.out / "model.safetensors")


if __name__ == "__main__":
    main()
