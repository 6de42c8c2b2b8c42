#!/usr/bin/python3
"""tools/check_layers.py: the includes of every room follow the rooms that src/CMakeLists.txt lets it
use (DEPENDS, and what those use), and the room table of ARCHITECTURE.md names the same rooms."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
# The top of the house: the commands may use every room.
TOP = "cli"


def declared_rooms() -> dict[str, set[str]]:
    """Room -> rooms it may include, itself and everything below its DEPENDS."""
    text = (SOURCE / "CMakeLists.txt").read_text()
    direct = {}
    for name, body in re.findall(r"thorax_(?:torch_)?(?:room|plugin)\((\w+)([^)]*)\)", text):
        depends = re.search(r"DEPENDS((?:\s+[a-z_]+)+)", body)
        direct[name] = set(depends.group(1).split()) if depends else set()

    def below(room: str) -> set[str]:
        return {room}.union(*(below(other) for other in direct[room]))

    rooms = {room: below(room) for room in direct}
    rooms[TOP] = set(rooms) | {TOP}
    return rooms


def include_faults(rooms: dict[str, set[str]]) -> list[str]:
    faults = []
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in {".h", ".cc"}:
            continue
        room = path.relative_to(SOURCE).parts[0]
        if room not in rooms:
            faults.append(f"{path.relative_to(ROOT)}: {room} is no room of src/CMakeLists.txt")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not include:
                continue
            where = f"{path.relative_to(ROOT)}:{number}"
            target, _, rest = include.group(1).partition("/")
            if not rest:
                faults.append(f'{where}: write "room/{include.group(1)}", with its room')
            elif target not in rooms:
                faults.append(f"{where}: {target} is no room; libraries are included with <>")
            elif target not in rooms[room]:
                faults.append(f"{where}: {room} may not use {target}")
    return faults


def table_faults(rooms: dict[str, set[str]]) -> list[str]:
    table = (ROOT / "ARCHITECTURE.md").read_text().partition("\n| room |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE))
    return [f"ARCHITECTURE.md: the room table lacks {room}" for room in sorted(set(rooms) - listed)
            ] + [f"ARCHITECTURE.md: {room} is no room of src/" for room in sorted(listed - set(rooms))]


def main() -> int:
    rooms = declared_rooms()
    faults = include_faults(rooms) + table_faults(rooms)
    print("\n".join(faults) if faults else f"{len(rooms)} rooms keep to their layers")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
