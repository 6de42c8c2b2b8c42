#!/usr/bin/python3
"""Shows that a full-size CT-CLIP checkpoint goes through the program as through the original.

    tools/prove_ctclip.py THORAX STUDY.zip

python3-torch writes a checkpoint of the published size with the weights of the goldens
(tests/golden/README.md). `thorax model import` reads it. `thorax embed` embeds the golden's input,
laid out as a NIfTI volume that needs no resampling, and the row is compared with the original
implementation's. A CT has whole Hounsfield units, which the golden's input has not: rounding them
turns some of the 13,824 codes, so the rows point the same way within BOUND and are not equal
(test_nets compares the exact input, at 1e-4). Then the study goes through `thorax embed` and
through `thorax work`, the process in which the service analyses a study; both rows are the same.
Needs python3-torch, python3-numpy and 8 GB of a temporary folder (TMPDIR); takes minutes. Prints
PROVEN at the end.
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/ctclip/full"
BOUND = 5e-3  # of 1 - cosine; between unlike inputs it is near 1
AT_ONE = ("weight", "gamma", "g", "q_scale", "k_scale", "temperature", "logit_scale", "running_var")
KEPT = ("initted", "num_batches_tracked")


def units(key: str, count: int) -> np.ndarray:
    """Multiples of 2^-23 in [-1, 1): splitmix64 behind FNV-1a of the key."""
    seed = 0xCBF29CE484222325
    for byte in key.encode():
        seed = (seed ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    out = np.empty(count, np.float64)
    step = 1 << 22
    with np.errstate(over="ignore"):
        for first in range(0, count, step):
            x = np.arange(first, min(count, first + step), dtype=np.uint64) + np.uint64(seed)
            x += np.uint64(0x9E3779B97F4A7C15)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            x ^= x >> np.uint64(31)
            out[first : first + len(x)] = (x >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1
    return out


def weight(key: str, shape: list[int]) -> np.ndarray:
    count = int(np.prod(shape))
    last = key.rsplit(".", 1)[-1]
    if last in KEPT or count == 0:
        return np.ones(shape, np.float32)
    if len(shape) >= 2:
        fan = shape[-1] if shape[0] == 1 else count // shape[0]
        base, scale = 0.0, (3 / fan) ** 0.5
    elif last in AT_ONE:
        base, scale = 1.0, 0.125
    else:
        base, scale = 0.0, 0.0625
    return (base + scale * units(key, count)).astype(np.float32).reshape(shape)


def write_checkpoint(path: pathlib.Path) -> None:
    state = {}
    for line in (GOLDEN / "state_dict.tsv").read_text().splitlines():
        key, sides, kind = line.split("\t")
        shape = [] if sides == "scalar" else [int(side) for side in sides.split("x")]
        if kind == "float32":
            state[key] = torch.from_numpy(weight(key, shape))
        else:  # position_ids
            state[key] = torch.arange(int(np.prod(shape))).reshape(shape)
    torch.save(state, path)


def write_volume(path: pathlib.Path, video: np.ndarray) -> None:
    """[head, left, back] in units of 1000 HU as NIfTI-1, on the network's own grid: x runs to the
    left, y to the back, z to the head."""
    depth, left, back = video.shape
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, left, back, depth, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 16, 32)  # float32
    struct.pack_into("<8f", header, 76, 1, 0.75, 0.75, 1.5, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, 1, 0)  # offset, slope, intercept
    header[123] = 2  # millimetres
    struct.pack_into("<2h", header, 252, 0, 1)  # the affine is in srow
    struct.pack_into("<12f", header, 280, -0.75, 0, 0, 0, 0, -0.75, 0, 0, 0, 0, 1.5, 0)
    header[344:348] = b"n+1\0"
    with path.open("wb") as out:
        out.write(header)
        out.write((video * np.float32(1000)).transpose(0, 2, 1).astype("<f4").tobytes())


def run(*words: object) -> str:
    print("+", *words, flush=True)
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"exit status {done.returncode}")
    return done.stdout


def row_of(path: pathlib.Path) -> np.ndarray:
    """The only row of a file of embeddings."""
    with path.open("rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        first, last = header["embeddings"]["data_offsets"]
        data = file.read()[first:last]
    return np.frombuffer(data, "<f4")


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    thorax, study = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    facts = json.loads((GOLDEN / "golden.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        models = folder / "models"
        write_checkpoint(folder / "ctclip.pt")
        run(thorax, "model", "import", "full", folder / "ctclip.pt", "--licence", "CC0-1.0", "--models", models)
        (folder / "ctclip.pt").unlink()

        described = facts["input"]["video"]
        video = units(described["key"], int(np.prod(described["shape"]))).astype(np.float32)
        write_volume(folder / "golden.nii", video.reshape(described["shape"][2:]))
        del video
        embed = [thorax, "embed", "--model", "full", "--models", models, "--precision", "fp32", "--out"]
        run(*embed, folder / "golden.safetensors", "--no-gate", folder / "golden.nii")
        (folder / "golden.nii").unlink()
        wanted = np.load(GOLDEN / "image_latents.npy").ravel()
        row = row_of(folder / "golden.safetensors").astype(np.float64)
        turned = 1 - row @ wanted / np.linalg.norm(row) / np.linalg.norm(wanted)
        print(f"embedding of the golden's input: 1 - cosine {turned:.2g} (bound {BOUND:g})")
        if not turned <= BOUND:
            sys.exit("not the original's numbers")

        run(*embed, folder / "study.safetensors", study)
        said = run(thorax, "work", "--file", study, "--name", study.name, "--out", folder / "work",
                   f"models.folder={models}", "models.ct_network=full", "models.precision=fp32")
        [answer] = [one for one in map(json.loads, said.splitlines()) if "study" in one]
        same = np.array_equal(row_of(folder / "study.safetensors"), np.array(answer["embedding"]["values"], np.float32))
        print(f"embedding of {study.name}: analysed and embedded {'are equal' if same else 'differ'}")
        if not same:
            sys.exit("the two ways differ")
    print("PROVEN: a full-size checkpoint is read, and gives what the original gave")


if __name__ == "__main__":
    main()
