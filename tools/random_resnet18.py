#!/usr/bin/python3
"""Writes a ResNet-18 with random weights (He et al. 2015 for convolutions) as a PyTorch checkpoint.

    tools/random_resnet18.py OUT.pt

Features of random weights are the floor that a trained network has to leave behind: the baseline
row of models/xray-pneumonia/CARD.md. Keys and shapes are torchvision's. Needs python3-torch.
"""
import pathlib
import sys

import torch

KEYS = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/resnet18/full/state_dict.tsv"


def value(key: str, shape: list[int]) -> torch.Tensor:
    last = key.rsplit(".", 1)[-1]
    if last == "num_batches_tracked":
        return torch.tensor(0)
    if len(shape) == 4:
        return torch.nn.init.kaiming_normal_(torch.empty(shape), mode="fan_out")
    if len(shape) == 2:
        return torch.nn.init.kaiming_uniform_(torch.empty(shape), a=5**0.5)
    return torch.ones(shape) if last in ("weight", "running_var") else torch.zeros(shape)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    torch.manual_seed(0)
    rows = [line.split("\t") for line in KEYS.read_text().splitlines()]
    torch.save({key: value(key, [] if shape == "scalar" else [int(side) for side in shape.split("x")])
                for key, shape, *_ in rows}, sys.argv[1])


if __name__ == "__main__":
    main()
