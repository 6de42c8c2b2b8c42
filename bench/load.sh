#!/usr/bin/env bash
# bench/load.sh [CORES]: what the service bears, beside what is wanted of it (docs/performance.md).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
tools/setup.sh build bench load
tools/build.sh release thorax
bench/load.py build/release/bin/thorax "$@"
