#!/usr/bin/env bash
# tools/make_pictures.sh: takes the pictures of docs/img, the top of the report's page for the study in
# samples/, in both languages.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/tools/setup.sh" build pictures
"$root/tools/build.sh" release thorax

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$root/docs/img"
for language in en ru; do
  "$root/build/release/bin/thorax" analyze "$root/samples/phantom-chest.zip" \
    --lang "$language" --out "$folder/$language" >/dev/null
  picture=$root/docs/img/report.$language.png
  # Chromium will not run as root inside its own sandbox; the page is ours and touches no network.
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1180,1150 \
    --user-data-dir="$folder/browser" --screenshot="$picture" \
    "file://$folder/$language/phantom-chest/report.html" >/dev/null 2>&1
  printf '%s\n' "${picture#"$root/"}"
done
