#!/usr/bin/env bash
# tools/lint.sh [FILE...]: clang-tidy with the checks of .clang-tidy over src/ (or these files).
# Ends with how many files are clean, and exits 1 when one is not.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
tools/setup.sh build lint
# Clang has to find what the compiler was told; release's list of commands holds that.
tools/build.sh release thorax

[ "$#" -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc')
[ "$#" -eq 0 ] || files=("$@")
# GCC has warning options that clang does not know. clang-tidy counts the warnings of system headers
# even when quiet; those lines are dropped.
if printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" \
  clang-tidy-14 -p build/release --quiet --extra-arg=-Wno-unknown-warning-option \
  2> >(grep -vE '^[0-9]+ warnings?.* generated' >&2); then
  printf 'lint: %d files are clean\n' "${#files[@]}"
else
  printf 'lint: not clean\n' >&2
  exit 1
fi
