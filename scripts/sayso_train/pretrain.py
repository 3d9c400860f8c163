"""Goes on with the encoder's pre-training, on news: an experiment (EXPERIMENTS.md), not a step of `retrain.sh`.

Masked language modelling as in Devlin et al. 2019 ("BERT", section 3.1): 15 % of the wordpieces are to be guessed, of
which 80 % are masked, 10 % replaced at random, 10 % left. Windows are cut as at run time, so that separators stand
between sentences here too. The head that guesses shares the word embeddings and is thrown away; what is written takes
the place of the base encoder.
"""

import argparse
import math
import random
import shutil
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from .data import UNKNOWN, Excerpt, batches, load_tokenizer, read_rows, windows_of
from .model import Classifier, Encoder, fast_precision
from .train import MASK_TOKEN
from .windows import WindowConfig

GUESSED = 0.15
NO_GUESS = -100


class Guess(nn.Module):
    """Logits over the vocabulary from states `[tokens, hidden]`."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        vocabulary, hidden = encoder.embeddings.word_embeddings.weight.shape
        self.dense = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, states: Tensor, words: Tensor) -> Tensor:
        return F.linear(self.norm(F.gelu(self.dense(states))), words, self.bias)


def hide(ids: Tensor, vocabulary: int) -> tuple[Tensor, Tensor]:
    """What the encoder sees, and what it is to guess: `NO_GUESS` where nothing. Special tokens stay."""
    chosen = (torch.rand(ids.shape) < GUESSED) & (ids > MASK_TOKEN)
    fate = torch.rand(ids.shape)
    seen = torch.where(chosen & (fate < 0.8), MASK_TOKEN, ids)
    seen = torch.where(chosen & (fate >= 0.9), torch.randint_like(ids, MASK_TOKEN + 1, vocabulary), seen)
    return seen, torch.where(chosen, ids, NO_GUESS)


def read_articles(path: Path, base: Path) -> list[Excerpt]:
    tokenizer = load_tokenizer(base)
    articles = []
    for doc_id, rows in read_rows(path).items():
        texts = [row["text"] for row in rows]
        sentences = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
        unknown = [(UNKNOWN, UNKNOWN, UNKNOWN)] * len(texts)
        articles.append(
            Excerpt(doc_id, "unlabelled", "unlabelled", [], sentences, texts, unknown, [False] * len(texts))
        )
    return articles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True, help="rows that `sayso label --format jsonl` wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder for the encoder, to be used as --base")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    rng = random.Random(arguments.seed)
    articles = read_articles(arguments.rows, arguments.base)
    encoder = Classifier.from_base(arguments.base, dropout=0.1, pooling="sep").bert
    guess = Guess(encoder)
    words = encoder.embeddings.word_embeddings.weight
    lessons = [
        batch
        for _ in range(arguments.epochs)
        for batch in batches(windows_of(articles, WindowConfig(), rng), arguments.batch_tokens, rng)
    ]
    warm_up = max(1, len(lessons) // 12)
    groups = [
        {"params": list(encoder.parameters()), "lr": arguments.rate},
        {"params": list(guess.parameters()), "lr": 5 * arguments.rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / warm_up, 0.02 + 0.49 * (1 + math.cos(math.pi * step / len(lessons)))),
    )
    began, smooth = time.time(), 0.0
    for step, batch in enumerate(lessons, 1):
        seen, wanted = hide(batch.ids, len(words))
        places = wanted != NO_GUESS
        with fast_precision():
            logits = guess(encoder(seen, batch.lengths)[-1][places], words)
        loss = F.cross_entropy(logits.float(), wanted[places])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*encoder.parameters(), *guess.parameters()], 1.0)
        optimizer.step()
        schedule.step()
        smooth = 0.98 * smooth + 0.02 * loss.item() if smooth else loss.item()
        if step % 50 == 0:
            print(f"{step}/{len(lessons)} loss {smooth:.3f} {time.time() - began:.0f} s", flush=True)

    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(arguments.base / name, arguments.out / name)
    save_file(encoder.state_dict(), arguments.out / "model.safetensors")


if __name__ == "__main__":
    main()
