"""Makes the 8-bit weights of a bundle, `model.int8.safetensors`, from its f16 weights.

A weight is stored as `value * scale` of its row with values in ±64 (why not ±127: `src/kernels/int8.rs`). Activations
are quantized at run time, each token to its own scale, so a column that is always large costs all others resolution.
Before quantization every input column is therefore multiplied by a factor, and the weights that meet it are divided by
it (Xiao et al. 2023, "SmoothQuant"). Factors come from the largest activations on calibration text, and the mean error
that quantized weights make on that text is taken out of the bias (Nagel et al. 2019, "Data-Free Quantization").
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from .bundle import load_bundle
from .data import batches, load_tokenizer, read_gold, windows_of
from .model import Classifier
from .windows import WindowConfig

WEIGHT_MAX = 64
GROUPS = {
    "attention.self.input_factor": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "attention.output.dense.input_factor": ("attention.output.dense",),
    "intermediate.dense.input_factor": ("intermediate.dense",),
    "output.dense.input_factor": ("output.dense",),
}


class Watch:
    """Largest magnitude and mean of every input column of a linear layer."""

    def __init__(self, layer: nn.Linear) -> None:
        self.largest = torch.zeros(layer.in_features)
        self.total = torch.zeros(layer.in_features, dtype=torch.double)
        self.rows = 0
        layer.register_forward_pre_hook(self.see)

    def see(self, _: nn.Module, inputs: tuple[Tensor]) -> None:
        rows = inputs[0].detach().flatten(0, -2).float()
        self.largest = torch.maximum(self.largest, rows.abs().amax(0))
        self.total += rows.double().sum(0)
        self.rows += rows.shape[0]

    def mean(self) -> Tensor:
        return (self.total / self.rows).float()


def quantize_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Integers in ±`WEIGHT_MAX` and one scale per row."""
    scale = weight.abs().amax(1) / WEIGHT_MAX
    inverse = torch.where(scale > 0, 1 / scale, torch.zeros_like(scale))
    return (weight * inverse[:, None]).round().clamp(-WEIGHT_MAX, WEIGHT_MAX).to(torch.int8), scale


def embedding_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """The same with all 8 bits: embeddings are looked up, not multiplied."""
    scale = (weight.abs().amax(1) / 127).clamp(min=1e-12)
    return (weight / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale


def smoothing(largest: Tensor, weights: list[Tensor], alpha: float) -> Tensor:
    """What the activations are multiplied by; the geometric mean is 1, so that scales stay in their usual range."""
    heaviest = torch.stack([weight.abs().amax(0) for weight in weights]).amax(0)
    factor = heaviest.clamp(min=1e-5) ** (1 - alpha) / largest.clamp(min=1e-5) ** alpha
    return factor / factor.log().mean().exp()


def quantize(model: Classifier, watches: dict[str, Watch], alpha: float) -> dict[str, Tensor]:
    tensors = {name: value.clone() for name, value in model.state_dict().items()}
    for layer in range(model.config.num_hidden_layers):
        prefix = f"bert.encoder.layer.{layer}."
        for factor_name, names in GROUPS.items():
            weights = [tensors[f"{prefix}{name}.weight"] for name in names]
            watch = watches[prefix + names[0]]
            factor = smoothing(watch.largest, weights, alpha)
            tensors[prefix + factor_name] = factor
            for name, weight in zip(names, weights, strict=True):
                values, scale = quantize_rows(weight / factor)
                error = weight - values.float() * scale[:, None] * factor
                tensors[f"{prefix}{name}.weight"] = values
                tensors[f"{prefix}{name}.weight_scale"] = scale
                tensors[f"{prefix}{name}.bias"] = tensors[f"{prefix}{name}.bias"] + error @ watch.mean()
    words = "bert.embeddings.word_embeddings.weight"
    tensors[words], tensors[f"{words}_scale"] = embedding_rows(tensors[words])
    for name in ("bert.embeddings.position_embeddings.weight", "bert.embeddings.token_type_embeddings.weight"):
        tensors[name] = tensors[name].half()
    return {name: value.contiguous() for name, value in tensors.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--bundle", type=Path, required=True, help="folder with model.safetensors; the result goes there"
    )
    parser.add_argument("--calibration-text", type=Path, required=True, help="gold file, e.g. the training excerpts")
    parser.add_argument("--excerpts", type=int, default=400)
    parser.add_argument("--alpha", type=float, default=0.5)
    parser.add_argument("--out", type=Path, help="another file to write")
    arguments = parser.parse_args()

    model, config = load_bundle(arguments.bundle)
    watches = {
        name: Watch(module)
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.startswith("bert.")
    }
    everything = read_gold(arguments.calibration_text, load_tokenizer(arguments.bundle))
    chosen = everything[:: max(1, len(everything) // arguments.excerpts)]
    with torch.no_grad():
        # One window at a time: a padded row would be watched like any other.
        for batch in batches(windows_of(chosen, WindowConfig(**config["window"])), 1):
            model(batch.ids, batch.lengths, batch.spans)
    out = arguments.out or arguments.bundle / "model.int8.safetensors"
    save_file(quantize(model, watches, arguments.alpha), out)


if __name__ == "__main__":
    main()
