#!/usr/bin/env bash
# The long run of the fuzz targets: ./run.sh SECONDS [TARGET]...
# Ends with status 1 if there was a finding. Needs a nightly compiler and cargo-fuzz (README.md).
set -euo pipefail
cd "$(dirname "$0")"

seconds=$1
shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(cargo +nightly fuzz list)
fi
mkdir -p corpus artifacts
cargo +nightly fuzz build -O

findings=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    log=artifacts/$target.log
    # An input may take 10 seconds and 2 GB at most. A finding does not end the run of the other targets.
    cargo +nightly fuzz run -O "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 \
        -print_final_stats=1 >"$log" 2>&1 || true
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    found=$(find "artifacts/$target" -type f 2>/dev/null | wc -l)
    findings=$((findings + found))
    echo "$target: ${executions:-0} executions, $found findings"
done
[ "$findings" -eq 0 ]
