#!/usr/bin/python3
"""tools/errors_page.py [--check]: writes docs/errors.md, every code Thorax can end or warn with, from
src/base/catalogue.def. With --check it only says whether the page is current."""

import dataclasses
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "src" / "base" / "catalogue.def"
PAGE = ROOT / "docs" / "errors.md"
TOKEN = re.compile(r'//[ -]*(?P<title>[A-Z][^-\n]*?) -{5,}|//[^\n]*|"(?P<text>(?:[^"\\]|\\.)*)"'
                   r"|(?P<word>\w+)|(?P<mark>[(),])")
# {count|slice|slices}: the page shows the last form.
PLURAL = re.compile(r"\{\w+\|(?:[^|}]*\|)+([^|}]*)\}")

HEAD = """# Errors and warnings

Every code that Thorax reports, in the order of the work: what it says, and what to do. The exit
status is that of the program when this is what ends it. Made from `src/base/catalogue.def` by
`tools/errors_page.py`; words in {braces} are filled in when it happens.
"""


@dataclasses.dataclass
class Entry:
    code: str
    severity: str
    exit_code: int
    en_what: str
    en_do: str
    ru_what: str
    ru_do: str


def parse(source: str) -> list[tuple[str, list[Entry]]]:
    """The blocks of the catalogue: (title, entries)."""
    blocks: list[tuple[str, list[Entry]]] = []
    fields: list[str] | None = None
    for token in TOKEN.finditer(source):
        if token["title"]:
            blocks.append((token["title"], []))
        elif token["word"] == "THORAX_NOTICE":
            fields = [""]
        elif fields is None or token["mark"] == "(":
            continue
        elif token["mark"] == ",":
            fields.append("")
        elif token["mark"] == ")":
            code, severity, exit_code, *sentences = fields
            blocks[-1][1].append(Entry(code.upper(), severity, int(exit_code), *sentences))
            fields = None
        elif token["text"] is not None:
            fields[-1] += PLURAL.sub(r"\1", token["text"].replace('\\"', '"').replace("\\n", " "))
        elif token["word"]:
            fields[-1] += token["word"]
    return blocks


def page(blocks: list[tuple[str, list[Entry]]]) -> str:
    parts = [HEAD]
    for title, entries in blocks:
        parts.append(f"\n## {title}\n")
        for entry in entries:
            status = f", exit status {entry.exit_code}" if entry.exit_code else ""
            parts.append(f"\n### {entry.code}\n{entry.severity}{status}\n\n"
                         f"- {' '.join([entry.en_what, entry.en_do]).strip()}\n"
                         f"- {' '.join([entry.ru_what, entry.ru_do]).strip()}\n")
    return "".join(parts)


def main() -> int:
    blocks = parse(CATALOGUE.read_text())
    text = page(blocks)
    count = sum(len(entries) for _, entries in blocks)
    if sys.argv[1:] == ["--check"]:
        current = PAGE.exists() and PAGE.read_text() == text
        print(f"{count} codes are on the page" if current else
              "docs/errors.md is not what the catalogue says; tools/errors_page.py writes it anew")
        return 0 if current else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    print(f"{count} codes written to {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
