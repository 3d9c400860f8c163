"""OpenVINO on the exported graph; each worker has an infer request, all share the compiled model."""

import threading

import openvino

from ..labels import READ_AXES, Logits
from ..tokens import pad
from .base import Engine


class OpenVino(Engine):
    def load(self) -> None:
        name = "model.onnx" if self.precision == "f32" else "openvino.int8/model.xml"
        settings = {
            # Where the processor has bfloat16, it would be used unasked.
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": self.layout.threads,
            "NUM_STREAMS": self.layout.workers,
        }
        self.model = openvino.Core().compile_model(self.exports / name, "CPU", settings)
        self.local = threading.local()

    def logits(self, windows: list[list[int]]) -> Logits:
        if not hasattr(self.local, "request"):
            self.local.request = self.model.create_infer_request()
        ids, mask = pad(windows)
        found = self.local.request.infer({"ids": ids, "mask": mask})
        return {axis: found[axis].copy() for axis in READ_AXES}
