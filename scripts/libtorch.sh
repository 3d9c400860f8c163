#!/usr/bin/env bash
# Prepares the CPU half of libtorch 2.4, for `cargo build --features rust-bert`, from the wheels of PyPI alone. x86-64 Linux.
#
# usage: libtorch.sh [FOLDER]
#
# FOLDER is target/libtorch by default, where the build looks for it (.cargo/config.toml). Run again, it does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath -m "${1:-target/libtorch}")
if [[ -f $folder/build-version ]]; then
    exit 0
fi
if [[ $(uname -sm) != "Linux x86_64" ]]; then
    echo "libtorch.sh: only for x86-64 Linux; elsewhere, point LIBTORCH to a libtorch 2.4 from pytorch.org" >&2
    exit 1
fi
mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The wheel needs two small libraries of CUDA even where there is none: libtorch_cpu.so is linked with them.
cat >"$work/requirements.txt" <<'REQUIREMENTS'
torch==2.4.1 --hash=sha256:0b5f88afdfa05a335d80351e3cea57d38e578c8689f751d35e0ff36bce872113
nvidia-cuda-runtime-cu12==12.1.105 --hash=sha256:6e258468ddf5796e25f1dc591a31029fa317d97a0a94ed93468fc86301d61e40
nvidia-cuda-cupti-cu12==12.1.105 --hash=sha256:e54fde3983165c624cb79254ae9818a456eb6e87a7fd4d56a2352c24ee542d7e
REQUIREMENTS
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 311 \
    --platform manylinux1_x86_64 --require-hashes --requirement "$work/requirements.txt" --dest "$work/wheels"

python3 - "$work" <<'UNPACK'
import shutil
import sys
import zipfile
from pathlib import Path

WANTED = (
    "torch/include/",
    "torch/lib/libc10.so",
    "torch/lib/libgomp",
    "torch/lib/libtorch_cpu.so",
    "nvidia/cuda_cupti/lib/libcupti.so",
    "nvidia/cuda_runtime/lib/libcudart",
)
work = Path(sys.argv[1])
for wheel in sorted((work / "wheels").glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.startswith(WANTED) or name.endswith("/"):
                continue
            parts = Path(name).parts
            inside = Path(*parts[1:]) if parts[0] == "torch" else Path("lib", parts[-1])
            path = work / "libtorch" / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as packed, path.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
    wheel.unlink()
UNPACK

# The wheel's own libtorch.so wants the CUDA half; this one stands for the CPU half alone.
cc -shared -o "$work/libtorch/lib/libtorch.so" -Wl,-soname,libtorch.so -Wl,--no-as-needed \
    -L"$work/libtorch/lib" -ltorch_cpu -lc10 -Wl,--unresolved-symbols=ignore-all
# tch 0.17 asks for this very string; 2.4.1 mends bugs of 2.4.0 and has its interface.
echo 2.4.0 >"$work/libtorch/build-version"
rm -rf "$folder"
mv "$work/libtorch" "$folder"
