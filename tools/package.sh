#!/usr/bin/env bash
# tools/package.sh [FOLDER]: builds the program and the service's page, and packs them into
# FOLDER/thorax_VERSION_ARCHITECTURE.deb (FOLDER: build/package); prints its name.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(realpath -m "${1:-$root/build/package}")
cd "$root"

fail() {
  printf 'package: %s\n' "$*" >&2
  exit 70
}
tools/setup.sh build package
tools/build.sh release thorax
tools/build_page.sh
[ -e web/dist/index.html ] || fail "the page was not built, and a package without it is half a service"
cmake --preset release >build/release/package.log || fail "see build/release/package.log"
mkdir -p "$folder"
rm -f "$folder"/thorax_*.deb
cpack --config build/release/CPackConfig.cmake -B "$folder" >build/release/package.log 2>&1 ||
  { tail -20 build/release/package.log >&2; fail "cpack did not succeed"; }
rm -rf "$folder/_CPack_Packages"
find "$folder" -name 'thorax_*.deb'
