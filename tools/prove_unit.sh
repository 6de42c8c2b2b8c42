#!/usr/bin/env bash
# tools/prove_unit.sh [PACKAGE.deb]: boots a bare Debian 12 with systemd (systemd-nspawn), in which the
# Debian package is installed (made by tools/package.sh when none is named), and shows that
# thorax.service starts with the machine, reads a study under all that its unit takes away, comes
# back when it is killed, and stops cleanly. Prints PROVEN at the end. Needs root, debootstrap and
# systemd-container; the service listens on port 8765 of this machine meanwhile.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
package=${1:-}
[ -n "$package" ] || package=$("$root/tools/package.sh" | tail -1)
. "$root/tools/debian_chroot.sh"
command -v systemd-nspawn >/dev/null || fail "apt-get install systemd-container"

say() { printf 'prove: %s\n' "$*"; }
readonly address=http://127.0.0.1:8765
! curl -s --max-time 5 "$address/healthz" >/dev/null || fail "something else listens on $address"

cp "$package" "$bare/opt/thorax.deb"
inside apt-get -qq update >"$folder/apt.log" 2>&1 || { tail -5 "$folder/apt.log" >&2; fail "apt-get update"; }
DEBIAN_FRONTEND=noninteractive inside apt-get -qq -y --no-install-recommends install systemd systemd-sysv \
  dbus /opt/thorax.deb >"$folder/apt.log" 2>&1 || { tail -20 "$folder/apt.log" >&2; fail "the package does not install"; }
inside thorax phantom /opt/phantom.zip --size 192 --spacing 3 --effusion 180,left >/dev/null
# The machine brings its own.
for mount in dev/shm dev/pts dev proc sys; do umount "$bare/$mount"; done

systemd-nspawn --quiet --directory "$bare" --register=no --keep-unit --boot </dev/null >"$folder/boot.log" 2>&1 &
machine=$!
stopped() {
  kill -TERM "$machine" 2>/dev/null && wait "$machine" || true
  clean_up
}
trap stopped EXIT
booted() { curl -s --retry 90 --retry-delay 1 --retry-connrefused --max-time 120 "$address/healthz"; }
health=$(booted) || { tail -20 "$folder/boot.log" >&2; fail "the service does not answer"; }
say "GET /healthz: $health"
first=$(pgrep --parent "$machine" | head -1)
in_machine() { nsenter --target "$first" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" </dev/null; }
journal() { in_machine journalctl --no-pager --unit thorax >&2; }
of_unit() { in_machine systemctl show thorax --property "$1" --value; }
[ "$(of_unit ActiveState)" = active ] || { journal; fail "the unit is not active"; }

answer=$(curl -sf --max-time 300 -F file=@"$bare/opt/phantom.zip" "$address/analyze") || { journal; fail "POST /analyze"; }
say "POST /analyze: $(cut -c1-160 <<<"$answer")"
grep -q '"label"' <<<"$answer" || { journal; fail "no verdict"; }
say "$(in_machine systemd-analyze --no-pager security thorax.service | tail -1)"

before=$(of_unit MainPID)
in_machine systemctl kill --kill-whom=main --signal=KILL thorax
for ((second = 0; second < 60; second++)); do
  [ "$(of_unit MainPID)" = "$before" ] || [ "$(of_unit ActiveState)" != active ] || break
  sleep 1
done
booted >/dev/null
[ "$(of_unit NRestarts)" = 1 ] || { journal; fail "the service did not come back"; }
say "killed and back: process $before, then $(of_unit MainPID)"

in_machine systemctl stop thorax
[ "$(of_unit Result)" = success ] || { journal; fail "the service did not stop cleanly"; }
printf 'PROVEN: %s starts, analyses, comes back and stops under systemd %s\n' "$(basename "$package")" \
  "$(in_machine systemctl --version | awk 'NR == 1 {print $2}')"
