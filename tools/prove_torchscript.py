#!/usr/bin/python3
"""Shows that what `thorax export --to torchscript` writes is a program that Python runs.

    tools/prove_torchscript.py THORAX [MODEL…]      # xray-pneumonia where none is named

Each model is exported, loaded by python3-torch with torch.jit.load, and asked with batches of 1, 3
and 8. What it answers is compared with what `thorax serve` answers to the same input over the KServe
protocol, which is the model itself. Prints the largest difference, as a share of the largest answer,
and PROVEN at the end. Exits 77 (skipped) without python3-torch: tools/setup.sh test.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import numpy as np

try:
    import torch
except ImportError:
    print("skipped: there is no python3-torch")
    raise SystemExit(77)

BOUND = 1e-4
BATCHES = (1, 3, 8)


def ask(address: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, data, headers)) as answer:
        return json.load(answer)


def served(address: str, name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    asked = {"inputs": [{"name": name, "shape": list(values.shape), "datatype": "FP32",
                         "data": values.ravel().tolist()}]}
    return {one["name"]: np.array(one["data"], np.float32).reshape(one["shape"])
            for one in ask(address + "/infer", asked)["outputs"]}


def in_python(program: "torch.jit.ScriptModule", values: np.ndarray) -> list[np.ndarray]:
    with torch.inference_mode():
        answer = program(torch.from_numpy(values))
    return [one.numpy() for one in (answer if isinstance(answer, (tuple, list)) else [answer])]


def prove(thorax: str, service: str, model: str, folder: pathlib.Path) -> float:
    subprocess.run([thorax, "export", model, "--to", "torchscript", "--out", folder], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    program = torch.jit.load(str(folder / "model.pt"))
    address = f"{service}/v2/models/{model}"
    about = ask(address)
    (given,) = about["inputs"]
    shape = [int(side) for side in given["shape"]][1:]
    worst = 0.0
    for batch in BATCHES:
        values = np.random.default_rng(batch).standard_normal([batch, *shape]).astype(np.float32)
        wanted = served(address, given["name"], values)
        answers = in_python(program, values)
        names = [one["name"] for one in about["outputs"]]
        if len(answers) < len(names):
            raise SystemExit(f"{model}: {len(answers)} answers in Python, {names} by the service")
        for name, answer in zip(names, answers):
            reference = wanted[name]
            if answer.shape != reference.shape:
                raise SystemExit(f"{model}: {name} is {answer.shape}, not {reference.shape}")
            worst = max(worst, float(np.abs(answer - reference).max() / np.abs(reference).max()))
    return worst


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    thorax, models = sys.argv[1], sys.argv[2:] or ["xray-pneumonia"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        service = subprocess.Popen([thorax, "serve", "--port", "0", "--data", folder / "data"],
                                   stdout=subprocess.PIPE, text=True)
        try:
            address = None
            while not address:
                address = re.search(r"http://\S+", service.stdout.readline())
            for model in models:
                worst = prove(thorax, address.group(), model, folder / model)
                print(f"{model}: batches {BATCHES}, largest difference {worst:.1e}", flush=True)
                if not worst <= BOUND:
                    raise SystemExit(f"{model}: more than {BOUND}")
        finally:
            service.terminate()
            service.wait()
    print("PROVEN")


if __name__ == "__main__":
    main()
