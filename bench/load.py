#!/usr/bin/python3
"""bench/load.py THORAX [CORES]: what the service bears, beside what is wanted of it (docs/performance.md).
Called by bench/load.sh. Starts `thorax serve` on a folder of its own, on CORES cores (2); whatever asks
it runs on the same ones. Takes five minutes on two cores that nobody else uses."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

REQUEST_SECONDS = 10
STREAMS = 200
BIG = 1 << 30
SMALL_STUDIES = 20
BUSY_STUDIES = 100


def row(what: str, value: str, wanted: str) -> None:
    print(f"{what:<62} {value:>16}   {wanted}", flush=True)


class Service:
    """`thorax serve` on a folder of its own."""

    def __init__(self, thorax: str, folder: pathlib.Path):
        self.process = subprocess.Popen(
            [thorax, "serve", "--port", "0", "--data", str(folder / "data"), "serve.connections=4096"],
            stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)\s*$", self.process.stdout.readline()).group(1))

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def status(self, name: str) -> int:
        """VmRSS or VmHWM of the service itself, in bytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", text).group(1)) << 10

    def forget_peak(self) -> None:
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def ask(connection: http.client.HTTPConnection, method: str, path: str, body=None,
        headers=None) -> tuple[int, bytes]:
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def upload(connection: http.client.HTTPConnection, content: bytes, name: str) -> dict:
    status, body = ask(connection, "POST", f"/api/v1/studies?name={name}", content)
    if status != 201:
        raise SystemExit(f"upload: {status} {body[:300]!r}")
    return json.loads(body)


def ended(connection: http.client.HTTPConnection, study: dict) -> dict:
    while True:
        study = json.loads(ask(connection, "GET", f"/api/v1/studies/{study['id']}")[1])
        if study["job"]["finished_at"]:
            return study
        time.sleep(0.01)


def milliseconds(text: str) -> float:
    """Of the day: enough for differences of moments."""
    hour, minute, second = re.search(r"T(\d+):(\d+):([\d.]+)Z", text).groups()
    return (int(hour) * 3600 + int(minute) * 60 + float(second)) * 1000


