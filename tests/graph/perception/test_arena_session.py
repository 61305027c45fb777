"""What the models that read text take of the memory goes back when a photo was read."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.perception.rapid_ocr import shared_engine

MEGABYTE = 1 << 20
PHOTO_SIDE_PX = 1000
MEASURE = f"""
import re
from pathlib import Path
import numpy as np
from geoagent_graph.settings import prepare_process
prepare_process()
from geoagent_graph.allocator import bound_memory
bound_memory()
from geoagent_graph.perception.arena_session import keep_arena
from geoagent_graph.perception.rapid_ocr import shared_engine

def resident(name):
    status = Path("/proc/self/status").read_text()
    return int(re.search(name + r":\\s+(\\d+) kB", status).group(1)) << 10

engine = shared_engine(1)
photo = np.zeros(({PHOTO_SIDE_PX}, {PHOTO_SIDE_PX}, 3), np.uint8)
engine.boxes(np.zeros((64, 64, 3), np.uint8))
before = resident("VmRSS")
engine.boxes(photo)
print(resident("VmHWM") - before, resident("VmRSS") - before)
with keep_arena(), keep_arena():
    engine.boxes(photo)
    print(resident("VmRSS") - before)
print(resident("VmRSS") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux")
def test_what_the_detector_needed_is_given_back_unless_somebody_keeps_it() -> None:
    command = [sys.executable, "-c", MEASURE]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    peak, left, kept, left_at_last = (int(number) / MEGABYTE for number in said.split())
    assert 100 < peak < 190  # in one piece; in several it is 210
    assert kept > 100
    assert max(left, left_at_last) < 30


def test_a_result_stays_whole_when_the_arena_is_given_back() -> None:
    engine = shared_engine(1)
    session = engine.detector().session
    image = np.random.default_rng(0).random((1, 3, 320, 320), dtype=np.float32)
    first = session(image)
    kept = first.copy()
    engine.boxes(np.zeros((640, 640, 3), np.uint8))
    assert np.array_equal(first, kept)
    assert np.array_equal(session(image), kept)
