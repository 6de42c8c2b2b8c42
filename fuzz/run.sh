#!/usr/bin/env bash
# fuzz/run.sh BUILD TARGET SECONDS: runs one fuzz target from its committed seeds. What it learns stays
# in BUILD/corpus/TARGET for the next run; inputs that break it go to BUILD/finds. Exits non-zero
# when it finds one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1 target=$2 seconds=$3
mkdir -p "$build/corpus/$target" "$build/finds"

# A reader has to keep to its limits, 5 s and 512 MiB an input; the sanitizers make it slower and
# larger by a few times.
exec "$build/bin/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1536 \
  -max_len=65536 -print_final_stats=1 -artifact_prefix="$build/finds/$target-" \
  "$build/corpus/$target" "$here/corpus/$target"
