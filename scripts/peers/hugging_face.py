"""The checkpoint in the form of the `transformers` package, which export tools know.

Apart from `torch_model`, so that PyTorch's start-up does not pay for this import.
"""

from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import BertConfig, BertModel

from sayso_train.bundle import load_bundle

from .torch_model import LoneSentences


class HuggingFaceForm(LoneSentences):
    """The same on transformers' `BertModel`, whose graph the other engines' optimizers know."""

    def states(self, ids: Tensor, mask: Tensor) -> Any:
        return self.encoder(ids, mask, output_hidden_states=True).hidden_states


def hugging_face_bert(bundle: Path) -> BertModel:
    """The bundle's encoder as `BertModel`; its pooler, which the bundle has none of, is all zeros."""
    model, config = load_bundle(bundle)
    bert = BertModel(BertConfig(**config["encoder"], attn_implementation="eager"))
    missing, unexpected = bert.load_state_dict(model.bert.state_dict(), strict=False)
    if unexpected or any(not name.startswith("pooler.") for name in missing):
        raise ValueError(f"{bundle}: not a BERT checkpoint: lacks {missing}, has {unexpected}")
    for parameter in bert.pooler.parameters():
        nn.init.zeros_(parameter)
    return bert.eval()


def hugging_face_form(bundle: Path) -> HuggingFaceForm:
    model, _ = load_bundle(bundle)
    bert = hugging_face_bert(bundle)
    bert.pooler = None
    return HuggingFaceForm(bert, model.heads, model.pooling).eval()
