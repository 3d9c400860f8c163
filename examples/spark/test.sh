#!/usr/bin/env bash
# Runs label_corpus.py in Spark on this machine, as a cluster of two workers; wants python3 and Java 17 or 21.
# What Spark itself needs is installed into .venv beside this file. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")"

python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
if [ -z "${SAYSO:-}" ]; then
    cargo build --quiet --release
    SAYSO=$(realpath "${CARGO_TARGET_DIR:-../../target}")/release/sayso
fi
export SAYSO
exec .venv/bin/python -m pytest -p no:cacheprovider -o tmp_path_retention_policy=failed "$@"
