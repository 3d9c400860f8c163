#!/usr/bin/env bash
# Checks the scripts and the examples without running a model: format, lint, syntax, and that what card.py wrote is
# still true. Wants ruff (requirements-dev.txt) and python3 on the PATH; no other package.
set -euo pipefail
cd "$(dirname "$0")"

ruff format --check .
ruff check .
ruff format --check --config pyproject.toml ../notebooks ../examples
ruff check --config pyproject.toml ../notebooks ../examples
python3 -m compileall -q sayso_train peers report_check pages.py bench_tables.py throughput.py
for script in *.sh peers/*.sh ../notebooks/*.sh ../examples/spark/*.sh; do
    bash -n "$script"
done
python3 -m sayso_train.card --check
