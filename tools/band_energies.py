#!/usr/bin/python3
"""How well the energy of each band of detail alone tells two kinds of pictures apart.

    tools/band_energies.py FOLDER FOLDER

Prints, for each of five bands (the starlet transform of src/nets/bands.h, from the finest on) of
the grey pictures at 224 x 224, the mean and the deviation of the logarithm of its root mean square
in the middle of the pictures of either folder, and the AUROC with which less of it says that a
picture is from the second. Needs python3-numpy, python3-scipy, python3-sklearn, python3-pil.
"""
import pathlib
import sys

import numpy
from PIL import Image
from scipy.ndimage import correlate1d
from sklearn.metrics import roc_auc_score

SIDE, BANDS, MARGIN = 224, 5, 0.12
SPLINE = numpy.array([1, 4, 6, 4, 1]) / 16


def smoothed(picture: numpy.ndarray, step: int) -> numpy.ndarray:
    """What lies outside of the picture does not count."""
    kernel = numpy.zeros(4 * step + 1)
    kernel[::step] = SPLINE
    for axis in (0, 1):
        inside = correlate1d(numpy.ones_like(picture), kernel, axis, mode="constant")
        picture = correlate1d(picture, kernel, axis, mode="constant") / inside
    return picture


def energies(path: pathlib.Path) -> list[float]:
    grey = Image.open(path).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    rest = numpy.asarray(grey, dtype=float) / 255
    cut = int(MARGIN * SIDE)
    found = []
    for band in range(BANDS):
        low = smoothed(rest, 1 << band)
        middle = (rest - low)[cut:-cut, cut:-cut]
        found.append(0.5 * numpy.log((middle**2).mean() + 1e-12))
        rest = low
    return found


def of_folder(folder: str) -> numpy.ndarray:
    pictures = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    if not pictures:
        raise SystemExit(f"{folder} holds no pictures")
    return numpy.array([energies(path) for path in pictures])


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    first, second = of_folder(sys.argv[1]), of_folder(sys.argv[2])
    truth = [0] * len(first) + [1] * len(second)
    print(f"{len(first)} and {len(second)} pictures")
    for band in range(BANDS):
        a, b = first[:, band], second[:, band]
        auroc = roc_auc_score(truth, -numpy.concatenate([a, b]))
        print(f"band {band + 1}: {a.mean():.2f} ± {a.std():.2f}, {b.mean():.2f} ± {b.std():.2f}, "
              f"AUROC {auroc:.4f}")


if __name__ == "__main__":
    main()
