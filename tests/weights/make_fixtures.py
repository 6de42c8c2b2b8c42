"""Writes tests/weights/fixtures with PyTorch (Debian: python3-torch), as users' files are written.

    python3 tests/weights/make_fixtures.py

Every tensor is arange(n) with a step that its type holds exactly, so that the tests know the values.
"""
import collections
import pathlib

import torch

HERE = pathlib.Path(__file__).parent / "fixtures"


def values(dtype, *shape):
    n = int(torch.tensor(shape).prod()) if shape else 1
    if dtype == torch.bool:
        return (torch.arange(n) % 2 == 0).reshape(shape)
    return (torch.arange(n) - (0 if dtype == torch.uint8 else 2)).to(dtype).reshape(shape)


def every_type():
    state = collections.OrderedDict()
    for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8",
                 "uint8", "bool"):
        state[name] = values(getattr(torch, name), 2, 3)
    state["scalar"] = torch.tensor(7.5)
    state["empty"] = torch.zeros(0, 4)
    return state


def save(name, value, legacy=False):
    torch.save(value, HERE / name, _use_new_zipfile_serialization=not legacy)


def lightning():
    """A trainer's checkpoint: the weights are one entry of many."""
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(values(torch.float32, *p.shape))
    optimiser = torch.optim.AdamW(net.parameters())
    net(torch.ones(4, 3)).sum().backward()
    optimiser.step()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(values(torch.float32, *p.shape))
    return {
        "epoch": 3, "global_step": 12345678901, "pytorch-lightning_version": "1.8.6",
        "state_dict": collections.OrderedDict(("module." + k, v) for k, v in net.state_dict().items()),
        "optimizer_states": [optimiser.state_dict()], "lr_schedulers": [],
        "hyper_parameters": {"lr": 1e-3, "name": "проба", "layers": (3, 2), "none": None, "on": True},
    }


class Stranger:
    pass


def main():
    HERE.mkdir(exist_ok=True)
    torch.manual_seed(0)
    save("types.pt", every_type())
    save("types_legacy.pt", every_type(), legacy=True)
    base = values(torch.float32, 4, 6)
    views = {"base": base, "transposed": base.t(), "corner": base[1:3, 2:5], "row": base[2],
             "expanded": base[0, :1].expand(5), "shared": base.reshape(-1)}
    save("views.pt", views)
    save("views_legacy.pt", views, legacy=True)
    save("parameters.pt", {"weight": torch.nn.Parameter(values(torch.float32, 2, 2))})
    save("lightning.ckpt", lightning())
    save("stranger.pt", {"weight": torch.zeros(1), "friend": Stranger()})


if __name__ == "__main__":
    main()
