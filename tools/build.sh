#!/usr/bin/env bash
# tools/build.sh PRESET [TARGET...]: configures build/PRESET once and builds what is stale. Silent
# when nothing is; otherwise one progress line, and the compiler's own words when it fails.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=$1
shift
build=$root/build/$preset
mkdir -p "$build"

exec 9>"$build/.lock"
flock 9 # two runs at once must not write into one build folder

log=$build/build.log
started=$SECONDS
fail() {
  # What compiled well is noise here: start at the first failure.
  awk '/^FAILED|: (fatal )?error|^CMake Error|^ninja: error/ {on = 1} on' "$log" >&2
  printf 'build: %s failed; everything it said is in %s\n' "$1" "$log" >&2
  exit 70
}

# Several checkouts share what ccache keeps: paths are taken relative to each one's root.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

cd "$root"
if [ ! -e "$build/build.ninja" ]; then
  [ -t 2 ] && printf 'build: configuring %s' "$preset" >&2
  cmake --preset "$preset" >"$log" 2>&1 </dev/null || fail "configuring $preset"
fi

terminal=0
[ -t 2 ] && terminal=1
{ cmake --build "$build" ${1:+--target "$@"} 2>&1 </dev/null; } 9>&- | tee "$log" |
  awk -v terminal="$terminal" -v preset="$preset" '
    # [done/total] lines are steps; re-checking the file lists is no step.
    match($0, /^\[[0-9]+\/[0-9]+\]/) && !/globbed directories|Re-running CMake/ {
      if (!told && !terminal) printf "build: compiling %s (minutes the first time)\n", preset
      told = 1
      if (terminal) printf "\r\033[Kbuild: %s %s", preset, substr($0, 1, RLENGTH)
      fflush()
    }
    END { if (told && terminal) printf "\r\033[K" }' >&2 || fail "building $preset"
[ "$terminal" = 0 ] || printf '\r\033[K' >&2
took=$((SECONDS - started))
[ "$took" -lt 5 ] || printf 'build: %s is ready (%d s)\n' "$preset" "$took" >&2
