"""Fits probabilities on articles that a run has not seen; dev plays no part.

Excerpts of `train.jsonl` were chosen by their text (keywords, a model's guess), never by their label, so the
probability of a label given the text is the same in them as in natural news: what has to be mended is the model's
own over- or underconfidence and the class weights of its loss. Vector scaling does that (Guo et al. 2017): one
temperature and one bias per class and axis. The invented contrast excerpts are left out: nobody drew them.

Decisions stay those of the raw logits: the loss weighs the rare answers so that the largest logit serves macro-F1,
the figure that counts rare labels as much as common ones, and the decision bias takes the calibration's own bias
back out. Searching better biases on the held-out fold gained nothing that dev confirmed (EXPERIMENTS.md).
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .checkpoint import load_checkpoint
from .data import UNKNOWN, Excerpt, load_tokenizer, read_gold
from .evaluate import predict, summarize
from .labels import AXES
from .windows import WindowConfig


def fit_vector_scaling(logits: Tensor, targets: Tensor) -> tuple[float, list[float]]:
    """Temperature and biases that minimize the negative log-likelihood; biases are drawn to 0 and sum to 0."""
    known = targets != UNKNOWN
    logits, targets = logits[known].double(), targets[known]
    log_temperature = torch.zeros((), dtype=torch.double, requires_grad=True)
    bias = torch.zeros(logits.shape[1], dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(logits / log_temperature.exp() + bias, targets) + 1e-3 * bias.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    centred = (bias - bias.mean()).tolist()
    return float(log_temperature.detach().exp()), centred


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="folders that train wrote")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True, help="the natural training excerpts")
    parser.add_argument("--out", type=Path, required=True, help="calibration file to write")
    arguments = parser.parse_args()

    tokenizer, windows = load_tokenizer(arguments.base), WindowConfig()
    everything = read_gold(arguments.train, tokenizer)
    excerpts: list[Excerpt] = []
    parts: dict[str, list[Tensor]] = {axis: [] for axis in AXES}
    for run in arguments.runs:
        checkpoint = load_checkpoint(run)
        unseen = [excerpt for excerpt in everything if excerpt.fold() == checkpoint.fold]
        for axis, logits in predict(checkpoint.model, unseen, windows).items():
            parts[axis].append(logits)
        excerpts += unseen
    targets = torch.tensor([target for excerpt in excerpts for target in excerpt.targets])
    result: dict[str, Any] = {}
    for column, axis in enumerate(AXES):
        logits = torch.cat(parts[axis])
        temperature, bias = fit_vector_scaling(logits, targets[:, column])
        result[axis] = {"temperature": round(temperature, 4), "bias": [round(value, 4) for value in bias]}
        result[axis]["decision_bias"] = [round(-value, 4) for value in bias]
    print("held out", json.dumps(summarize(excerpts, {axis: torch.cat(parts[axis]) for axis in AXES})))
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
