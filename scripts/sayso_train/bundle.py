"""Reads a bundle back, so that what is evaluated is what ships."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from .labels import AXES
from .model import Classifier, EncoderConfig


def load_bundle(folder: Path) -> tuple[Classifier, dict[str, Any]]:
    """The model in f32, and `config.json`."""
    config = json.loads((folder / "config.json").read_text())
    weights = {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
    tagging = "tags.weight" in weights
    model = Classifier(EncoderConfig(**config["encoder"]), pooling=config["pooling"], tagging=tagging)
    model.load_state_dict(weights)
    return model.eval(), config


def calibrated(config: dict[str, Any], logits: dict[str, Tensor]) -> dict[str, Tensor]:
    """Log-probabilities per axis, as the Rust side computes them."""
    return {
        axis: (logits[axis] / config[axis]["temperature"] + torch.tensor(config[axis]["bias"])).log_softmax(-1)
        for axis in AXES
    }


def decided(config: dict[str, Any], log_probabilities: dict[str, Tensor]) -> dict[str, list[str]]:
    """The value of every axis: the largest log-probability after the decision bias."""
    return {
        axis: [
            AXES[axis][index]
            for index in (log_probabilities[axis] + torch.tensor(config[axis]["decision_bias"])).argmax(1).tolist()
        ]
        for axis in AXES
    }
