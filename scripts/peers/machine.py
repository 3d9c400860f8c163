"""What the figures depend on beside the code: processor and versions."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimd", "asimddp", "i8mm")
PACKAGES = ("ctranslate2", "nncf", "onnxruntime", "openvino", "tokenizers", "torch", "transformers")


def _cpuinfo(*keys: str) -> str:
    path = Path("/proc/cpuinfo")
    for line in path.read_text().splitlines() if path.exists() else []:
        key, _, value = line.partition(":")
        if key.strip() in keys:
            return value.strip()
    return ""


def flags() -> list[str]:
    present = set(_cpuinfo("flags", "Features").split())
    return [flag for flag in FLAGS if flag in present]


def describe() -> dict[str, object]:
    return {"cpu": _cpuinfo("model name") or platform.machine(), "cores": os.cpu_count(), "flags": flags()}


def commit() -> str:
    """The code that is measured, in the checkout that this file belongs to."""
    describe = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(describe, check=True, capture_output=True, text=True, cwd=Path(__file__).parent)
    return found.stdout.strip()


def has_vnni() -> bool:
    return any("vnni" in flag for flag in flags())


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
