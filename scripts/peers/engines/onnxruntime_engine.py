"""ONNX Runtime on the exported graph; several workers share one session."""

import onnxruntime

from ..labels import READ_AXES, Logits
from ..tokens import pad
from .base import Engine


class OnnxRuntime(Engine):
    def load(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.layout.threads_per_worker
        name = "model.onnx" if self.precision == "f32" else "model.int8.onnx"
        self.session = onnxruntime.InferenceSession(self.exports / name, options, ["CPUExecutionProvider"])

    def logits(self, windows: list[list[int]]) -> Logits:
        ids, mask = pad(windows)
        found = self.session.run(list(READ_AXES), {"ids": ids, "mask": mask})
        return dict(zip(READ_AXES, found, strict=True))
