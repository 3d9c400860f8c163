"""Loads what `train` saved, one run or the average of several."""

from dataclasses import dataclass
from pathlib import Path

import torch

from .model import Classifier, EncoderConfig


@dataclass
class Checkpoint:
    """A trained model and the fold of the training articles that it has not seen."""

    model: Classifier
    fold: int


def load_checkpoint(run: Path) -> Checkpoint:
    saved = torch.load(run / "model.pt", weights_only=True)
    tagging = "tags.weight" in saved["model"]
    model = Classifier(EncoderConfig(**saved["config"]), pooling=saved["pooling"], tagging=tagging)
    model.load_state_dict(saved["model"])
    return Checkpoint(model.eval(), saved["fold"])


def average(checkpoints: list[Checkpoint]) -> Classifier:
    """The mean of the weights of runs that started from the same encoder and the same heads."""
    states = [checkpoint.model.state_dict() for checkpoint in checkpoints]
    first = checkpoints[0].model
    model = Classifier(first.config, pooling=first.pooling, tagging=first.tags is not None)
    model.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return model.eval()
