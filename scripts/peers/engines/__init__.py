"""One file per engine; each is imported only in the process that measures it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Engine

MODULES = {
    "pytorch": "PyTorch",
    "onnxruntime": "OnnxRuntime",
    "ctranslate2": "CTranslate2",
    "openvino": "OpenVino",
}
PRECISIONS = ("f32", "int8")


def engine_class(name: str) -> type[Engine]:
    found: type[Engine] = getattr(import_module(f".{name}_engine", __name__), MODULES[name])
    return found
