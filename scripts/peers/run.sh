#!/usr/bin/env bash
# Measures sayso beside other engines on this machine, writes benches/runs/peers.json and the table in
# benches/README.md. `run.sh --help` lists the options. Everything it makes is under target/peers.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=${PEERS_VENV:-target/peers/venv}
requirements=scripts/peers/requirements.txt
if ! cmp -s "$requirements" "$venv/installed.txt"; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet -r "$requirements"
    cp "$requirements" "$venv/installed.txt"
fi
export PYTHONPATH=scripts PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1
exec "$venv/bin/python" -m peers.measure "$@"
