#!/usr/bin/env bash
# tools/prove_fresh_machine.sh [--test]: shows that two commands are the whole set-up. Makes a bare
# Debian 12 in a temporary folder, clones the committed tree into it and runs ./run there as root
# with nothing installed (and .ci/run, which is every test, with --test). Says how long each took,
# and prints PROVEN at the end. Needs root and debootstrap; uses the package sources and certificates
# that this machine is configured with.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/tools/debian_chroot.sh"

git clone --quiet --no-hardlinks "$root" "$bare/opt/thorax"
# timed COMMAND...: runs it in the clone, from another folder, as a newcomer would.
timed() {
  local began=$SECONDS
  inside sh -c 'cd / && exec "$@"' sh "/opt/thorax/$1" "${@:2}" || fail "./$* failed on a bare machine"
  printf 'prove: ./%s took %d s\n' "$*" $((SECONDS - began))
}
timed run
timed run version
[ "${1:-}" != --test ] || timed .ci/run
printf 'PROVEN: ./run%s works on a bare Debian 12 (%s)\n' "${1:+ and .ci/run}" \
  "$(git -C "$root" rev-parse --short HEAD)"
