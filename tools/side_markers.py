#!/usr/bin/python3
"""Groups radiographs by the letter that marks the right side: how large it is tells machines apart.

    tools/side_markers.py PICTURES MANIFEST > GROUPS

PICTURES: a folder; MANIFEST: a CSV whose column `path` lies in it. Writes the columns path and
group for data.groups of `thorax train`:
  middle  a letter R of 8 to 12 pixels' height on the left of the picture at 224 x 224
  large   a taller one
  none    a smaller one, or none found
Needs python3-numpy, python3-pil.
"""
import csv
import pathlib
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy
from PIL import Image, ImageDraw

SIDE = 224
HEIGHTS = (6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 26)
PROPORTIONS = (0.6, 0.75, 0.9)
# Where to look: markers lie in the upper left.
ROWS, COLUMNS = 150, 90
# A letter has at least this correlation with a drawn one, and this contrast.
LIKENESS, CONTRAST = 0.6, 60
# Of two sizes alike otherwise the larger is right: a part of a letter looks like a smaller one.
LARGER = 0.004


def drawn_letter() -> Image.Image:
    """An R of plain strokes."""
    sheet = Image.new("L", (92, 130))
    pen = ImageDraw.Draw(sheet)
    pen.line((13, 6, 13, 123), fill=255, width=14)
    pen.line((13, 13, 50, 13), fill=255, width=14)
    pen.line((13, 66, 50, 66), fill=255, width=14)
    pen.arc((18, 6, 84, 73), -90, 90, fill=255, width=14)
    pen.line((48, 66, 82, 123), fill=255, width=14)
    return sheet


def letters() -> list[numpy.ndarray]:
    sizes = {(max(5, round(height * part)), height) for height in HEIGHTS for part in PROPORTIONS}
    drawn = drawn_letter()
    return [
        numpy.asarray(drawn.resize(size, Image.Resampling.BOX), dtype=float)
        for size in sorted(sizes)
    ]


LETTERS = letters()


def window_sums(values: numpy.ndarray, height: int, width: int) -> numpy.ndarray:
    sums = numpy.pad(values.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    return (
        sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width]
        + sums[:-height, :-width]
    )


def likeness_of(corner: numpy.ndarray, letter: numpy.ndarray) -> float:
    """The highest correlation of the letter with a place of the corner, less where it is faint."""
    height, width = letter.shape
    pattern = letter - letter.mean()
    shape = corner.shape
    product = numpy.fft.irfft2(
        numpy.fft.rfft2(corner) * numpy.fft.rfft2(pattern, shape).conj(), shape
    )[: shape[0] - height + 1, : shape[1] - width + 1]
    mean = window_sums(corner, height, width) / pattern.size
    variance = window_sums(corner**2, height, width) - pattern.size * mean**2
    alike = product / numpy.sqrt(numpy.maximum(variance, 1) * (pattern**2).sum())
    row, column = numpy.unravel_index(alike.argmax(), alike.shape)
    contrast = numpy.ptp(corner[row : row + height, column : column + width])
    return alike[row, column] * min(1.0, contrast / CONTRAST)


def marker_height(picture: numpy.ndarray) -> int:
    """In pixels of a picture [224, 224] of grey levels to 255; 0: no marker."""
    corner = picture[:ROWS, :COLUMNS].astype(float)
    found = [(likeness_of(corner, letter), letter.shape[0]) for letter in LETTERS]
    likeness, height = max(found, key=lambda one: one[0] + LARGER * one[1])
    return height if likeness > LIKENESS else 0


def group_of(path: pathlib.Path) -> str:
    picture = Image.open(path).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    height = marker_height(numpy.asarray(picture))
    return "none" if height < 8 else "middle" if height < 14 else "large"


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    with open(sys.argv[2], newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    with ProcessPoolExecutor() as workers:
        groups = workers.map(group_of, [folder / path for path in paths], chunksize=32)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("path", "group"))
    out.writerows(zip(paths, groups))


if __name__ == "__main__":
    main()
