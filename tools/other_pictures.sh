#!/usr/bin/env bash
# tools/other_pictures.sh FOLDER HEAD_CT.zip: pictures that are no radiographs of a chest, for
# data.others of configs/xray-pneumonia.yaml: FOLDER/head_ct (the archive's DICOM slices as grey
# PNG), FOLDER/photos_and_drawings (those built into ImageMagick), FOLDER/blank_pictures (black, grey,
# white, noise). Wants imagemagick, dcmtk, unzip.
set -euo pipefail
[ $# -eq 2 ] || {
  sed -n '2,5s/^# //p' "$0" >&2
  exit 64
}
out=$1 archive=$2
mkdir -p "$out/head_ct" "$out/photos_and_drawings" "$out/blank_pictures"

slices=$(mktemp -d)
trap 'rm -rf "$slices"' EXIT
unzip -q -o -j "$archive" -d "$slices"
number=0
for slice in "$slices"/*; do
  # What is no picture (a README, an index) is left out.
  if dcm2pnm --write-png --min-max-window "$slice" "$out/head_ct/$number.png" 2>/dev/null; then
    number=$((number + 1))
  fi
done

for name in rose wizard logo granite netscape; do
  convert "$name:" "$out/photos_and_drawings/$name.png"
done

for level in black gray50 white; do
  convert -size 512x512 "xc:$level" "$out/blank_pictures/$level.png"
done
for seed in 1 2 3; do
  convert -seed "$seed" -size 512x512 xc:gray50 +noise Random -colorspace Gray \
    "$out/blank_pictures/noise-$seed.png"
done
find "$out" -name '*.png' | sed "s|^$out/||; s|/.*||" | sort | uniq -c
