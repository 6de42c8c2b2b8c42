#!/usr/bin/env bash
# tools/prove_container.sh: builds deploy/Dockerfile with buildah, which needs no daemon, on images of
# Debian 12 made here with debootstrap in place of a registry's, and shows that the image serves and
# analyses a phantom as deploy/compose.yaml runs it: as a user without rights or capabilities, on a
# root filesystem that cannot be written to. Prints PROVEN at the end. Needs root, debootstrap,
# buildah, podman and runc; takes twenty minutes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/tools/debian_chroot.sh"
for tool in buildah podman runc; do
  command -v "$tool" >/dev/null || fail "apt-get install buildah podman runc"
done
say() { printf 'prove: %s\n' "$*"; }

export CONTAINERS_STORAGE_CONF=$folder/storage.conf
cat >"$CONTAINERS_STORAGE_CONF" <<END
[storage]
driver = "vfs"
graphroot = "$folder/images"
runroot = "$folder/run"
END
for mount in dev/shm dev/pts dev proc sys; do umount "$bare/$mount"; done

# Both images that the Dockerfile starts from: a minimal Debian 12 is what they are.
base=$(buildah from scratch)
buildah add --quiet "$base" "$bare" / >/dev/null
for name in ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS}; do buildah config --env "$name=${!name}" "$base"; done
for tag in 12 12-slim; do buildah commit --quiet "$base" "docker.io/library/debian:$tag" >/dev/null; done
buildah rm "$base" >/dev/null

git clone --quiet --no-hardlinks "$root" "$folder/source"
began=$SECONDS
buildah build --isolation chroot --network host --pull-never --file "$folder/source/deploy/Dockerfile" --tag thorax \
  "$folder/source" >"$folder/build.log" 2>&1 || { tail -20 "$folder/build.log" >&2; fail "deploy/Dockerfile does not build"; }
say "built in $((SECONDS - began)) s: $(buildah images --format '{{.Name}} {{.Size}}' localhost/thorax)"

readonly port=18765
! curl -s --max-time 5 "http://127.0.0.1:$port/healthz" >/dev/null || fail "something else listens on port $port"
# runc knows machines with both kinds of control groups; limits that every machine lets be set.
engine=(podman --runtime runc --root "$folder/images" --runroot "$folder/run" --storage-driver vfs --cgroup-manager cgroupfs)
# As deploy/compose.yaml runs it; on this machine's own network, so that no sign-in is asked for.
container() {
  "${engine[@]}" run --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --network host --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    --volume thorax-data:/var/lib/thorax "$@"
}
container --rm thorax version || fail "the image does not run"
[ "$(container --rm --entrypoint id thorax -un)" = thorax ] || fail "it does not run as the user thorax"
! container --rm --entrypoint touch thorax /usr/written 2>/dev/null || fail "the root filesystem can be written to"
container --rm --entrypoint sh thorax -c 'thorax phantom /tmp/phantom.zip --size 192 --spacing 3 --effusion 180,left >/dev/null &&
  cat /tmp/phantom.zip' >"$folder/phantom.zip" || fail "thorax phantom"
container --detach --name service thorax serve --address 127.0.0.1 "serve.port=$port" >/dev/null
ended() {
  "${engine[@]}" rm --force service >/dev/null 2>&1 || true
  "${engine[@]}" volume rm --force thorax-data >/dev/null 2>&1 || true
  clean_up
}
trap ended EXIT
ask() { curl -sf --max-time 120 --retry 60 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port$1" "${@:2}"; }
health=$(ask /healthz) || { "${engine[@]}" logs service >&2; fail "the service does not answer"; }
say "GET /healthz: $health"
ask / | grep -q '<title>' || fail "the page is not there"
answer=$(ask /analyze -F file=@"$folder/phantom.zip") || { "${engine[@]}" logs service >&2; fail "POST /analyze"; }
say "POST /analyze: $(cut -c1-160 <<<"$answer")"
grep -q '"label"' <<<"$answer" || fail "no verdict"
"${engine[@]}" stop --time 60 service >/dev/null
[ "$("${engine[@]}" inspect --format '{{.State.ExitCode}}' service)" = 0 ] || fail "the service did not stop cleanly"
printf 'PROVEN: deploy/Dockerfile builds, and the image serves\n'
