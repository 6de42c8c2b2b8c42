#!/usr/bin/python3
"""Groups radiographs by the letter that marks the right side: how large it is tells machines apart.

    tools/side_markers.py PICTURES MANIFEST > GROUPS

PICTURES: a folder; MANIFEST: a CSV whose column `path` lies in it. Writes the columns path and
group for data.groups of `thorax train`:
  middle  a letter R of 8 to 12 pixels' height on the left of the picture at 224 x 224
  large   a taller one
  none    a smaller one, or none found
Needs python3-numpy, python3-opencv.
"""
import csv
import pathlib
import sys
from concurrent.futures import ProcessPoolExecutor

import cv2
import numpy

SIDE = 224
HEIGHTS = (6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 23, 26)
PROPORTIONS = (0.6, 0.75, 0.9)
# Where to look: markers lie in the upper left.
ROWS, COLUMNS = 150, 90
# A letter has at least this correlation with a drawn one, and this contrast.
LIKENESS, CONTRAST = 0.6, 60
# Of two sizes alike otherwise the larger is right: a part of a letter looks like a smaller one.
LARGER = 0.004


def drawn_letter() -> numpy.ndarray:
    sheet = numpy.zeros((200, 200), numpy.uint8)
    cv2.putText(sheet, "R", (40, 150), cv2.FONT_HERSHEY_SIMPLEX, 5, 255, 14, cv2.LINE_AA)
    rows, columns = numpy.where(sheet > 0)
    return sheet[rows.min() - 6 : rows.max() + 7, columns.min() - 6 : columns.max() + 7]


def letters() -> list[numpy.ndarray]:
    drawn = drawn_letter()
    sizes = {(max(5, round(height * part)), height) for height in HEIGHTS for part in PROPORTIONS}
    return [
        cv2.resize(drawn, size, interpolation=cv2.INTER_AREA).astype(numpy.float32)
        for size in sorted(sizes)
    ]


LETTERS = letters()


def marker_height(picture: numpy.ndarray) -> int:
    """In pixels of the picture; 0: no marker."""
    corner = picture[:ROWS, :COLUMNS].astype(numpy.float32)
    best, likeness, height = -1.0, 0.0, 0
    for letter in LETTERS:
        found = cv2.matchTemplate(corner, letter, cv2.TM_CCOEFF_NORMED)
        _, alike, _, (x, y) = cv2.minMaxLoc(found)
        covered = corner[y : y + letter.shape[0], x : x + letter.shape[1]]
        alike *= min(1.0, float(numpy.ptp(covered)) / CONTRAST)
        if alike + LARGER * letter.shape[0] > best:
            best, likeness, height = alike + LARGER * letter.shape[0], alike, letter.shape[0]
    return height if likeness > LIKENESS else 0


def group_of(path: pathlib.Path) -> str:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise SystemExit(f"{path} is no picture")
    if picture.shape != (SIDE, SIDE):
        picture = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    height = marker_height(picture)
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
