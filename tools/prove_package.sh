#!/usr/bin/env bash
# tools/prove_package.sh [PACKAGE.deb]: installs the Debian package (made by tools/package.sh when
# none is named) in a bare Debian 12, analyses a phantom and serves there: as the package's user, on
# a root filesystem that nobody can write to, with /var/lib/thorax alone left writable. Removes it
# again. Prints PROVEN at the end. Needs root and debootstrap.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
package=${1:-}
[ -n "$package" ] || package=$("$root/tools/package.sh" | tail -1)
. "$root/tools/debian_chroot.sh"

say() { printf 'prove: %s\n' "$*"; }

cp "$package" "$bare/opt/thorax.deb"
inside apt-get -qq update >"$folder/apt.log" 2>&1 || { tail -5 "$folder/apt.log" >&2; fail "apt-get update"; }
DEBIAN_FRONTEND=noninteractive inside apt-get -qq -y --no-install-recommends install /opt/thorax.deb \
  >"$folder/apt.log" 2>&1 || { tail -20 "$folder/apt.log" >&2; fail "the package does not install"; }
say "installed: $(inside dpkg-query -W -f '${Package} ${Version} ${Architecture}, ${Installed-Size} KiB' thorax)"
inside dpkg --verify thorax || fail "installed files differ from the package's"
inside thorax version || fail "thorax version"

inside thorax phantom /tmp/phantom.zip --size 192 --spacing 3 --effusion 180,left >/dev/null
inside thorax analyze /tmp/phantom.zip --out /tmp/report || fail "thorax analyze"
[ -n "$(find "$bare/tmp/report" -name '*.html')" ] || fail "no report was written"
inside thorax model verify xray-pneumonia || fail "the shipped network does not run"

# As a container runs it: nothing can be written but its data and /tmp.
readonly port=18765
! curl -s --max-time 5 "http://127.0.0.1:$port/healthz" >/dev/null || fail "something else listens on port $port"
# A script, so that its process is the service itself.
cat >"$folder/as_service" <<'END'
#!/bin/sh
exec unshare --mount sh -c 'mount --rbind "$1" "$1" && mount -t tmpfs tmpfs "$1/tmp" &&
  mount --bind "$1/var/lib/thorax" "$1/var/lib/thorax" && mount -o remount,bind,ro "$1" &&
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/thorax XDG_DATA_HOME=/var/lib LANG=C.UTF-8 \
    chroot --userspec=thorax:thorax "$@"' sh "$@" </dev/null
END
chmod +x "$folder/as_service"
! "$folder/as_service" "$bare" touch /usr/written 2>/dev/null || fail "the root filesystem can be written to"
"$folder/as_service" "$bare" thorax serve --config /etc/thorax/thorax.yaml serve.port=$port >"$folder/serve.log" 2>&1 &
service=$!
ask() { curl -sf --max-time 120 --retry 60 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port$1" "${@:2}"; }
ended() {
  kill "$service" 2>/dev/null && wait "$service" || true
  clean_up
}
trap ended EXIT
ask /healthz >"$folder/health" || { cat "$folder/serve.log" >&2; fail "the service does not answer"; }
say "GET /healthz: $(cat "$folder/health")"
ask / >"$folder/page" && grep -q '<title>' "$folder/page" || fail "the page is not there"
answer=$(ask /analyze -F file=@"$bare/tmp/phantom.zip") || { cat "$folder/serve.log" >&2; fail "POST /analyze"; }
say "POST /analyze: $(cut -c1-160 <<<"$answer")"
grep -q '"label"' <<<"$answer" || fail "no verdict"
kill -TERM "$service"
wait "$service" || fail "the service did not stop cleanly: $(cat "$folder/serve.log")"
trap clean_up EXIT
[ "$(stat -c %a "$bare/var/lib/thorax/service")" = 700 ] || fail "others can read the studies"

inside thorax-service user list || fail "thorax-service"
inside dpkg --purge thorax >"$folder/purge.log" 2>&1 || { cat "$folder/purge.log" >&2; fail "purge"; }
[ -e "$bare/var/lib/thorax/service/thorax.db" ] || fail "a purge deleted studies"
[ ! -e "$bare/usr/bin/thorax" ] || fail "a purge left the program"
printf 'PROVEN: %s installs, analyses, serves and goes on a bare Debian 12\n' "$(basename "$package")"
