#!/usr/bin/python3
"""tools/check_tree.py [FILE...]: what a reader of the tree should never meet. Checks the tracked files
(or those named): formatting, length, size, line ends, paths of one person's machine, work left open,
handlers that swallow every exception, notices that the catalogue lacks or that nobody gives."""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE = {".h", ".cc"}
TEXT = CODE | {".py", ".sh", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".html", ".css", ".js",
               ".def", ".in", ""}
MAX_LINES = 400
MAX_BYTES = 5 << 20
MAX_WEIGHTS_BYTES = 25 << 20  # models/NAME/weights.safetensors, which the program ships
# Folders that exist on one machine only. A clone elsewhere cannot follow such a path.
MACHINE_PATH = re.compile(r"(?<![\w.}$/])/(?:work|farm|root|home|Users|tmp/wt)/[\w.]")
LEFT_OPEN = re.compile(r"\b(?:TODO|FIXME|XXX|not implemented|NotImplemented)\b")
CATALOGUE = ROOT / "src" / "base" / "catalogue.def"
NOTICE = re.compile(r'"([a-z][a-z0-9_]*)"_code\b')
CATCH_ALL = re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)")


def tracked() -> list[pathlib.Path]:
    names = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT,
                           check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name]


def line_faults(path: pathlib.Path, number: int, line: str) -> list[str]:
    where = f"{path.relative_to(ROOT)}:{number}"
    faults = []
    if MACHINE_PATH.search(line):
        faults.append(f"{where}: a path of one machine: {line.strip()}")
    if line.endswith("\r"):
        faults.append(f"{where}: ends in a carriage return")
    if path.suffix in CODE:
        if LEFT_OPEN.search(line):
            faults.append(f"{where}: left open: {line.strip()}")
        if CATCH_ALL.search(line):
            faults.append(f"{where}: catches everything; name what can happen")
    return faults


def file_faults(path: pathlib.Path) -> list[str]:
    name = path.relative_to(ROOT)
    weights = name.parts[0] == "models" and path.suffix == ".safetensors"
    limit = MAX_WEIGHTS_BYTES if weights else MAX_BYTES
    if path.stat().st_size > limit:
        return [f"{name}: larger than {limit >> 20} MiB"]
    if path.suffix not in TEXT or path.is_relative_to(ROOT / "fuzz" / "corpus"):
        return []
    text = path.read_bytes().decode()
    lines = text.split("\n")
    faults = [fault for number, line in enumerate(lines, 1) for fault in line_faults(path, number, line)]
    if text and not text.endswith("\n"):
        faults.append(f"{name}: does not end in a newline")
    if path.suffix in CODE | {".py", ".sh"} and len(lines) - 1 > MAX_LINES:
        faults.append(f"{name}: {len(lines) - 1} lines; past {MAX_LINES} it is two ideas")
    return faults


def format_faults(paths: list[pathlib.Path]) -> list[str]:
    code = [str(path) for path in paths if path.suffix in CODE]
    if not code:
        return []
    # Another major version breaks lines elsewhere, so the version that Debian 12 has decides.
    tool = shutil.which("clang-format-14")
    if tool is None:
        return ["clang-format-14 is not installed; tools/setup.sh test installs it"]
    report = subprocess.run([tool, "--dry-run", "-Werror", *code], capture_output=True, text=True).stderr
    bad = sorted(set(re.findall(r"^(.+?):\d+:\d+: error:", report, re.MULTILINE)))
    return [f"{pathlib.Path(name).relative_to(ROOT)}: not formatted; clang-format-14 -i mends it"
            for name in bad]


def notice_faults() -> list[str]:
    """The linker refuses an unknown code too, but in letters by number."""
    known = set(re.findall(r"^THORAX_NOTICE\((\w+),", CATALOGUE.read_text(), re.MULTILINE))
    code = [path for path in tracked() if path.suffix in CODE and path.is_file()]
    used = {name: path for path in code for name in NOTICE.findall(path.read_text())}
    given = {name for path in code if not path.is_relative_to(ROOT / "tests")
             for name in NOTICE.findall(path.read_text())}
    return ([f"{used[name].relative_to(ROOT)}: the catalogue holds no {name}"
             for name in sorted(used.keys() - known)] +
            [f"src/base/catalogue.def: nobody gives {name}" for name in sorted(known - given)])


def main() -> int:
    paths = [pathlib.Path(name).resolve() for name in sys.argv[1:]] or tracked()
    paths = [path for path in paths if path.is_file() and not path.is_symlink()]
    faults = [fault for path in paths for fault in file_faults(path)] + format_faults(paths) + notice_faults()
    print("\n".join(faults) if faults else f"{len(paths)} files are in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
