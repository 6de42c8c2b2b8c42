#!/usr/bin/env bash
# tools/get_onnxruntime.sh: puts ONNX Runtime's shared library, taken from its npm package, into
# build/onnxruntime, where Thorax looks for it (engine `onnx`). Says nothing when it is there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
package=onnxruntime-node version=1.30.0
case $(uname -m) in
  x86_64) folder=x64 sum=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23 ;;
  aarch64) folder=arm64 sum=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76 ;;
  *)
    printf 'onnxruntime: its package has no library for %s\n' "$(uname -m)" >&2
    exit 69
    ;;
esac
target=$root/build/onnxruntime/libonnxruntime.so.1
if [ -e "$target" ] && sha256sum --status -c <<<"$sum  $target"; then exit 0; fi

command -v npm >/dev/null || "$root/tools/setup.sh" npm
printf 'onnxruntime: fetching %s %s\n' "$package" "$version" >&2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && npm pack --silent --ignore-scripts "$package@$version" >/dev/null)
tar -xzf "$scratch"/*.tgz -C "$scratch" --wildcards "package/bin/napi-v*/linux/$folder/libonnxruntime.so.1"
library=$(find "$scratch/package" -name libonnxruntime.so.1)
sha256sum --status -c <<<"$sum  $library" || {
  printf 'onnxruntime: the library is not the one this script knows (SHA-256 differs)\n' >&2
  exit 65
}
mkdir -p "$(dirname "$target")"
mv "$library" "$target.part"
mv "$target.part" "$target"
