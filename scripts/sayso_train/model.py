"""BERT and sayso's heads in plain PyTorch: small enough to read beside the Rust engine, which mirrors it.

The parameter names are those of Hugging Face's `BertModel`, so the base checkpoint loads as it is and the
exported bundle loads into any BERT implementation.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from .labels import AXES, SPANS, TAGS

HAS_BF16 = torch.cpu._is_avx512_bf16_supported()
"""Whether the processor computes in bf16. One that does not emulates it, ten times slower than f32."""


def fast_precision(wanted: bool = True) -> torch.autocast:
    """Runs its block in bf16 where that is `wanted` and the processor has it, else in f32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=wanted and HAS_BF16)


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of the encoder, named as in Hugging Face's `config.json`."""

    vocab_size: int = 30522
    hidden_size: int = 384
    num_hidden_layers: int = 6
    num_attention_heads: int = 12
    intermediate_size: int = 1536
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    relative_attention_num_buckets: int = 0
    """Buckets of MPNet's relative positions; 0 in BERT, which has none."""

    @classmethod
    def read(cls, folder: Path) -> "EncoderConfig":
        stored = json.loads((folder / "config.json").read_text())
        stored = stored.get("encoder", stored)
        return cls(**{name: stored[name] for name in cls.__dataclass_fields__ if name in stored})


class CheapDropout(nn.Module):
    """Dropout whose masks are slices of one random pool: drawing fresh bits costs 9 % of a CPU training step."""

    POOL = 1 << 23

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.pool: Tensor | None = None
        self.uses = 0

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return x
        if self.pool is None or self.uses % 256 == 0:
            keep = torch.rand(self.POOL) >= self.rate
            self.pool = (keep / (1.0 - self.rate)).to(x.dtype)
        self.uses += 1
        offset = int(torch.randint(0, self.POOL - x.numel(), ()).item())
        return x * self.pool[offset : offset + x.numel()].view_as(x).to(x.dtype)


