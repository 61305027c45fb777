"""The pace of many photos: none before it is known, recent photos alone, times for people."""

import pytest

from geoagent_graph.render.terminal import pace
from geoagent_graph.render.terminal.pace import Pace, duration


def test_the_pace_is_that_of_the_last_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    counted = Pace(1000)
    words = []
    for _ in range(200):  # kept from before: at once
        words.append(counted.after_photo())
    for _ in range(100):
        now[0] += 2.0
        words.append(counted.after_photo())
    assert words[:2] == ["", ""]
    assert words[-1] == " (2.0 s each, 23 min left)"
    now[0] += 0.0
    assert Pace(1).after_photo() == ""


def test_the_last_photo_leaves_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(pace, "monotonic", lambda: now[0])
    counted, words = Pace(4), []
    for _ in range(4):
        now[0] += 0.25
        words.append(counted.after_photo())
    assert words == ["", "", " (4.0/s, 0 s left)", ""]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (11_100, "3 h 5 min")],
)
def test_times_are_said_in_the_unit_that_suits_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
