#!/usr/bin/env bash
# Tests label_batches.py, and label_corpus.py in Spark on this machine, as a cluster of two workers; wants python3 (3.10
# or newer) and Java 17 or 21.
# What Spark itself needs is installed into .venv beside this file. With --measure as the first argument it measures
# what Spark costs instead of testing; other arguments go to measure.py or pytest.
set -euo pipefail
cd "$(dirname "$0")"

python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
if [ -z "${SAYSO:-}" ]; then
    cargo build --quiet --release
    SAYSO=$(realpath "${CARGO_TARGET_DIR:-../../target}")/release/sayso
fi
export SAYSO
if [ "${1:-}" = --measure ]; then
    shift
    exec .venv/bin/python measure.py "$@"
fi
.venv/bin/python ../../tests/python/map_batches.py ..
exec .venv/bin/python -m pytest -p no:cacheprovider -o tmp_path_retention_policy=failed "$@"
