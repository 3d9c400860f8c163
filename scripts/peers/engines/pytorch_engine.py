"""PyTorch in eager mode: the reference for agreement in f32, dynamic quantization of every linear layer in int8."""

import warnings

import torch

from ..labels import READ_AXES, Logits
from ..tokens import pad
from ..torch_model import own_form
from .base import Engine


class PyTorch(Engine):
    def load(self) -> None:
        torch.set_num_threads(self.layout.threads_per_worker)
        self.model = own_form(self.bundle)
        if self.precision == "int8":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.model.encoder = torch.ao.quantization.quantize_dynamic(
                    self.model.encoder, {torch.nn.Linear}, dtype=torch.qint8
                )

    def logits(self, windows: list[list[int]]) -> Logits:
        ids, mask = pad(windows)
        with torch.inference_mode():
            found = self.model(torch.from_numpy(ids), torch.from_numpy(mask))
        return {axis: values.numpy() for axis, values in zip(READ_AXES, found, strict=True)}
