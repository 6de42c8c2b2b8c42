"""Writes tests/engine/fixtures with PyTorch (Debian: python3-torch): one small head as a checkpoint
and as an ONNX file, so that both engines can be asked the same.

    python3 tests/engine/make_fixtures.py
"""
import pathlib

import torch

HERE = pathlib.Path(__file__).parent / "fixtures"


class Head(torch.nn.Module):
    """L2 norm, then linear, batch normalisation, GELU, linear: keys layers.0, .1, .4."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.GELU(), torch.nn.Dropout(0.2),
            torch.nn.Linear(8, 2))

    def forward(self, embedding):
        norm = embedding.pow(2).sum(-1, keepdim=True).sqrt().clamp_min(1e-12)
        return self.layers(embedding / norm)


def main():
    torch.manual_seed(1)
    head = Head()
    with torch.no_grad():
        head.layers[1].running_mean.normal_()
        head.layers[1].running_var.uniform_(0.5, 2)
    head.eval()
    HERE.mkdir(exist_ok=True)
    torch.save({"state_dict": head.state_dict(), "epoch": 1}, HERE / "head.pt")
    torch.onnx.export(head, torch.ones(1, 4), HERE / "head.onnx", opset_version=12,
                      input_names=["embedding"], output_names=["logits"],
                      dynamic_axes={"embedding": {0: "batch"}, "logits": {0: "batch"}})


if __name__ == "__main__":
    main()
