"""What is known of a photo before its case begins, as a form says it."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.serve.begin_case import known_of
from tests.support.app_client import app_client
from tests.support.serving import photo


@pytest.mark.parametrize(
    "near",
    ["41.5514,-8.4231,40", "8CHHHH2G+H7,40", "https://maps.apple.com/?ll=41.5514,-8.4231,40"],
)
def test_a_circle_is_given_in_any_form_of_a_position(near: str) -> None:
    circle = known_of(near, "", "")["near"]
    assert (circle.lat_deg, circle.lon_deg) == pytest.approx((41.5514, -8.4231), abs=2e-3)
    assert circle.radius_km == 40


@pytest.mark.parametrize(
    ("near", "countries", "said"),
    [("Braga", "", "near: "), ("95,0,1", "", "near: lat_deg"), ("", "XX", "countries: XX")],
)
def test_what_cannot_be_read_names_its_field(near: str, countries: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        known_of(near, countries, "")


@pytest.mark.parametrize("where", ["/v1/cases", "/v1/locate", "/v1/trips"])
def test_a_field_that_would_count_for_nothing_is_refused(tmp_path: Path, where: str) -> None:
    field = "photos" if where == "/v1/trips" else "photo"
    with app_client(tmp_path) as client:
        for wrong in ("country", "wait"):
            refused = client.post(where, files={field: photo()}, data={wrong: "PT"})
            assert refused.status_code == 422
            assert f"{wrong}: is not known here; a form takes {field}, " in refused.json()["detail"]
        assert client.get("/v1/cases").json()["total"] == 0


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"data": {"photo": "x" * 5000}, "files": {"other": b""}}, "is sent as a file, with its"),
        ({"files": [("photo", photo()), ("photo", photo())]}, "too many files"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "no boundary"),
        (
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            "the form cannot be read",
        ),
    ],
)
def test_what_is_wrong_with_a_form_is_said(tmp_path: Path, sent: Any, words: str) -> None:
    with app_client(tmp_path) as client:
        refused = client.post("/v1/cases", **sent)
        assert (refused.status_code, words in refused.json()["detail"]) == (400, True)
