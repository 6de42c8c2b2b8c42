#!/usr/bin/python3
"""bench/fit_xray_pattern.py ADULTS CHILDREN: prints the weights of the X-ray gate's chest pattern.

Each argument is a folder of frontal chest radiographs, all upright. The pattern is the linear
discriminant (Fisher) of upright chests against the same turned and against smooth random pictures,
over 8 x 4 means of the 64 x 64 thumb (both sides averaged, mean removed, unit length). The gate cuts
a black frame off first, so its weights differ from what is printed by up to 0.06. The smaller
set counts five times. bench/xray_gate.cc measures what the gate does with it."""

import pathlib
import sys

import numpy
from PIL import Image

SIDE = 64


def thumb(picture: numpy.ndarray) -> numpy.ndarray:
    """quality::make_thumb without the cut of a black frame: values 0 to 1."""
    image = Image.fromarray(picture.astype("float32")).resize((SIDE, SIDE), Image.Resampling.BOX)
    values = numpy.asarray(image)
    low, high = numpy.percentile(values, [2, 98])
    return numpy.clip((values - low) / max(high - low, 1e-6), 0, 1)


def features(thumbs: numpy.ndarray) -> numpy.ndarray:
    means = thumbs.reshape(-1, 8, 8, 8, 8).mean((2, 4))
    means = ((means + means[:, :, ::-1]) / 2)[:, :, :4].reshape(-1, 32)
    means = means - means.mean(1, keepdims=True)
    return means / (numpy.linalg.norm(means, axis=1, keepdims=True) + 1e-6)


def radiographs(folder: str) -> numpy.ndarray:
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in {".jpg", ".jpeg", ".png"})
    return numpy.stack([thumb(numpy.asarray(Image.open(p).convert("L"))) for p in files])


def blobs(count: int) -> numpy.ndarray:
    random = numpy.random.default_rng(5)
    frequency = numpy.hypot(*numpy.meshgrid(numpy.fft.fftfreq(SIDE), numpy.fft.fftfreq(SIDE)))
    out = []
    for _ in range(count):
        noise = numpy.fft.fft2(random.standard_normal((SIDE, SIDE)))
        width = random.uniform(3, 20)
        out.append(thumb(numpy.real(numpy.fft.ifft2(noise * numpy.exp(-2 * (frequency * width) ** 2)))))
    return numpy.stack(out)


def main() -> int:
    adults, children = (radiographs(folder) for folder in sys.argv[1:3])
    chests = numpy.vstack([features(adults)] * 5 + [features(children)])
    others = [features(blobs(1500))] * 2
    for some in (adults[::4], children[::4]):
        others += [features(some[:, ::-1]), features(numpy.rot90(some, 1, (1, 2))),
                   features(numpy.rot90(some, -1, (1, 2)))]
    other = numpy.vstack(others)
    spread = (numpy.cov(chests.T) + numpy.cov(other.T)) / 2 + 2e-4 * numpy.eye(32)
    weights = numpy.linalg.solve(spread, chests.mean(0) - other.mean(0))
    print(numpy.round(weights / numpy.abs(weights).max(), 2).reshape(8, 4))
    return 0


if __name__ == "__main__":
    sys.exit(main())
