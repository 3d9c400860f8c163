"""CTranslate2's encoder; the heads, which it has no place for, are applied in NumPy to its last hidden state."""

import ctranslate2
import numpy as np

from ..labels import READ_AXES, Logits
from .base import Engine


class CTranslate2(Engine):
    def load(self) -> None:
        kind = {"f32": "float32", "int8": "int8"}[self.precision]
        self.encoder = ctranslate2.Encoder(
            str(self.exports / "ctranslate2"),
            compute_type=kind,
            inter_threads=self.layout.workers,
            intra_threads=self.layout.threads_per_worker,
        )
        with np.load(self.exports / "heads.npz") as stored:
            heads = {name: stored[name] for name in stored.files}
        hidden = self.decision.config["encoder"]["hidden_size"]
        self.heads = {axis: (heads[f"{axis}.weight"][:, :hidden], heads[f"{axis}.bias"]) for axis in READ_AXES}
        self.partial = self.decision.config["pooling"] != "sep"
        if self.partial:
            self.note = "heads partial: the state below the last layer is not to be had"

    def logits(self, windows: list[list[int]]) -> Logits:
        states = np.array(self.encoder.forward_batch(windows).last_hidden_state)
        separators = states[np.arange(len(windows)), [len(window) - 1 for window in windows]]
        return {axis: separators @ weight.T + bias for axis, (weight, bias) in self.heads.items()}
