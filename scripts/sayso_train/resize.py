"""Makes a run with another number of layers, or with a smaller vocabulary, out of a trained one: a start for `distill`.

    python -m sayso_train.resize WORK/run --base WORK/base --layers 4 --out WORK/four
    python -m sayso_train.resize WORK/run --base WORK/base --vocabulary 12000 --text TRAIN.jsonl --out WORK/trimmed

Fewer layers, but two at least, are some of the old ones, evenly spaced, the first and the last among them. More layers
are new ones before the old: copies that at first pass on what they get, because the matrices by which they would change
it are zero (Chen, Goodfellow and Shlens 2016, "Net2Net"). A smaller vocabulary keeps the wordpieces that are used most
in a text; words whose piece is gone are put together from shorter ones. The folder written holds a tokenizer of its
own, so that it can also be `distill`'s `--base`. The head that tags tokens is left out of a model with fewer layers,
because it would have to learn anew; `distill --articles` teaches it.
"""

import argparse
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import load_checkpoint
from .data import load_tokenizer, read_gold
from .model import EncoderConfig
from .train import MASK_TOKEN

LAYER = re.compile(r"bert\.encoder\.layer\.(\d+)\.(.+)")
WORDS = "bert.embeddings.word_embeddings.weight"

State = dict[str, Tensor]


def passing(layer: State) -> State:
    """The layer, made to add nothing. What its norms then get is the output of a norm, and they give it back the mean
    and deviation that it had, which follow from that norm's weight and bias."""
    new = {name: value.clone() for name, value in layer.items()}
    weight, bias = layer["output.LayerNorm.weight"], layer["output.LayerNorm.bias"]
    for name in ("attention.output", "output"):
        new[f"{name}.dense.weight"].zero_()
        new[f"{name}.dense.bias"].zero_()
        deviation = (weight.square().mean() + bias.var(correction=0)).sqrt()
        new[f"{name}.LayerNorm.weight"].fill_(float(deviation))
        new[f"{name}.LayerNorm.bias"].fill_(float(bias.mean()))
    return new


def resized(layers: list[State], count: int) -> list[State]:
    old = len(layers)
    if count < 2:
        raise ValueError("two layers are the least: the heads read the last one and the one below")
    if count <= old:
        kept = [round(number * (old - 1) / (count - 1)) for number in range(count)]
        return [layers[number] for number in kept]
    if count % old:
        raise ValueError(f"{count} layers are no multiple of {old}")
    # The first layer gets the norm of the embeddings; that of its own output is close enough for a start.
    return [
        part
        for number, layer in enumerate(layers)
        for part in [passing(layers[max(0, number - 1)])] * (count // old - 1) + [layer]
    ]


def with_layers(state: State, count: int) -> State:
    layers: dict[int, State] = {}
    others: State = {}
    for name, value in state.items():
        match = LAYER.fullmatch(name)
        if match:
            layers.setdefault(int(match[1]), {})[match[2]] = value
        else:
            others[name] = value
    new = resized([layers[number] for number in sorted(layers)], count)
    named = {f"bert.encoder.layer.{n}.{name}": value for n, layer in enumerate(new) for name, value in layer.items()}
    return others | named


def kept_pieces(base: Path, texts: list[Path], count: int) -> list[int]:
    """Special tokens, single characters, and the most used of the others, in the old order."""
    tokenizer = load_tokenizer(base)
    uses: Counter[int] = Counter()
    for path in texts:
        for excerpt in read_gold(path, tokenizer):
            uses.update(token for sentence in excerpt.context + excerpt.sentences for token in sentence)
    pieces = {token: piece for piece, token in tokenizer.get_vocab().items()}
    needed = [t for t, piece in pieces.items() if t <= MASK_TOKEN or len(piece.removeprefix("##")) == 1]
    rest = sorted(set(pieces) - set(needed), key=lambda token: (-uses[token], token))
    return sorted(needed + rest[: max(0, count - len(needed))])


def trim_tokenizer(base: Path, kept: list[int], out: Path) -> None:
    description = json.loads((base / "tokenizer.json").read_text())
    pieces = {token: piece for piece, token in description["model"]["vocab"].items()}
    description["model"]["vocab"] = {pieces[token]: place for place, token in enumerate(kept)}
    (out / "tokenizer.json").write_text(json.dumps(description, ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder that train or distill wrote")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--layers", type=int, help="at least two; if more than there are, a multiple")
    parser.add_argument("--vocabulary", type=int, help="wordpieces to keep")
    parser.add_argument("--text", type=Path, nargs="+", default=[], help="gold files whose words are counted")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    checkpoint = load_checkpoint(arguments.run)
    model, config = checkpoint.model, dict(vars(checkpoint.model.config))
    state = model.state_dict()
    if arguments.layers:
        fewer = arguments.layers < config["num_hidden_layers"]
        state, config["num_hidden_layers"] = with_layers(state, arguments.layers), arguments.layers
        state = {name: value for name, value in state.items() if not (fewer and name.startswith("tags."))}
    if arguments.vocabulary:
        kept = kept_pieces(arguments.base, arguments.text, arguments.vocabulary)
        state[WORDS], config["vocab_size"] = state[WORDS][kept], len(kept)
        trim_tokenizer(arguments.base, kept, arguments.out)
    else:
        shutil.copy(arguments.base / "tokenizer.json", arguments.out)
    saved = {"model": state, "config": vars(EncoderConfig(**config)), "pooling": model.pooling, "fold": checkpoint.fold}
    torch.save(saved, arguments.out / "model.pt")


if __name__ == "__main__":
    main()
