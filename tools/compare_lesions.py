#!/usr/bin/python3
"""Compares the lesions of a Thorax result with what readers marked on the same scan.

  tools/compare_lesions.py RESULT.json SCAN [--boxes FOLDER] [--least 5] [--first 10]

RESULT.json is the JSON report of `thorax analyze SCAN`. SCAN is the folder or zip with the DICOM
files. Marks are read from LIDC-IDRI XML files inside SCAN (outlines by up to four readers; the
nodules below 3 mm, which carry one point only, are listed but not counted) and, with --boxes, from
a folder of tumour boxes in Pascal VOC XML, one a slice, named by SOPInstanceUID. A marked lesion of
--least mm and more is found when it holds the centre of one of the --first nodule candidates, or
when its centre lies inside the box of a reported opacity. Exits 1 when one is not found."""

import argparse
import dataclasses
import io
import itertools
import json
import math
import pathlib
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

import pydicom

OPACITIES = ("Consolidation", "Lung opacity")


@dataclasses.dataclass
class Slice:
    """Where the pixels of one image lie (axial images: rows along x, columns along y)."""

    series: str
    origin: tuple[float, float, float]
    spacing: tuple[float, float]  # along y, along x

    def point(self, x: float, y: float) -> tuple[float, float, float]:
        return (self.origin[0] + x * self.spacing[1], self.origin[1] + y * self.spacing[0],
                self.origin[2])


@dataclasses.dataclass
class Mark:
    """What one reader outlined: corner points in mm, and the largest axial extent."""

    reader: str
    points: list[tuple[float, float, float]]
    diameter: float = 0.0

    def low(self) -> list[float]:
        return [min(p[i] for p in self.points) for i in range(3)]

    def high(self) -> list[float]:
        return [max(p[i] for p in self.points) for i in range(3)]

    def centre(self) -> list[float]:
        return [(a + b) / 2 for a, b in zip(self.low(), self.high())]

    def touches(self, other: "Mark", slack: float = 2.0) -> bool:
        return all(a <= d + slack and c <= b + slack
                   for a, b, c, d in zip(self.low(), self.high(), other.low(), other.high()))


def files_of(scan: pathlib.Path):
    """(name, bytes) of every file in a folder or a zip."""
    if scan.is_dir():
        for path in sorted(p for p in scan.rglob("*") if p.is_file()):
            yield path.name, path.read_bytes()
        return
    with zipfile.ZipFile(scan) as archive:
        for info in sorted(archive.infolist(), key=lambda i: i.filename):
            if not info.is_dir():
                yield pathlib.PurePath(info.filename).name, archive.read(info)


def read_scan(scan: pathlib.Path) -> tuple[dict[str, Slice], list[bytes]]:
    """Slices by SOPInstanceUID, and the XML files."""
    slices, documents = {}, []
    for name, content in files_of(scan):
        if name.lower().endswith(".xml"):
            documents.append(content)
            continue
        try:
            data = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
        except pydicom.errors.InvalidDicomError:
            continue
        if "ImagePositionPatient" not in data or "PixelSpacing" not in data:
            continue
        slices[str(data.SOPInstanceUID)] = Slice(
            str(data.SeriesInstanceUID), tuple(float(v) for v in data.ImagePositionPatient),
            tuple(float(v) for v in data.PixelSpacing))
    return slices, documents


def axial_diameter(points: list[tuple[float, float, float]]) -> float:
    """Mean of the longest extent of an outline and of the extent across it."""
    if len(points) < 2:
        return 0.0
    a, b = max(itertools.combinations(points, 2), key=lambda pair: math.dist(*pair))
    longest = math.dist(a, b)
    ux, uy = (b[0] - a[0]) / longest, (b[1] - a[1]) / longest
    across = [p[1] * ux - p[0] * uy for p in points]
    return (longest + max(across) - min(across)) / 2


def lidc_marks(document: bytes, slices: dict[str, Slice]) -> list[Mark]:
    root = ElementTree.fromstring(document)
    space = {"n": root.tag[1:root.tag.index("}")]} if root.tag.startswith("{") else {"n": ""}
    marks = []
    for reader, session in enumerate(root.findall("n:readingSession", space), 1):
        for nodule in session.findall("n:unblindedReadNodule", space):
            mark = Mark(str(reader), [])
            for roi in nodule.findall("n:roi", space):
                where = slices.get(roi.findtext("n:imageSOP_UID", "", space))
                if where is None or roi.findtext("n:inclusion", "TRUE", space) != "TRUE":
                    continue
                outline = [where.point(float(edge.findtext("n:xCoord", "0", space)),
                                       float(edge.findtext("n:yCoord", "0", space)))
                           for edge in roi.findall("n:edgeMap", space)]
                mark.points += outline
                mark.diameter = max(mark.diameter, axial_diameter(outline))
            if mark.points:
                marks.append(mark)
    return marks


