# Sourced: a bare Debian 12 in a temporary folder, to show in it that something works with nothing
# else installed. Needs root and debootstrap; uses the package sources and certificates that this
# machine is configured with. Leaves $folder, $bare, fail and inside; cleans up at the end.
suite=bookworm

fail() {
  printf 'prove: %s\n' "$*" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "a chroot needs root"
command -v debootstrap >/dev/null || fail "apt-get install debootstrap"

# The first source that this machine takes the suite itself from, in either of apt's two formats.
mirror=$(find /etc/apt -maxdepth 2 \( -name '*.list' -o -name '*.sources' \) -exec cat {} + |
  awk -v suite="$suite" '
    /^URIs:/ {uri = $2}
    /^Suites:/ {for (i = 2; i <= NF; i++) if ($i == suite && uri) {print uri; exit}}
    /^deb / {for (i = 2; i <= NF; i++) if ($i == suite) {print $(i - 1); exit}}')
[ -n "$mirror" ] || fail "no source of $suite in /etc/apt"

folder=$(mktemp -d "${TMPDIR:-/var/tmp}/thorax-fresh.XXXXXX")
bare=$folder/debian
clean_up() {
  for mount in dev/shm dev/pts dev proc sys; do
    mountpoint -q "$bare/$mount" && umount "$bare/$mount"
  done
  rm -rf --one-file-system "$folder"
}
trap clean_up EXIT

printf 'prove: a bare %s from %s\n' "$suite" "$mirror"
debootstrap --variant=minbase "$suite" "$bare" "$mirror" >"$folder/debootstrap.log" 2>&1 ||
  { tail -5 "$folder/debootstrap.log" >&2; fail "debootstrap did not succeed"; }

# How this machine reaches its sources: names, proxies, trusted certificates, Debian's sources.
cp /etc/resolv.conf /etc/hosts "$bare/etc/"
cp -r /etc/apt/apt.conf.d/. "$bare/etc/apt/apt.conf.d/"
[ ! -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$bare/etc/apt/"
mkdir -p "$bare/etc/ssl"
cp -rL /etc/ssl/certs "$bare/etc/ssl/"
for name in proc sys dev dev/pts dev/shm; do
  mkdir -p "$bare/$name"
  mount --bind "/$name" "$bare/$name"
done

# inside COMMAND...: runs it in the bare Debian as root, with nothing of this one's environment.
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    chroot "$bare" "$@" </dev/null
}