def requests(service: Service) -> None:
    out = subprocess.run(["wrk", "-t1", "-c16", f"-d{REQUEST_SECONDS}s",
                          f"http://127.0.0.1:{service.port}/healthz"],
                         check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    if "Non-2xx" in out:
        raise SystemExit(out)
    row("requests to /healthz, wrk on the same cores", f"{rate:,.0f} a second", "20,000 a second")


def upload_times(service: Service) -> list[float]:
    connection = service.connect()
    times = []
    for number in range(SMALL_STUDIES):
        content = os.urandom(1 << 20)
        began = time.perf_counter()
        study = upload(connection, content, f"noise-{number}")
        times.append(time.perf_counter() - began)
        ended(connection, study)
    return times


def streams(service: Service) -> None:
    alone = statistics.median(upload_times(service))
    listeners = []
    for _ in range(STREAMS):
        listener = socket.create_connection(("127.0.0.1", service.port))
        listener.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        listeners.append(listener)
    heard = sum(b"200 OK" in listener.recv(4096) for listener in listeners)
    beside = statistics.median(upload_times(service))
    for listener in listeners:
        listener.close()
    row(f"upload of 1 MiB beside {heard} open streams (alone: {alone * 1e3:.0f} ms)",
        f"{beside * 1e3:.0f} ms", f"{STREAMS} streams, none blocks")


def big_upload(service: Service, folder: pathlib.Path) -> None:
    piece = os.urandom(1 << 20)
    began = time.perf_counter()
    with open(folder / "plain", "wb") as plain:
        for _ in range(BIG >> 20):
            plain.write(piece)
        plain.flush()
        os.fsync(plain.fileno())
    disk = time.perf_counter() - began
    (folder / "plain").unlink()
    connection = service.connect()
    before = service.status("VmRSS")
    service.forget_peak()
    began = time.perf_counter()
    connection.putrequest("POST", "/api/v1/studies?name=big")
    connection.putheader("Content-Length", str(BIG))
    connection.endheaders()
    for _ in range(BIG >> 20):
        connection.sock.sendall(piece)
    answer = connection.getresponse()
    study = json.loads(answer.read())
    seconds = time.perf_counter() - began
    grown = service.status("VmHWM") - before
    row(f"upload of 1 GiB, fsync and SHA-256 included (a file alone: {disk:.1f} s)",
        f"{seconds:.1f} s", "disk speed")
    row("  memory that the service takes more meanwhile", f"{grown / 1e6:.0f} MB", "under 64 MB")
    ended(connection, study)
    ask(connection, "DELETE", f"/api/v1/studies/{study['id']}")


def queue(service: Service, phantom: bytes) -> dict:
    connection = service.connect()
    waits = []
    for number in range(10):
        study = ended(connection, upload(connection, phantom, f"phantom-{number}.zip"))
        if study["job"]["state"] != "done":
            raise SystemExit(f"a phantom was not read: {study['job']}")
        job = study["job"]
        waits.append(milliseconds(job["started_at"]) - milliseconds(job["created_at"]))
    row("a study's time from its acceptance to its worker, median of 10",
        f"{statistics.median(waits):.0f} ms", "under 20 ms")
    return study


def first_slice(service: Service, study: dict) -> None:
    times = []
    for _ in range(5):
        connection = service.connect()
        place = f"/api/v1/studies/{study['id']}"
        began = time.perf_counter()
        ask(connection, "GET", place)
        ask(connection, "GET", place + "/results/1")
        view = json.loads(ask(connection, "GET", place + "/results/1/view.json")[1])
        volume = view["volume"]
        middle = len(volume["ends"]) // 2
        begin, end = volume["ends"][middle - 1], volume["ends"][middle]
        status, body = ask(connection, "GET", f"{place}/results/1/{volume['file']}",
                           headers={"Range": f"bytes={begin}-{end - 1}"})
        if status != 206 or not body:
            raise SystemExit(f"the slice did not come: {status}")
        times.append(time.perf_counter() - began)
    row("study, result, view and first slice of a finished study, median of 5",
        f"{statistics.median(times) * 1e3:.0f} ms", "under 1 s on the screen")


def machine_times() -> tuple[float, float]:
    """Seconds of processor time that the machine's cores worked and idled, since it started."""
    values = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    tick = os.sysconf("SC_CLK_TCK")
    idle = (values[3] + values[4]) / tick
    return sum(values[:8]) / tick - idle, idle


def busy(service: Service, phantom: bytes) -> None:
    connection = service.connect()
    studies = [upload(connection, phantom, f"busy-{number}.zip") for number in range(BUSY_STUDIES)]
    worked, idled = machine_times()
    began = time.perf_counter()
    # While studies still wait: the last ones leave cores without work.
    while int(json.loads(ask(connection, "GET", "/api/v1/status")[1])["jobs"]["queued"]) > 0:
        time.sleep(0.2)
    seconds = time.perf_counter() - began
    worked_now, idled_now = machine_times()
    share = (worked_now - worked) / (worked_now - worked + idled_now - idled)
    row(f"processors busy while {BUSY_STUDIES} studies wait ({seconds:.0f} s)", f"{share:.0%}", "over 90 %")
    for study in studies:
        ended(connection, study)


def main() -> None:
    thorax = sys.argv[1]
    cores = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    load = os.getloadavg()[0]
    print(f"{cores} cores; others on the machine ran {load:.1f} processes at a time when this began")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([thorax, "phantom", str(folder / "phantom.zip"), "--size", "96", "--spacing", "4",
                        "--no-truth"], check=True, stdout=subprocess.DEVNULL)
        phantom = (folder / "phantom.zip").read_bytes()
        service = Service(thorax, folder)
        try:
            row("memory of the idle service", f"{service.status('VmRSS') / 1e6:.0f} MB", "under 150 MB")
            requests(service)
            streams(service)
            big_upload(service, folder)
            first_slice(service, queue(service, phantom))
            busy(service, phantom)
            row("memory of the idle service after all this", f"{service.status('VmRSS') / 1e6:.0f} MB",
                "under 150 MB")
        finally:
            service.stop()


if __name__ == "__main__":
    main()
