#!/usr/bin/env bash
# tools/build_page.sh: builds the service's web page (web/dist) when its sources are newer. Where npm
# or its registry is out of reach it says so and leaves the page out: the service works without.
# Sources that do not build are an error.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root/web"
built=dist/index.html
if [ -e "$built" ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -newer "$built" -print -quit)" ]; then
  exit 0
fi

command -v npm >/dev/null || "$root/tools/setup.sh" npm
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf 'page: building\n' >&2
# vite needs no install script of any package but esbuild's check of itself.
if ! npm install --no-audit --no-fund --no-save --ignore-scripts >"$log" 2>&1 </dev/null; then
  tail -20 "$log" >&2
  printf 'page: not built; the service works without it\n' >&2
  exit 0
fi
if ! npm run build >"$log" 2>&1 </dev/null; then
  tail -40 "$log" >&2
  printf 'page: its sources do not build\n' >&2
  exit 1
fi
touch "$built"
