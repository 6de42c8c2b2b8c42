#!/usr/bin/python3
"""tools/coverage.py BUILD [--floor PERCENT]: line coverage of each room, from the counters that the
tests left in a coverage build. Exits 1 when a room that has a floor is under it."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

FLOORED = ("base", "volume", "intake", "quality", "measure", "findings", "report")


def covered_lines(root: pathlib.Path, build: pathlib.Path) -> dict[str, list[int]]:
    """Lines [hit, all] of each room's own code, headers included."""
    summary = subprocess.run(
        ["gcovr", "--root", str(root), "--filter", str(root / "src") + "/", "--json-summary", "-",
         "-j", str(os.cpu_count()), "--gcov-ignore-parse-errors", str(build)],
        check=True, capture_output=True, text=True).stdout
    rooms: dict[str, list[int]] = {}
    for file in json.loads(summary)["files"]:
        lines = rooms.setdefault(pathlib.PurePath(file["filename"]).parts[1], [0, 0])
        lines[0] += file["line_covered"]
        lines[1] += file["line_total"]
    return rooms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--floor", type=float, default=0.0)
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent

    low = []
    print(f"{'room':<10} {'lines':>7} {'covered':>8}")
    for room, (hit, total) in sorted(covered_lines(root, options.build.resolve()).items()):
        percent = 100.0 * hit / max(total, 1)
        under = room in FLOORED and percent < options.floor
        low += [room] if under else []
        print(f"{room:<10} {total:>7} {percent:>7.1f}%{' under the floor' if under else ''}")
    if low:
        print(f"line coverage under {options.floor:g} %: {', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
