#!/usr/bin/env bash
# Runs corpus.ipynb with the sayso of this repository and checks that its outputs are those committed.
#
# usage: run.sh [--update]
#
# --update writes the outputs and pictures into the notebook instead. Wants a release build (`cargo build --release`) and
# Python 3.11 or newer; the packages of requirements.txt are installed into notebooks/.venv.
set -euo pipefail
cd "$(dirname "$0")"

release=$(cd .. && cd "${CARGO_TARGET_DIR:-target}/release" && pwd) || release=
if [[ ! -x $release/sayso ]]; then
    echo "run.sh: there is no release build of sayso; run cargo build --release" >&2
    exit 1
fi
export PATH=$release:$PATH

if ! cmp --silent requirements.txt .venv/installed.txt; then
    python3 -m venv --clear .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
    cp requirements.txt .venv/installed.txt
fi
.venv/bin/python test_functions.py
.venv/bin/python execute.py corpus.ipynb "$@"
