"""Fits probabilities on articles that a run has not seen; dev plays no part.

Excerpts of `train.jsonl` were chosen by their text (keywords, a model's guess), never by their label, so the
probability of a label given the text is the same in them as in natural news: what has to be mended is the model's
own over- or underconfidence and the class weights of its loss. Vector scaling does that (Guo et al. 2017): one
temperature and one bias per class and axis. Stance and attribution are fitted together, so that the probability of the
label, which is made of both, is right too. The invented contrast excerpts are left out: nobody drew them.

Decisions stay those of the raw logits: the loss weighs the rare answers so that the largest logit serves macro-F1,
the figure that counts rare labels as much as common ones, and the decision bias takes the calibration's own bias
back out. Searching better biases on the held-out fold gained nothing that dev confirmed (EXPERIMENTS.md).
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .checkpoint import load_checkpoint
from .data import UNKNOWN, Excerpt, load_tokenizer, read_gold
from .evaluate import predict, summarize
from .labels import AXES
from .train import label_log_probabilities, label_targets
from .windows import WindowConfig


class Scaling:
    """The temperature and the biases of one axis; biases are drawn to 0."""

    def __init__(self, classes: int) -> None:
        self.log_temperature = torch.zeros((), dtype=torch.double, requires_grad=True)
        self.bias = torch.zeros(classes, dtype=torch.double, requires_grad=True)

    def apply(self, logits: Tensor) -> Tensor:
        return logits / self.log_temperature.exp() + self.bias

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(self.apply(logits), targets) + 1e-3 * self.bias.square().sum()

    def figures(self) -> dict[str, Any]:
        bias = (self.bias - self.bias.mean()).tolist()
        return {
            "temperature": round(float(self.log_temperature.detach().exp()), 4),
            "bias": [round(value, 4) for value in bias],
            "decision_bias": [round(-value, 4) for value in bias],
        }


def minimize(parameters: list[Tensor], loss_of: Callable[[], Tensor]) -> None:
    optimizer = torch.optim.LBFGS(parameters, max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        return loss

    optimizer.step(closure)


def fit(logits: dict[str, Tensor], targets: Tensor) -> dict[str, Scaling]:
    """The scalings of all axes, by maximum likelihood; stance and attribution are fitted together, for the sake of the
    label that follows from them."""
    logits = {axis: values.double() for axis, values in logits.items()}
    scalings = {axis: Scaling(logits[axis].shape[1]) for axis in AXES}
    stance, attribution, anonymity = targets.unbind(1)
    label = label_targets(stance, attribution)
    known = anonymity != UNKNOWN

    def of_label() -> Tensor:
        scaled = (scalings[axis].apply(logits[axis]) for axis in ("stance", "attribution"))
        return F.nll_loss(label_log_probabilities(*scaled), label)

    def joint() -> Tensor:
        own = scalings["stance"].loss(logits["stance"], stance)
        return own + scalings["attribution"].loss(logits["attribution"], attribution) + of_label()

    def parameters(*axes: str) -> list[Tensor]:
        return [value for axis in axes for value in (scalings[axis].log_temperature, scalings[axis].bias)]

    minimize(parameters("stance", "attribution"), joint)
    minimize(parameters("anonymity"), lambda: scalings["anonymity"].loss(logits["anonymity"][known], anonymity[known]))
    return scalings


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
    logits = {axis: torch.cat(values) for axis, values in parts.items()}
    result = {axis: scaling.figures() for axis, scaling in fit(logits, targets).items()}
    print("held out", json.dumps(summarize(excerpts, logits)))
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