def box_marks(folder: pathlib.Path, slices: dict[str, Slice], series: str) -> list[Mark]:
    marks = []
    for path in sorted(folder.glob("*.xml")):
        where = slices.get(path.stem)
        if where is None or where.series != series:
            continue
        for box in ElementTree.parse(path).getroot().iter("bndbox"):
            x0, y0, x1, y1 = (float(box.findtext(k, "0")) for k in ("xmin", "ymin", "xmax", "ymax"))
            corners = [where.point(x0, y0), where.point(x1, y1)]
            size = ((x1 - x0) * where.spacing[1] + (y1 - y0) * where.spacing[0]) / 2
            marks.append(Mark("box", corners, size))
    return marks


def lesions_of(marks: list[Mark], slack: float) -> list[list[Mark]]:
    """Marks that touch each other, directly or through others, are one lesion."""
    groups: list[list[Mark]] = []
    for mark in marks:
        joined = [g for g in groups if any(mark.touches(other, slack) for other in g)]
        groups = [g for g in groups if g not in joined]
        groups.append([mark] + [m for g in joined for m in g])
    return groups


def compare(groups: list[list[Mark]], result: dict, least: float, first: int) -> int:
    nodules = [row for row in result["lesions"] if row["finding"] == "Lung nodule"]
    opacities = [row for row in result["lesions"] if row["finding"] in OPACITIES]
    missed = 0
    print(f"{'marked at mm (x, y, z)':>26} {'readers':>7} {'mm':>6}  {'rank':>4} {'mm':>6} {'off':>5}"
          "  verdict")
    for group in sorted(groups, key=lambda g: -max(m.diameter for m in g)):
        whole = Mark("", [p for m in group for p in m.points])
        low, high, centre = whole.low(), whole.high(), whole.centre()
        sizes = [m.diameter for m in group if m.diameter > 0]
        readers = len({m.reader for m in group})
        boxes = group[0].reader == "box"
        size = (max(sizes) if boxes else sum(sizes) / len(sizes)) if sizes else 0.0
        slack = 3.0 if size < least else 1.0
        rank, hit = next(
            ((i, row) for i, row in enumerate(nodules, 1)
             if all(a - slack <= c <= b + slack
                    for a, c, b in zip(low, row["place"]["centre_mm"], high))), (0, None))
        opacity = next(
            (row for row in opacities
             if all(abs(p - c) <= s / 2 for p, c, s in
                    zip(centre, row["place"]["centre_mm"], row["place"]["size_mm"]))), None)
        counted = size >= least
        found = (0 < rank <= first) or opacity is not None
        missed += counted and not found
        verdict = "found" if 0 < rank <= first else ""
        if opacity is not None:
            verdict += (", " if verdict else "") + "inside: " + opacity["description"]["en"]
        if not verdict:
            verdict = "MISSED" if counted else "not found"
        if not counted:
            verdict += f" (below {least:g} mm, not counted)"
        place = ", ".join(f"{v:.0f}" for v in centre)
        print(f"{place:>26} {'boxes' if boxes else readers:>7} {size or float('nan'):6.1f}  "
              f"{rank or '-':>4} {hit['diameter_mm'] if hit else float('nan'):6.1f} "
              f"{math.dist(centre, hit['place']['centre_mm']) if hit else float('nan'):5.1f}  {verdict}")
    print(f"{len(nodules)} nodule candidates, {len(opacities)} opacities reported")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=pathlib.Path)
    parser.add_argument("scan", type=pathlib.Path)
    parser.add_argument("--boxes", type=pathlib.Path, help="folder of tumour boxes")
    parser.add_argument("--least", type=float, default=5, help="mm; smaller marks are not counted")
    parser.add_argument("--first", type=int, default=10, help="candidates that are looked at")
    options = parser.parse_args()

    result = json.loads(options.result.read_text(encoding="utf-8"))
    slices, documents = read_scan(options.scan)
    series = result["study"]["series_uid"]
    groups = lesions_of([m for d in documents for m in lidc_marks(d, slices)], slack=2)
    if options.boxes:
        spacing = sorted({s.origin[2] for s in slices.values() if s.series == series})
        gap = max((b - a for a, b in zip(spacing, spacing[1:])), default=0)
        groups += lesions_of(box_marks(options.boxes, slices, series), slack=gap + 1)
    if not groups:
        print("no marks for the analysed series", file=sys.stderr)
        return 2
    return 1 if compare(groups, result, options.least, options.first) else 0


if __name__ == "__main__":
    sys.exit(main())
