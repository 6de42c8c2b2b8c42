#!/usr/bin/env bash
# tools/setup.sh GROUP...: installs the packages of these groups of tools/packages.txt that this
# machine lacks. Says nothing and touches nothing when none is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 69
}

groups=$(printf '%s|' "$@")
mapfile -t wanted < <(awk -v groups="|$groups" '/^[a-z]/ && index(groups, "|" $1 "|") {print $2}' \
  "$here/packages.txt" | sort -u)
[ "${#wanted[@]}" -gt 0 ] || fail "no such group of packages: $*"

command -v dpkg-query >/dev/null ||
  fail "this is not a Debian system. Install the equivalents of: ${wanted[*]}"

# dpkg-query exits 1 when it does not know a package at all; that package is simply not listed.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qx "installed $package" <<<"$installed" || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  root=()
elif command -v sudo >/dev/null; then
  root=(sudo)
else
  fail "these packages are missing and neither root nor sudo is here to install them:
  apt-get install ${missing[*]}"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" \
    >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    fail "apt-get $1 did not succeed; its output is above"
  }
}
printf 'setup: installing %d packages: %s\n' "${#missing[@]}" "${missing[*]}" >&2
[ "${#root[@]}" = 0 ] || sudo -v # ask for the password while the terminal is still ours
apt update
apt install --no-install-recommends -y "${missing[@]}"
