#!/usr/bin/python3
"""tools/settings_page.py [--check] [THORAX]: writes docs/settings.md from what `thorax config` prints.
With --check it only says whether the page is current."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"

HEAD = """# Settings

Every setting with its default, as `thorax config` prints it (made by `tools/settings_page.py`). Put
those that differ into a YAML file and give it with `--config FILE`, or write `key.sub=value` among
the words of the command line; the command line wins.
"""


def page(program: str) -> str:
    text = HEAD
    for title, language in (("English", "en"), ("По-русски", "ru")):
        listing = subprocess.run([program, "config", "--lang", language], check=True,
                                 capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
        text += f"\n## {title}\n\n```yaml\n{listing.strip()}\n```\n"
    return text


def main() -> int:
    words = [word for word in sys.argv[1:] if word != "--check"]
    text = page(words[0] if words else str(ROOT / "build" / "release" / "bin" / "thorax"))
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text() == text
        print("docs/settings.md is current" if current else
              "docs/settings.md is not what the program says; tools/settings_page.py writes it anew")
        return 0 if current else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
