"""How far a run is, in words."""

from geoagent_evaluation.runs.progress import Progress


def _lines(total: int, done: int, seconds: list[float], failed: int = 0) -> list[str]:
    times = iter([0.0, *seconds])
    said: list[str] = []
    progress = Progress(total, done, say=said.append, clock=lambda: next(times))
    for number in range(len(seconds)):
        progress.add(failed=number < failed)
    return said


def test_the_rate_and_what_is_left_are_said() -> None:
    assert _lines(200, 0, [5.0, 12.0]) == ["2 of 200 photos, 6.00 s each, 19:48 left"]


def test_photos_of_before_do_not_make_it_faster() -> None:
    said = _lines(100, 90, [20.0], failed=1)
    assert said == [
        "90 of 100 photos were located before, 10 are left",
        "91 of 100 photos, 1 failed, 20.00 s each, 3:00 left",
    ]


def test_the_end_is_always_said() -> None:
    assert _lines(2, 0, [0.5, 1.0]) == ["2 of 2 photos, 0.50 s each, 0:00 left"]
    assert "1:06:40 left" in _lines(2, 0, [4000.0])[0]
