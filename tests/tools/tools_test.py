#!/usr/bin/python3
"""The checks of tools/ fail when they should."""

import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_layers
import check_tree
import errors_page
import numpy
import side_markers
from PIL import Image


class TreeTest(unittest.TestCase):
    def faults(self, name: str, text: str) -> str:
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(
                check_tree, "ROOT", pathlib.Path(folder)):
            path = pathlib.Path(folder) / name
            path.write_bytes(text.encode())
            return "\n".join(check_tree.file_faults(path) + check_tree.format_faults([path]))

    def test_clean_code_has_no_faults(self):
        self.assertEqual("", self.faults("a.cc", "int a() { return 1; }\n"))

    def test_each_fault_is_named(self):
        for text, said in [
            ("// see /ro" + "ot/data\n", "a path of one machine"),
            ("// TO" + "DO\n", "left open"),
            ("// catch (.." + ".)\n", "catches everything"),
            ("int  a( ) ;\n", "not formatted"),
            ("int a;", "does not end in a newline"),
            ("int a;\r\n", "carriage return"),
            ("\n" * 401, "401 lines"),
        ]:
            with self.subTest(said):
                self.assertIn(said, self.faults("a.cc", text))

    def test_other_absolute_paths_are_welcome(self):
        self.assertEqual("", self.faults("a.cc", "// /usr/bin/python3 and a/work/b and $root/work/c\n"))


class LayersTest(unittest.TestCase):
    def test_an_include_upwards_is_a_fault(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.multiple(
                check_layers, ROOT=pathlib.Path(folder), SOURCE=pathlib.Path(folder) / "src"):
            source = pathlib.Path(folder) / "src"
            (source / "base").mkdir(parents=True)
            (source / "volume").mkdir()
            (source / "CMakeLists.txt").write_text(
                "thorax_room(base LINK z)\nthorax_room(volume DEPENDS base LINK z)\n")
            (source / "volume" / "a.h").write_text('#include "base/b.h"\n#include <zlib.h>\n')
            (source / "base" / "b.h").write_text('#include "volume/a.h"\n#include "c.h"\n')
            rooms = check_layers.declared_rooms()
            self.assertEqual({"volume", "base"}, rooms["volume"])
            self.assertEqual(["src/base/b.h:1: base may not use volume",
                              'src/base/b.h:2: write "room/c.h", with its room'],
                             check_layers.include_faults(rooms))


class ErrorsPageTest(unittest.TestCase):
    def test_every_part_of_an_entry_is_read(self):
        blocks = errors_page.parse(
            "// A comment with (marks), too\n// --- Gate ---------\n"
            'THORAX_NOTICE(no_go, error, 65, "Is \\"not\\", " "so.", "Do (it).", "Нет.", "Да.")\n')
        (title, [entry]), = blocks
        self.assertEqual(("Gate", "NO_GO", 65), (title, entry.code, entry.exit_code))
        self.assertEqual(['Is "not", so.', "Do (it).", "Нет.", "Да."],
                         [entry.en_what, entry.en_do, entry.ru_what, entry.ru_do])


class SideMarkersTest(unittest.TestCase):
    def group_of(self, height: int, level: int = 230) -> str:
        """Of a picture that grows brighter to the right, with an R of that height."""
        picture = numpy.tile(numpy.linspace(0, 180, 448), (448, 1))
        if height:
            size = (round(2 * 0.7 * height), 2 * height)
            letter = numpy.asarray(side_markers.drawn_letter().resize(size), dtype=float) / 255
            place = picture[60 : 60 + size[1], 20 : 20 + size[0]]
            place[:] = place * (1 - letter) + level * letter
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "picture.png"
            Image.fromarray(picture.astype(numpy.uint8)).save(path)
            return side_markers.group_of(path)

    def test_the_height_of_the_letter_is_the_group(self):
        for height, group in [(0, "none"), (6, "none"), (10, "middle"), (20, "large")]:
            with self.subTest(height):
                self.assertEqual(group, self.group_of(height))

    def test_a_faint_letter_is_none(self):
        self.assertEqual("none", self.group_of(20, level=30))


if __name__ == "__main__":
    unittest.main()
