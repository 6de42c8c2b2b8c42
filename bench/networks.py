#!/usr/bin/python3
"""bench/networks.py BUILD-FOLDER: the networks of Thorax against the same operations in Debian's
python3-torch, ONNX Runtime and the machine's own rate of matrix products, in one run. Prints one
line a comparison. Needs python3-torch, a build with THORAX_BENCH=ON, and for the ONNX line ONNX
Runtime (tools/get_onnxruntime.sh)."""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 3


def median_seconds(work):
    work()
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def reference(folder):
    """The operations of the originals with random weights; one JSON line each."""
    import torch
    from torch.nn import functional as F

    def say(what, value):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"what": what, "value": value, "peak_bytes": peak}), flush=True)

    def weight(rows, columns):
        return torch.randn(rows, columns) * columns**-0.5

    class Vit(torch.nn.Module):
        """ViT-B/16, 224 pixels, two classes."""

        def __init__(self):
            super().__init__()
            self.patch = torch.nn.Conv2d(3, 768, 16, 16)
            self.cls = torch.nn.Parameter(torch.zeros(1, 1, 768))
            self.place = torch.nn.Parameter(torch.zeros(1, 197, 768))
            self.blocks = torch.nn.ModuleList()
            for _ in range(12):
                block = torch.nn.ModuleDict({
                    "norm1": torch.nn.LayerNorm(768, 1e-12), "qkv": torch.nn.Linear(768, 2304),
                    "out": torch.nn.Linear(768, 768), "norm2": torch.nn.LayerNorm(768, 1e-12),
                    "up": torch.nn.Linear(768, 3072), "down": torch.nn.Linear(3072, 768)})
                self.blocks.append(block)
            self.norm = torch.nn.LayerNorm(768, 1e-12)
            self.head = torch.nn.Linear(768, 2)

        def forward(self, x):
            x = self.patch(x).flatten(2).transpose(1, 2)
            x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.place
            for block in self.blocks:
                q, k, v = block["qkv"](block["norm1"](x)).view(-1, 197, 3, 12, 64).permute(2, 0, 3, 1, 4)
                a = torch.softmax(q @ k.transpose(-1, -2) * 0.125, -1) @ v
                x = x + block["out"](a.transpose(1, 2).reshape(-1, 197, 768))
                x = x + block["down"](F.gelu(block["up"](block["norm2"](x))))
            return self.head(self.norm(x)[:, 0])

    def encoder():
        """CT-CLIP's image encoder; layers share one set of weights, which the time does not see."""
        linear = {"patch": weight(512, 4000), "q": weight(256, 512), "kv": weight(512, 512),
                  "out": weight(512, 256), "up": weight(2730, 512), "down": weight(512, 1365)}
        codes, peg = F.normalize(weight(8192, 512), dim=-1), torch.randn(512, 1, 3, 3, 3) * 0.1
        projection = weight(512, 294912)
        bias = torch.randn(8, 576, 576)

        def transformer(x, video, bias):
            for _ in range(4):
                grid = x.reshape(*video, 512).permute(0, 4, 1, 2, 3)
                moved = F.conv3d(F.pad(grid, (1, 1, 1, 1, 2, 0)), peg, groups=512)
                x = x + moved.permute(0, 2, 3, 4, 1).reshape(x.shape)
                rows, places = x.shape[:2]
                heads = lambda y: y.view(rows, places, 8, 32).transpose(1, 2)
                q = heads(F.linear(F.layer_norm(x, (512,)), linear["q"]))
                k, v = (heads(y) for y in F.linear(x, linear["kv"]).chunk(2, -1))
                score = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-1, -2) * 8
                a = torch.softmax(score if bias is None else score + bias, -1) @ v
                x = x + F.linear(a.transpose(1, 2).reshape(rows, places, 256), linear["out"])
                up, gate = F.linear(F.layer_norm(x, (512,)), linear["up"]).chunk(2, -1)
                x = x + F.linear(up * F.gelu(gate), linear["down"])
            return F.layer_norm(x, (512,))

        def run(volume):
            x = volume.view(24, 10, 24, 20, 24, 20).permute(0, 2, 4, 1, 3, 5).reshape(24, 576, 4000)
            x = F.layer_norm(F.linear(F.layer_norm(x, (4000,)), linear["patch"]), (512,))
            video = (1, 24, 24, 24)
            x = transformer(x, video, bias).view(24, 576, 512).transpose(0, 1)
            x = transformer(x.contiguous(), video, None).transpose(0, 1)
            best = (F.normalize(x.reshape(-1, 512), dim=-1) @ codes.t()).argmax(-1)
            return F.linear(codes[best].view(24, -1).mean(0, keepdim=True), projection)

        return run

    def bart():
        """BART base: 32 tokens read, 64 written by four beams with cached keys and values."""
        words = torch.randn(50265, 768) * 0.02
        w = {name: weight(768, 768) for name in ("q", "k", "v", "o")}
        up, down = weight(3072, 768), weight(768, 3072)

        def split(x):
            return x.view(x.shape[0], -1, 12, 64).transpose(1, 2)

        def attend(q, k, v):
            a = torch.softmax(split(q) @ k.transpose(-1, -2) * 0.125, -1) @ v
            return F.linear(a.transpose(1, 2).reshape(q.shape), w["o"])

        def forward(x):
            return F.layer_norm(x + F.linear(F.gelu(F.linear(x, up)), down), (768,))

        def run():
            x = words[4:36].unsqueeze(0)
            for _ in range(6):
                a = attend(F.linear(x, w["q"]), split(F.linear(x, w["k"])), split(F.linear(x, w["v"])))
                x = forward(F.layer_norm(x + a, (768,)))
            x = x.expand(4, -1, -1)
            cross = [(split(F.linear(x, w["k"])), split(F.linear(x, w["v"]))) for _ in range(6)]
            cache = [None] * 6
            tokens, scores = torch.full((4,), 2), torch.zeros(4)
            for _ in range(64):
                y = words[tokens].unsqueeze(1)
                for layer in range(6):
                    k, v = split(F.linear(y, w["k"])), split(F.linear(y, w["v"]))
                    if cache[layer] is not None:
                        k, v = (torch.cat(both, 2) for both in zip(cache[layer], (k, v)))
                    cache[layer] = (k, v)
                    y = F.layer_norm(y + attend(F.linear(y, w["q"]), k, v), (768,))
                    y = F.layer_norm(y + attend(F.linear(y, w["q"]), *cross[layer]), (768,))
                    y = forward(y)
                logits = torch.log_softmax(F.linear(y[:, 0], words), -1) + scores[:, None]
                scores, best = logits.view(-1).topk(8)
                scores, best = scores[:4], best[:4]
                rows, tokens = best // 50265, best % 50265
                cache = [tuple(part.index_select(0, rows) for part in both) for both in cache]

        return run

    torch.manual_seed(1)
    vit, picture = Vit().eval(), torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        run, volume = encoder(), torch.rand(240, 480, 480) * 2 - 1
        say("CT-CLIP encoder", median_seconds(lambda: run(volume)))
        say("ViT-B/16", median_seconds(lambda: vit(picture)))
        say("BART, beam 4, 64 tokens", median_seconds(bart()))
    try:
        torch.onnx.export(vit, picture, str(folder / "vit.onnx"), opset_version=13)
    except Exception as problem:  # the exporter wants packages that may be absent
        print(f"no ONNX file: {problem}", file=sys.stderr)


