#!/usr/bin/env bash
# bench/run.sh [STUDY.zip]: prints every line of docs/performance.md in one run: reading, search, start-up,
# the whole analysis. STUDY.zip is a real CT archive; without it a phantom's archive is read.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
tools/setup.sh build bench
mkdir -p build/release
cmake --preset release -DTHORAX_BENCH=ON >build/release/configure.log
tools/build.sh release thorax bench_intake bench_similar
bin=build/release/bin

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
study=${1:-$folder/phantom.zip}
[ "$#" -gt 0 ] || "$bin/thorax" phantom "$study" --slices 150 --spacing 2.5 --zip --no-truth >/dev/null
# 1,500 headers of a real size, to be indexed warm.
for part in 1 2 3 4 5; do
  "$bin/thorax" phantom "$folder/headers/$part" --slices 300 --size 64 --spacing 1 --no-truth >/dev/null
done

"$bin/bench_intake" "$study" "$folder/headers"
"$bin/bench_similar"
bench/measure.py "$bin/thorax" "$@"
