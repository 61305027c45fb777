"""Web geocoders: requests are spaced, answers kept, failures named."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from geoagent_training.errors import ServiceError
from geoagent_training.rewards import web_geocoder
from geoagent_training.rewards.web_geocoder import WebGeocoder

PARIS = ("France", "Île-de-France", "Paris")


def test_trailing_fields_are_dropped_and_answers_kept_on_disk(
    serve: Callable[..., str], tmp_path: Path
) -> None:
    asked = []

    def answer(path: str, body: object) -> tuple[int, object]:
        text = parse_qs(urlsplit(path).query)["q"][0]
        asked.append(text)
        return 200, [{"lat": "46.0", "lon": "2.0"}] if text == "France" else []

    url = serve(answer)
    for _ in range(2):
        geocoder = WebGeocoder(
            "nominatim", tmp_path / "n.sqlite", base_url=url, seconds_between=0.0
        )
        points = geocoder.resolve([PARIS, ("", "", "")])
        np.testing.assert_allclose(points, [[46.0, 2.0], [np.nan, np.nan]])
    assert asked == ["Paris, Île-de-France, France", "Île-de-France, France", "France"]


def test_opencage_replies_are_read_and_requests_are_spaced(
    serve: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, waits = [100.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    monkeypatch.setattr(web_geocoder, "time", clock)
    reply = {"results": [{"geometry": {"lat": 48.85, "lng": 2.35}}]}
    geocoder = WebGeocoder(
        "opencage",
        tmp_path / "o.sqlite",
        key="k",
        base_url=serve(lambda path, body: (200, reply)),
        seconds_between=20.0,
    )
    geocoder.resolve([PARIS, ("Spain", "", ""), ("Italy", "", "")])
    assert waits == pytest.approx([20.0, 20.0])


@pytest.mark.parametrize("reply", [(500, "x"), (200, "x"), (200, [{"lat": 99, "lon": 0}])])
def test_a_service_that_fails_is_named(
    serve: Callable[..., str], tmp_path: Path, reply: tuple[int, object]
) -> None:
    url = serve(lambda path, body: reply)
    geocoder = WebGeocoder("nominatim", tmp_path / "n.sqlite", base_url=url, seconds_between=0.0)
    with pytest.raises(ServiceError, match="nominatim at http"):
        geocoder.resolve([PARIS])
