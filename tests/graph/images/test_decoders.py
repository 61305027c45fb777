"""Decoding processes survive bad photos, are replaced when they die, and leave nothing behind."""

import io
import os
import signal
import threading
from pathlib import Path

import pytest
from PIL import Image

from geoagent_graph.errors import PhotoError
from geoagent_graph.images import decode
from geoagent_graph.images.decode import decode_photo
from geoagent_graph.images.decoders import DECODERS, DecodingProcesses
from geoagent_graph.settings import Settings
from tests.support.hostile_photos import many_scans, one_colour_webp


def _png(colour: str, size: tuple[int, int] = (40, 30)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def test_one_process_serves_many_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    started = DecodingProcesses()
    monkeypatch.setattr(decode, "DECODERS", started)
    settings = Settings()
    for colour, value in (("red", 255), ("black", 0), ("white", 255)):
        assert decode_photo(_png(colour), "p", settings).pixels[0, 0, 0] == value
        with pytest.raises(PhotoError):
            decode_photo(b"\x89PNG\r\n\x1a\nnot a photo", "bad", settings)
    assert len(started._idle) == 1
    started.close()


def test_a_process_that_died_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    started = DecodingProcesses()
    monkeypatch.setattr(decode, "DECODERS", started)
    decode_photo(_png("red"), "p", Settings())
    os.kill(started._idle[0]._process.pid, signal.SIGKILL)
    with pytest.raises(PhotoError, match="damaged or incomplete"):
        decode_photo(_png("red"), "p", Settings())
    assert decode_photo(_png("red"), "p", Settings()).width == 40
    started.close()


def test_a_slow_photo_is_given_up_and_its_processes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    started = DecodingProcesses()
    monkeypatch.setattr(decode, "DECODERS", started)
    settings = Settings(decode_seconds=0.001)
    with pytest.raises(PhotoError, match="took longer than"):
        decode_photo(_png("red", (3000, 3000)), "slow", settings)
    assert started._idle == []


def test_threads_never_share_a_reply() -> None:
    wrong: list[str] = []

    def work(colour: str, expected: tuple[int, int, int]) -> None:
        for _ in range(20):
            pixels = decode_photo(_png(colour), colour, Settings()).pixels
            if tuple(pixels[5, 5]) != expected:
                wrong.append(colour)

    jobs = [("red", (255, 0, 0)), ("lime", (0, 255, 0)), ("blue", (0, 0, 255))]
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_forked_child_leaves_the_parent_its_processes() -> None:
    decode_photo(_png("red"), "p", Settings())
    assert DECODERS._idle
    child = os.fork()
    if child == 0:
        os._exit(len(DECODERS._idle))
    assert os.waitpid(child, 0)[1] == 0
    assert decode_photo(_png("red"), "p", Settings()).height == 30


def test_nothing_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    decode_photo(_png("red"), "p", Settings())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux tells")
def test_a_decoding_process_knows_nothing_and_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEOAGENT_API_KEY", "a-word-to-hide")
    started = DecodingProcesses()
    monkeypatch.setattr(decode, "DECODERS", started)
    decode_photo(_png("red"), "p", Settings())
    process = Path(f"/proc/{started._idle[0]._process.pid}")
    assert (process / "environ").read_bytes() == b""
    assert "NoNewPrivs:\t1" in (process / "status").read_text()
    started.close()


def test_a_busy_machine_refuses_no_good_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    patience: list[float] = []

    class NoTimer:
        def __init__(self, seconds: float, function: object) -> None:
            patience.append(seconds)

        def start(self) -> None:
            """Do nothing."""

        cancel = start

    monkeypatch.setattr("geoagent_graph.workers.process.threading.Timer", NoTimer)
    started = DecodingProcesses()
    monkeypatch.setattr(decode, "DECODERS", started)
    decode_photo(_png("red"), "p", Settings(decode_seconds=3.0))
    assert patience == [30.0]  # on the wall; the CPU time is three seconds
    started.close()


def test_faults_of_costly_files_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PhotoError, match=r"^small: 32 bytes that claim 7680 x 7680 pixels, which"):
        decode_photo(one_colour_webp(), "small", Settings())
    with pytest.raises(PhotoError, match=r"^slow: made of far more parts than a photo is"):
        decode_photo(many_scans(200), "slow", Settings())
