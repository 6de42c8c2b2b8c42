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

if [ "$(id -u)" = 0 ]; then
  root=()
elif command -v sudo >/dev/null; then
  root=(sudo)
else
  root=(no-root)
fi

# libtorch uses OpenMP. OpenBLAS built for pthreads keeps a second pool of threads that fights for
# the same cores, and Debian prefers that build where both are installed: choose the OpenMP one.
choose_blas() {
  local link name openmp
  for link in libblas.so.3 liblapack.so.3 libopenblas.so.0; do
    name=$link-$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch)
    openmp=$(update-alternatives --list "$name" 2>/dev/null | grep openblas-openmp || true)
    [ -n "$openmp" ] || continue
    [ "$(update-alternatives --query "$name" | sed -n 's/^Value: //p')" != "$openmp" ] || continue
    if [ "${root[*]}" = no-root ]; then
      printf 'setup: networks run slowly until root says: update-alternatives --set %s %s\n' \
        "$name" "$openmp" >&2
      continue
    fi
    printf 'setup: %s now is %s\n' "$link" "$openmp" >&2
    "${root[@]}" update-alternatives --set "$name" "$openmp" >/dev/null 2>&1
  done
}
needs_blas=0
[[ " ${wanted[*]} " != *" libopenblas0-openmp "* ]] || needs_blas=1

if [ "${#missing[@]}" = 0 ]; then
  [ "$needs_blas" = 0 ] || choose_blas
  exit 0
fi
[ "${root[*]}" != no-root ] ||
  fail "these packages are missing and neither root nor sudo is here to install them:
  apt-get install ${missing[*]}"

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
[ "$needs_blas" = 0 ] || choose_blas
