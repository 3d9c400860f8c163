"""Fine-tunes the encoder and its heads on labelled excerpts. One run is one command; see scripts/README.md.

A held-out fold of the training articles (never dev) is scored every epoch and kept for calibration and thresholds.
An exponential moving average of the weights is what is scored and saved. State is written after every epoch, and
`--resume` continues from it.
"""

import argparse
import json
import math
import random
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .checkpoint import load_checkpoint
from .data import FOLDS, UNKNOWN, Batch, Excerpt, batches, load_tokenizer, read_gold, windows_of
from .evaluate import predict, summarize
from .labels import ATTRIBUTION, STANCE
from .model import Classifier, fast_precision
from .windows import WindowConfig

MASK_TOKEN = 103
STANCE_WEIGHTS = torch.tensor([1.0, 1.6, 1.6, 1.2])
ATTRIBUTION_WEIGHTS = torch.tensor([1.0, 1.0, 1.3, 1.5])


def label_log_probabilities(stance: Tensor, attribution: Tensor) -> Tensor:
    """Log-probabilities of (assertion, denial, anonymous, none) under independent axes: the label as a loss sees it."""
    s, a = stance.log_softmax(-1), attribution.log_softmax(-1)
    anonymous = a[:, 2]
    open_source = torch.log1p(-anonymous.exp().clamp(max=1 - 1e-6))
    claims = torch.logsumexp(s[:, :3], dim=-1)
    denial = s[:, 1] + open_source
    assertion = torch.logsumexp(s[:, [0, 2]], dim=-1) + open_source
    return torch.stack([assertion, denial, claims + anonymous, s[:, 3]], dim=-1)


def label_targets(stance: Tensor, attribution: Tensor) -> Tensor:
    """Which of those labels follows."""
    label = torch.where(attribution == ATTRIBUTION.index("anonymous"), 2, (stance == STANCE.index("deny")).long())
    return torch.where(stance == STANCE.index("none"), 3, label)


def loss_of(logits: dict[str, Tensor], batch: Batch, label_weight: float, rare_weight: float = 1.0) -> Tensor:
    """The loss of a batch with labels. Classes weigh as much as their weight to the power of `rare_weight`."""
    targets = torch.tensor([target for example in batch.examples for target in example.targets])
    unsure = torch.tensor([flag for example in batch.examples for flag in example.unsure])
    trust = torch.where(unsure, 0.5, 1.0)
    stance, attribution, anonymity = targets.unbind(1)
    options = {"reduction": "none", "label_smoothing": 0.03}
    loss = F.cross_entropy(logits["stance"], stance, weight=STANCE_WEIGHTS**rare_weight, **options)
    loss = loss + F.cross_entropy(
        logits["attribution"], attribution, weight=ATTRIBUTION_WEIGHTS**rare_weight, **options
    )
    loss = loss + label_weight * F.nll_loss(
        label_log_probabilities(logits["stance"], logits["attribution"]),
        label_targets(stance, attribution),
        reduction="none",
    )
    total = (loss * trust).mean()
    if (anonymity != UNKNOWN).any():
        total = total + 0.3 * F.cross_entropy(logits["anonymity"], anonymity, ignore_index=UNKNOWN)
    return total


