"""The clients of `benchmarks/soak.py`: uploads, some of them cancelled, and standing streams."""

import asyncio
import io
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from PIL import Image, ImageDraw

CUT_EVERY = 10  # of these uploads one breaks off in the middle of its body
STOPPED_EVERY = 5  # and one is stopped as soon as it is begun
DENSE_EVERY = 25  # and one shows a page of small print, which is stopped too
STREAM_LIFE_SECONDS = (20.0, 90.0)
MAX_WAIT_SECONDS = 600.0


@dataclass
class Load:
    """What the clients did and were told; `promised` are the cases that a 201 answered."""

    client: httpx.AsyncClient
    url: str
    promised: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    upload_seconds: list[float] = field(default_factory=list)
    disk_is_full: bool = False
    ends: bool = False


async def upload_all(load: Load, first: int, uploads: int, seconds: float, at_once: int) -> None:
    """Send uploads evenly over some seconds, at most some of them at a time."""
    waiting = asyncio.Semaphore(at_once)
    began = time.monotonic()
    tasks = []
    for number in range(first, first + uploads):
        await asyncio.sleep(
            max(0.0, began + (number - first) * seconds / uploads - time.monotonic())
        )
        await waiting.acquire()
        task = asyncio.create_task(_send(load, number))
        task.add_done_callback(lambda _: waiting.release())
        tasks.append(task)
    await asyncio.gather(*tasks)


async def _send(load: Load, number: int) -> None:
    """Send one upload in the way of its number and note what became of it."""
    try:
        if number % CUT_EVERY == 1:
            await _break_off(load.url, _photo(number))
            load.counts["broken off"] += 1
        elif number % DENSE_EVERY == 2:
            await _begin(load, number, _page(number), stop=True)
        else:
            await _begin(load, number, _photo(number), stop=number % STOPPED_EVERY == 3)
    except (httpx.HTTPError, OSError) as error:
        load.counts[f"no reply: {type(error).__name__}"] += 1


async def _begin(load: Load, number: int, photo: bytes, *, stop: bool) -> None:
    case = await begin_case(load, number, photo)
    if case is None:
        return
    if stop:
        await load.client.post(f"/v1/cases/{case}/stop")
        load.promised[case] = "stopped"
        load.counts["stopped"] += 1
    else:
        await follow(load, case)


async def begin_case(load: Load, number: int, photo: bytes | None = None) -> str | None:
    """Return the id of the case that an upload begins, None where the server refuses it."""
    ends = time.monotonic() + MAX_WAIT_SECONDS
    content = photo or _photo(number)
    while time.monotonic() < ends:
        began = time.monotonic()
        made = await load.client.post("/v1/cases", files={"photo": (f"{number}.png", content)})
        if made.status_code == 429:
            load.counts["asked to come back"] += 1
            await asyncio.sleep(int(made.headers["Retry-After"]))
            continue
        load.upload_seconds.append(time.monotonic() - began)
        if made.status_code == 201:
            case = str(made.json()["id"])
            load.promised[case] = "begun"
            return case
        full = " (disk full)" if load.disk_is_full else ""
        load.counts[f"refused with {made.status_code}{full}"] += 1
        return None
    load.counts["never let in"] += 1
    return None


async def follow(load: Load, case: str) -> None:
    """Listen to a case until its answer, or until its run has failed or the load ends."""
    async with load.client.stream("GET", f"/v1/cases/{case}/events") as reply:
        async for line in reply.aiter_lines():
            if '"status":"answered"' in line and line.startswith("data: "):
                load.promised[case] = "answered"
                load.counts["answered"] += 1
                return
            if '"status":"failed"' in line and line.startswith("data: "):
                full = " (disk full)" if load.disk_is_full else ""
                load.counts[f"run failed{full}"] += 1
                return
            if load.ends:
                return
    load.counts["stream ended early"] += 1


async def get_patiently(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Return the reply to a question, asked again when the server says to come back."""
    for _ in range(100):
        reply = await client.get(path)
        if reply.status_code != 429:
            break
        await asyncio.sleep(int(reply.headers["Retry-After"]))
    return reply


async def standing_stream(load: Load) -> None:
    """Listen to one known case after the other, and go away without a word each time."""
    while not load.ends:
        case = random.choice(list(load.promised))
        life = random.uniform(*STREAM_LIFE_SECONDS)
        try:
            async with load.client.stream("GET", f"/v1/cases/{case}/events") as reply:
                load.counts[f"streams: {reply.status_code}"] += 1
                async with asyncio.timeout(life):
                    async for _ in reply.aiter_lines():
                        pass
        except (TimeoutError, httpx.HTTPError):
            await asyncio.sleep(0.5)


async def _break_off(url: str, photo: bytes) -> None:
    """Send half of an upload and close the connection."""
    host = urlsplit(url)
    head = (
        f"POST /v1/cases HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Length: {len(photo) + 150}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="photo"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(host.hostname, host.port)
    writer.write(head.encode() + photo[: len(photo) // 2])
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def _photo(number: int) -> bytes:
    """Return a small photo with one line of text, unlike every other."""
    image = Image.new("RGB", (320, 240), (number % 200 + 20, number // 200 % 200, 160))
    ImageDraw.Draw(image).text((60, 100), f"Rua {number}", fill="white", font_size=36)
    return _png(image)


def _page(number: int) -> bytes:
    """Return a photo of 1,600 pixels full of small print: much to read, and not wanted for long."""
    image = Image.new("RGB", (1600, 1600), (240, 240, 240))
    draw = ImageDraw.Draw(image)
    for line in range(80):
        words = " ".join(
            f"{random.Random(number * 97 + line + i).getrandbits(24):06x}" for i in range(22)
        )
        draw.text((10, line * 20), words, fill="black", font_size=14)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
