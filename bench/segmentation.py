#!/usr/bin/python3
"""bench/segmentation.py THORAX [CLASSES ...]: a SwinUNETR of the published size (feature size 48, windows
of 96 voxels a side) with random weights over a phantom's whole 512 x 512 x 300 grid, in
`thorax analyze`: time and memory for 14 and 43 classes, in bf16. Needs python3-torch; takes minutes."""

import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from measure import row, run

KEYS = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/swin_unetr/full_v1_merging_monai132/state_dict.tsv"
SPACING_MM = [390 / 512, 390 / 512, 1.1]  # the phantom's own: nothing is resampled
OVERLAP = 0.25


def write_checkpoint(path: pathlib.Path, classes: int) -> None:
    state = {}
    for line in KEYS.read_text().splitlines():
        key, sides, kind = line.split("\t")
        shape = [] if sides == "scalar" else [int(side) for side in sides.split("x")]
        if key.startswith("out."):
            shape[0] = classes
        if kind != "float32":
            continue  # indices that the network makes itself
        fan = max(1, int(torch.tensor(shape[1:]).prod())) if len(shape) > 1 else 0
        state[key] = torch.randn(shape) * fan**-0.5 if fan else torch.ones(shape)
    torch.save({"state_dict": state}, path)


def make_model(thorax: str, folder: pathlib.Path, classes: int) -> pathlib.Path:
    """A folder of models: the shipped ones, and the network on the phantom's own grid."""
    models = folder / f"models-{classes}"
    write_checkpoint(folder / "swin.pt", classes)
    subprocess.run([thorax, "model", "import", "organs", str(folder / "swin.pt"), "--licence", "CC0-1.0",
                    "--models", str(models), "--manifest", f"preprocessing.spacing_mm={SPACING_MM}",
                    "--manifest", f"sliding.overlap={OVERLAP}"], check=True, stdout=subprocess.DEVNULL)
    return models


def main() -> None:
    thorax, classes = sys.argv[1], [int(word) for word in sys.argv[2:]] or [14, 43]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        phantom = folder / "phantom"
        subprocess.run([thorax, "phantom", str(phantom), "--slices", "300", "--spacing", "1.1"], check=True,
                       stdout=subprocess.DEVNULL)
        for count in classes:
            models, out = make_model(thorax, folder, count), folder / f"out-{count}"
            _, peak, status = run(thorax, "analyze", str(phantom), "--out", str(out), f"models.folder={models}",
                                  "models.ct_segmentation=organs", "models.precision=bf16")
            if status != 0:
                sys.exit(f"analyze ended with status {status}")
            result = json.loads(next(out.rglob("result.json")).read_text())
            seconds = {stage["stage"]: stage["seconds"] for stage in result["timings"]["stages"]}
            row(f"SwinUNETR, {count} classes, 512 x 512 x 300", f"{seconds['networks']:.0f} s", "")
            row("  its memory, the whole analysis included", f"{peak / 1e9:.2f} GB", "under 4 GB")


if __name__ == "__main__":
    main()