class Embeddings(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = CheapDropout(dropout)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.word_embeddings(ids) + self.position_embeddings.weight[: ids.shape[1]]
        return self.dropout(self.LayerNorm(x + self.token_type_embeddings.weight[0]))


class Layer(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        hidden, inner = config.hidden_size, config.intermediate_size
        self.heads = config.num_attention_heads
        linear = nn.Linear
        self.attention = nn.ModuleDict(
            {
                "self": nn.ModuleDict({name: linear(hidden, hidden) for name in ("query", "key", "value")}),
                "output": nn.ModuleDict(
                    {"dense": linear(hidden, hidden), "LayerNorm": nn.LayerNorm(hidden, config.layer_norm_eps)}
                ),
            }
        )
        self.intermediate = nn.ModuleDict({"dense": linear(hidden, inner)})
        self.output = nn.ModuleDict(
            {"dense": linear(inner, hidden), "LayerNorm": nn.LayerNorm(hidden, config.layer_norm_eps)}
        )
        self.dropout = CheapDropout(dropout)

    def attend(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, hidden = x.shape
        size = hidden // self.heads

        def split(name: str) -> Tensor:
            return self.attention["self"][name](x).view(batch, length, self.heads, size).transpose(1, 2)

        scores = (split("query") / math.sqrt(size)) @ split("key").transpose(-1, -2) + bias
        mixed = scores.softmax(-1) @ split("value")
        return self.attention["output"]["dense"](mixed.transpose(1, 2).reshape(batch, length, hidden))

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        x = self.attention["output"]["LayerNorm"](x + self.dropout(self.attend(x, bias)))
        inner = F.gelu(self.intermediate["dense"](x))
        return self.output["LayerNorm"](x + self.dropout(self.output["dense"](inner)))


def relative_buckets(length: int, buckets: int, farthest: int = 128) -> Tensor:
    """Buckets `[query, key]` of relative positions: half for keys behind, exact if near, logarithmic to `farthest`."""
    distance = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    half, exact = buckets // 2, buckets // 4
    behind = (distance < 0) * half
    distance = distance.abs()
    far = exact + ((distance.clamp(min=1) / exact).log() / math.log(farthest / exact) * (half - exact)).long()
    return behind + torch.where(distance < exact, distance, far.clamp(max=half - 1))


class Encoder(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.embeddings = Embeddings(config, dropout)
        layers = nn.ModuleList(Layer(config, dropout) for _ in range(config.num_hidden_layers))
        self.encoder = nn.ModuleDict({"layer": layers})
        buckets = config.relative_attention_num_buckets
        self.buckets = buckets
        self.relative_attention_bias = nn.Embedding(buckets, config.num_attention_heads) if buckets else None

    def forward(self, ids: Tensor, lengths: Tensor) -> list[Tensor]:
        """Hidden states `[batch, length, hidden]`: the embeddings, then one after every layer."""
        padding = torch.arange(ids.shape[1]) >= lengths[:, None]
        states = [self.embeddings(ids)]
        bias = (padding[:, None, None, :] * -1e4).to(states[0].dtype)
        if self.relative_attention_bias is not None:
            relative = self.relative_attention_bias(relative_buckets(ids.shape[1], self.buckets))
            bias = bias + relative.permute(2, 0, 1)[None].to(bias.dtype)
        for layer in self.encoder["layer"]:
            states.append(layer(states[-1], bias))
        return states


class Classifier(nn.Module):
    """Encoder, one linear head per axis that reads each sentence's own tokens, and one that tags tokens."""

    def __init__(
        self, config: EncoderConfig, dropout: float = 0.0, pooling: str = "sep", tagging: bool = False
    ) -> None:
        super().__init__()
        self.config = config
        self.pooling = pooling
        self.bert = Encoder(config, dropout)
        width = config.hidden_size * (2 if pooling == "sep+mean" else 1)
        self.heads = nn.ModuleDict({axis: nn.Linear(width, len(names)) for axis, names in AXES.items()})
        self.tags = nn.Linear(config.hidden_size, len(SPANS) * len(TAGS)) if tagging else None
        self.dropout = nn.Dropout(dropout)

    @classmethod
    def from_base(cls, folder: Path, dropout: float, pooling: str) -> "Classifier":
        """The pre-trained encoder with fresh heads."""
        model = cls(EncoderConfig.read(folder), dropout, pooling)
        weights = load_file(folder / "model.safetensors")
        missing, _ = model.bert.load_state_dict(weights, strict=False)
        if missing:
            raise ValueError(f"{folder}: base checkpoint lacks {missing}")
        for head in model.heads.values():
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        return model

    def pool(self, states: list[Tensor], spans: list[list[tuple[int, int]]]) -> Tensor:
        """What the heads read of each sentence: its `[SEP]` after the last layer and, with `sep+mean`, the mean of
        its tokens one layer below, so that the last layer has to be computed at separators only."""
        length = states[-1].shape[1]
        rows = [(w * length + a, w * length + b) for w, window in enumerate(spans) for a, b in window]
        separators = states[-1].flatten(0, 1)[torch.tensor([end - 1 for _, end in rows])]
        if self.pooling == "sep":
            return separators
        below = states[-2].flatten(0, 1)
        weights = torch.zeros(len(rows), below.shape[0], dtype=below.dtype)
        for row, (start, end) in enumerate(rows):
            weights[row, start:end] = 1.0 / (end - start)
        return torch.cat([separators, weights @ below], dim=1)

    def forward(self, ids: Tensor, lengths: Tensor, spans: list[list[tuple[int, int]]]) -> dict[str, Tensor]:
        """Logits `[sentences of the batch, classes]` per axis."""
        return self.read(self.bert(ids, lengths), spans)

    def read(self, states: list[Tensor], spans: list[list[tuple[int, int]]]) -> dict[str, Tensor]:
        """The same from the encoder's states."""
        precision = next(self.heads.parameters()).dtype
        pooled = self.dropout(self.pool(states, spans).to(precision))
        with torch.autocast("cpu", enabled=False):
            return {axis: head(pooled) for axis, head in self.heads.items()}

    def tag(self, states: list[Tensor]) -> Tensor:
        """Logits `[batch, length, spans, tags]` of every token, from its state below the last layer: the last layer
        is computed at separators only."""
        if self.tags is None:
            raise ValueError("a model without tags")
        with torch.autocast("cpu", enabled=False):
            logits = self.tags(self.dropout(states[-2].to(self.tags.weight.dtype)))
        return logits.unflatten(-1, (len(SPANS), len(TAGS)))