def lines_of(command):
    """JSON lines of a process whose OpenMP threads wait as those of Thorax do."""
    environment = dict(os.environ, OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="2000")
    out = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def main():
    if sys.argv[1] == "--reference":
        reference(pathlib.Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        python = {line["what"]: line for line in lines_of([sys.argv[0], "--reference", folder])}
        onnx = pathlib.Path(folder) / "vit.onnx"
        binary = pathlib.Path(sys.argv[1]) / "bin" / "bench_networks"
        ours = lines_of([str(binary)] + ([str(onnx)] if onnx.exists() else []))
    rate = {line["precision"]: line["value"] for line in ours if line["what"] == "GEMM"}
    runtime = next((x["value"] for x in ours if x["what"].endswith("ONNX Runtime")), None)
    for precision, value in rate.items():
        print(f"GEMM {precision}: {value / 1e9:.0f} GFLOP/s")
    for line in ours:
        if line["what"] == "GEMM" or line["what"].endswith("ONNX Runtime"):
            continue
        text = f"{line['what']} {line['precision']}: {line['value']:.3f} s"
        if "flops" in line:
            text += f", {line['value'] * rate[line['precision']] / line['flops']:.2f} times its arithmetic"
        if "peak_bytes" in line:
            text += f", peak {line['peak_bytes'] / 2**30:.2f} GiB"
        if line["what"] in python:
            reference_line = python[line["what"]]
            text += f"; python3-torch fp32 {reference_line['value']:.3f} s"
            text += f", ratio {reference_line['value'] / line['value']:.2f}"
        if runtime and line["what"] == "ViT-B/16":
            text += f"; ONNX Runtime fp32 {runtime:.3f} s, ratio {runtime / line['value']:.2f}"
        print(text)


if __name__ == "__main__":
    main()
