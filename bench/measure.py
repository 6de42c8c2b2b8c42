#!/usr/bin/python3
"""bench/measure.py THORAX [STUDY]: the whole-program lines of docs/performance.md. Called by
bench/run.sh. STUDY is a real CT archive, measured as well when it is given."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

STARTS = 51


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def proportional_bytes(pid: int) -> int:
    """Memory of a process, pages shared by n processes counted 1/n in each (proc(5), smaps_rollup)."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0


class PeakMemory(threading.Thread):
    """Samples the memory of a process and its children together until they end."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.02):
            try:
                self.peak = max(self.peak, sum(map(proportional_bytes, tree(self.pid))))
            except (FileNotFoundError, ProcessLookupError):
                continue  # one of them ended between being listed and being read


def run(*command: str) -> tuple[float, int, int]:
    """Seconds, peak bytes, exit status."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    memory = PeakMemory(process.pid)
    memory.start()
    process.wait()
    seconds = time.perf_counter() - began
    memory.done.set()
    memory.join()
    return seconds, memory.peak, process.returncode


def row(what: str, value: str, wanted: str) -> None:
    print(f"{what:<58} {value:>14}   {wanted}", flush=True)


def analysis(thorax: str, what: str, study: pathlib.Path, folder: pathlib.Path) -> None:
    seconds, peak, status = run(thorax, "analyze", str(study), "--out", str(folder / what / "out"))
    if status != 0:
        raise SystemExit(f"analyze {study} ended with status {status}")
    row(f"whole analysis, {what}", f"{seconds:.1f} s", "under 15 s")
    row("  its memory, decoding child included", f"{peak / 1e9:.2f} GB", "under 2 GB")
    result = json.loads(next((folder / what / "out").rglob("result.json")).read_text())
    print("  " + ", ".join(f"{stage['stage']} {stage['seconds']:.2f} s"
                           for stage in result["timings"]["stages"]))


def main() -> None:
    thorax, study = sys.argv[1], sys.argv[2:]
    print(f"{os.cpu_count()} cores")
    starts = [run(thorax, "version")[0] for _ in range(STARTS)]
    row("thorax version, median", f"{1e3 * statistics.median(starts):.1f} ms", "under 30 ms")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        phantom = folder / "phantom"
        subprocess.run([thorax, "phantom", str(phantom), "--slices", "300", "--spacing", "1.1"], check=True,
                       stdout=subprocess.DEVNULL)
        analysis(thorax, "phantom 512 x 512 x 300", phantom, folder)
        if study:
            analysis(thorax, pathlib.Path(study[0]).name, pathlib.Path(study[0]), folder)


if __name__ == "__main__":
    main()