def parameter_groups(model: Classifier, rate: float, decay: float) -> list[dict[str, object]]:
    """Layer-wise learning rates: heads fastest, each layer below slower by `decay`, embeddings slowest."""
    layers = model.config.num_hidden_layers
    groups: dict[float, list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if name.startswith(("heads.", "tags.")):
            scaled = 5 * rate
        elif ".layer." in name:
            depth = int(name.split(".layer.")[1].split(".")[0])
            scaled = rate * decay ** (layers - 1 - depth)
        else:
            scaled = 0.2 * rate * decay**layers
        groups.setdefault(scaled, []).append(parameter)
    return [{"params": parameters, "lr": scaled} for scaled, parameters in groups.items()]


def mask_tokens(ids: Tensor, rate: float) -> Tensor:
    """Hides a few wordpieces, special tokens excepted, so that no single word decides."""
    hidden = (torch.rand(ids.shape) < rate) & (ids > MASK_TOKEN)
    return torch.where(hidden, MASK_TOKEN, ids)


def save(value: Any, path: Path) -> None:
    """Writes a file whole or not at all, so that an interrupted run can be resumed."""
    unfinished = path.with_suffix(".unfinished")
    torch.save(value, unfinished)
    unfinished.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of the pre-trained encoder")
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--dev", type=Path, required=True, help="reported, never used to choose inside a run")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--rate-decay", type=float, default=0.9)
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fold", type=int, default=0, help="fold of the articles that is held out")
    parser.add_argument("--share", type=float, default=1.0, help="share of the training articles to use")
    parser.add_argument("--pooling", choices=("sep", "sep+mean"), default="sep+mean")
    parser.add_argument("--label-weight", type=float, default=0.5)
    parser.add_argument(
        "--rare-weight", type=float, default=1.0, help="power of the classes' weights; 0 makes them equal"
    )
    parser.add_argument("--mask-rate", type=float, default=0.05)
    parser.add_argument("--start", type=Path, help="run whose weights to start from, instead of the base encoder's")
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    windows = WindowConfig()
    tokenizer = load_tokenizer(arguments.base)
    everything: list[Excerpt] = [e for path in arguments.train for e in read_gold(path, tokenizer)]
    held_out = [excerpt for excerpt in everything if excerpt.fold(FOLDS) == arguments.fold]
    train = [excerpt for excerpt in everything if excerpt.fold(FOLDS) != arguments.fold]
    train = [excerpt for excerpt in train if excerpt.place() < arguments.share]
    dev = read_gold(arguments.dev, tokenizer)

    torch.manual_seed(0)  # the same fresh heads in every run, so that runs can be averaged
    model = Classifier.from_base(arguments.base, dropout=0.1, pooling=arguments.pooling)
    torch.manual_seed(arguments.seed)
    if arguments.start:
        model.load_state_dict(load_checkpoint(arguments.start).model.state_dict())
    average = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.AdamW(
        parameter_groups(model, arguments.rate, arguments.rate_decay), weight_decay=0.01, betas=(0.9, 0.98), fused=True
    )

    def batches_of_epoch(epoch: int) -> list[Batch]:
        rng = random.Random(f"{arguments.seed}/{epoch}")
        return batches(windows_of(train, windows, rng), arguments.batch_tokens, rng)

    total = sum(len(batches_of_epoch(epoch)) for epoch in range(arguments.epochs))
    warm_up = max(1, total // 12)

    def schedule(step: int) -> float:
        if step < warm_up:
            return (step + 1) / warm_up
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, total - warm_up)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
    step, epoch, state_file = 0, 0, arguments.out / "state.pt"
    if arguments.resume and state_file.exists():
        state = torch.load(state_file, weights_only=False)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        average, step, epoch = state["average"], state["step"], state["epoch"]
    print(f"{len(train)} excerpts, {len(held_out)} held out, {total} steps", flush=True)

    began, smooth = time.time(), 0.0
    while epoch < arguments.epochs:
        for batch in batches_of_epoch(epoch):
            with fast_precision():
                logits = model(mask_tokens(batch.ids, arguments.mask_rate), batch.lengths, batch.spans)
            loss = loss_of(logits, batch, arguments.label_weight, arguments.rare_weight)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            step += 1
            momentum = min(0.999, step / (step + 10.0))
            with torch.no_grad():
                torch._foreach_lerp_(list(average.values()), list(model.state_dict().values()), 1 - momentum)
            smooth = 0.98 * smooth + 0.02 * loss.item() if smooth else loss.item()
            if step % 50 == 0:
                print(f"{step}/{total} loss {smooth:.3f} {time.time() - began:.0f} s", flush=True)
        epoch += 1
        averaged = Classifier(model.config, pooling=arguments.pooling)
        averaged.load_state_dict(average)
        for name, excerpts in (("held-out", held_out), ("dev", dev)):
            print(
                "EVAL", epoch, name, json.dumps(summarize(excerpts, predict(averaged, excerpts, windows))), flush=True
            )
        saved = {"model": average, "config": vars(model.config), "pooling": arguments.pooling, "fold": arguments.fold}
        save(saved, arguments.out / "model.pt")
        # Last, because --resume takes an epoch in it for one whose model is saved.
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "average": average}
        state |= {"scheduler": scheduler.state_dict(), "step": step, "epoch": epoch}
        save(state, state_file)


if __name__ == "__main__":
    main()
