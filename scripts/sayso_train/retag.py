"""Fits the head that tags tokens anew, on all marked articles, while the encoder stands: the last step of a run in
which the encoder went on learning and saw few of them.

    python -m sayso_train.retag WORK/run --base WORK/base \\
        --articles DATA/polnear/train.jsonl WORK/polnear-train.jsonl

A linear head on states that do not move is logistic regression: the states are computed once, and a few passes over
them suffice. Only the head in WORK/run/model.pt changes.
"""

import argparse
import random
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import load_checkpoint
from .data import Batch, batches, load_tokenizer, windows_of
from .model import fast_precision
from .spans import loss_of_tags, read_articles
from .train import save
from .windows import WindowConfig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder that distill wrote")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--articles", type=Path, nargs=2, required=True, metavar=("FILE", "ROWS"))
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    rng = random.Random(arguments.seed)
    model = load_checkpoint(arguments.run).model
    if model.tags is None:
        raise ValueError(f"{arguments.run}: a run without tags")
    articles = read_articles(*arguments.articles, load_tokenizer(arguments.base))
    windows = windows_of([article.excerpt for article in articles], WindowConfig())
    seen: list[tuple[Batch, Tensor]] = []
    with torch.no_grad(), fast_precision():
        for batch in batches(windows, arguments.batch_tokens, rng):
            seen.append((batch, model.bert(batch.ids, batch.lengths)[-2].bfloat16()))
    print(f"{len(seen)} batches", flush=True)

    optimizer = torch.optim.AdamW(model.tags.parameters(), lr=arguments.rate, weight_decay=0.0)
    total = arguments.epochs * len(seen)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / total)
    for epoch in range(arguments.epochs):
        rng.shuffle(seen)
        losses = 0.0
        for batch, state in seen:
            loss = loss_of_tags(model.tag([state, state]), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses += loss.item()
        print(f"epoch {epoch + 1}: loss {losses / len(seen):.4f}", flush=True)

    path = arguments.run / "model.pt"
    saved = torch.load(path, weights_only=True)
    saved["model"] |= {f"tags.{name}": value.detach() for name, value in model.tags.named_parameters()}
    save(saved, path)


if __name__ == "__main__":
    main()
