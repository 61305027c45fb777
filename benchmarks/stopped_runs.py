"""Runs of `geoagent serve` that are stopped at once: how soon they end, and whether others wait.

    PYTHONPATH=. python benchmarks/stopped_runs.py

A server with the real tools gets six uploads of a photo full of text, each stopped as soon as it
runs. Told are the CPU seconds that the server and its processes use in the seconds after the last
stop, how long search, photo, list and a new upload take then, and the memory of all (Linux).
"""

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from PIL import Image, ImageDraw, ImageFont

UPLOADS = 6
READING_SECONDS = 3.0  # after so long it reads
QUIET_SECONDS = 5.0
PATIENCE_SECONDS = 300.0


def dense_photo(side_px: int = 1600) -> bytes:
    """Return a photo of many small lines of text."""
    image = Image.new("RGB", (side_px, side_px), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    words = "Rua Augusta 21 Lisboa Padaria Central Telefone Mercearia Aberto "
    for row in range(0, side_px, 18):
        draw.text((4, row), (words * 5)[row % 40 :], "black", font)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def processes_of(server: int) -> list[int]:
    """Return a process and all that it and its children have started."""
    found = [server]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def cpu_seconds(server: int) -> dict[int, float]:
    """Return the CPU seconds of the server and of what works for it, by process."""
    ticks = {
        pid: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        for pid in processes_of(server)
    }
    return {pid: sum(map(int, used)) / os.sysconf("SC_CLK_TCK") for pid, used in ticks.items()}


def memory_mb(server: int) -> float:
    pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in processes_of(server)]
    return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE") / 2**20


def seconds_of(client: httpx.Client, method: str, path: str, **more: object) -> float:
    began = time.monotonic()
    client.request(method, path, **more).raise_for_status()  # type: ignore[arg-type]
    return time.monotonic() - began


def begin_and_stop(client: httpx.Client, photo: bytes) -> str:
    """Return a case that was stopped while it ran; a queued one is stopped too."""
    made = client.post("/v1/cases", files={"photo": ("dense.png", photo, "image/png")})
    made.raise_for_status()
    name: str = made.json()["id"]
    end = time.monotonic() + 2.0
    while client.get(f"/v1/cases/{name}").json()["status"] == "queued" and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(READING_SECONDS)
    client.post(f"/v1/cases/{name}/stop").raise_for_status()
    return name


def measure(client: httpx.Client, server: int) -> None:
    photo = dense_photo()
    names = [begin_and_stop(client, photo) for _ in range(UPLOADS)]
    time.sleep(1.0)  # what was stopped may take a second to end
    before = cpu_seconds(server)
    time.sleep(QUIET_SECONDS)
    after = cpu_seconds(server)
    used = sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
    print(f"CPU in {QUIET_SECONDS:g} s after the last stop: {used:.2f} s")
    print(f"memory of all processes: {memory_mb(server):.0f} MB")
    upload = {"files": {"photo": ("dense.png", photo, "image/png")}}
    for label, method, path, more in (
        ("search", "GET", "/v1/search?q=Lisboa", {}),
        ("photo", "GET", f"/v1/cases/{names[0]}/photo", {}),
        ("list", "GET", "/v1/cases", {}),
        ("upload", "POST", "/v1/cases", upload),
    ):
        print(f"{label}: {seconds_of(client, method, path, **more):.2f} s", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "geoagent_graph.cli", "serve", "--port", "0"]
        served = subprocess.Popen(
            [*command, "--home", str(Path(home))], stdout=subprocess.PIPE, text=True
        )
        try:
            assert served.stdout is not None
            found = re.search(r"http://\S+", served.stdout.readline())
            assert found is not None
            with httpx.Client(base_url=found[0], timeout=PATIENCE_SECONDS) as client:
                measure(client, served.pid)
        finally:
            served.terminate()
            served.wait()


if __name__ == "__main__":
    main()
