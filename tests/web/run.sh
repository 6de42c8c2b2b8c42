#!/usr/bin/env bash
# tests/web/run.sh THORAX FOLDER: the page of the service in a real browser. Pictures of what it saw
# and the times it measured go into FOLDER. Exits 77 (skipped) and says why where npm's packages, the
# built page or Chromium are not there: tools/setup.sh npm web, then tools/build_page.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

skip() {
  printf 'web: skipped, %s\n' "$1"
  exit 77
}
command -v node >/dev/null || skip 'there is no node'
[ -x /usr/bin/chromium ] || skip 'there is no /usr/bin/chromium'
[ -d "$root/web/node_modules/playwright-core" ] || skip 'web/node_modules is not there'
[ -e "$root/web/dist/index.html" ] || skip 'the page is not built'

mkdir -p "$2"
rm -f "$2"/*.png "$2"/*.pdf "$2"/*.json
THORAX=$1 THORAX_PICTURES=$2 exec node --test --test-concurrency=1 "$here"/*.test.mjs
