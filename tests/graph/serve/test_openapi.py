"""The description of the API: a client made from it sends photos and reads what comes back."""

import io
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiopenapi3 import OpenAPI
from pydantic import SecretStr

from geoagent_graph.serve.limits import Address
from tests.support.app_client import app_client
from tests.support.cases import photo_bytes
from tests.support.serving import serving


def schema_of(folder: Path, token: str | None = None) -> dict[str, Any]:
    secret = None if token is None else SecretStr(token)
    client = app_client(folder, address=Address(token=secret))
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    schema: dict[str, Any] = client.get("/openapi.json", headers=shown).json()
    return schema


@pytest.mark.parametrize("body", ["Body_begin", "Body_locate"])
def test_uploads_are_binary_in_the_words_of_generators(tmp_path: Path, body: str) -> None:
    photo = schema_of(tmp_path)["components"]["schemas"][body]["properties"]["photo"]
    assert (photo["type"], photo["format"]) == ("string", "binary")
    assert "contentMediaType" not in photo


def test_a_list_of_uploads_is_binary_too(tmp_path: Path) -> None:
    schemas = schema_of(tmp_path)["components"]["schemas"]
    photos = schemas["Body_begin_trip"]["properties"]["photos"]
    assert photos["items"] == {"type": "string", "format": "binary"}


def test_every_response_says_what_it_holds(tmp_path: Path) -> None:
    for path, operations in schema_of(tmp_path)["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                for kind, content in response.get("content", {}).items():
                    whole = "schema" in content or kind == "text/event-stream"
                    assert whole, (path, status, kind)


def test_files_are_offered_as_plain_bytes_first(tmp_path: Path) -> None:
    paths = schema_of(tmp_path)["paths"]
    for name, own in (("photo", "image/jpeg"), ("trace", "application/x-ndjson")):
        content = paths[f"/v1/cases/{{case}}/{name}"]["get"]["responses"]["200"]["content"]
        assert list(content) == ["application/octet-stream", own]


def test_a_token_is_asked_for_everywhere_but_by_probes(tmp_path: Path) -> None:
    with_token, without = schema_of(tmp_path, "0123456789abcdef"), schema_of(tmp_path)
    assert with_token["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert with_token["paths"]["/v1/cases"]["post"]["security"] == [{"token": []}]
    assert without["paths"]["/v1/cases"]["post"]["security"] == [{}, {"token": []}]
    for probe in ("/healthz", "/readyz"):
        assert with_token["paths"][probe]["get"]["security"] == []


def test_a_generated_client_makes_a_case_and_reads_its_answer(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        described = live.client.get("/openapi.json").text
        api: Any = OpenAPI.loads(live.url, described, session_factory=httpx2.Client)
        photo = ("a.png", io.BytesIO(photo_bytes()), "image/png")
        begun = api._.begin(data=[("photo", photo)])
        ended = api._.show(parameters={"case": begun.id, "wait": 60})
        assert (ended.status, ended.answer.root.place.city) == ("answered", "Lisbon")
        photo = ("a.png", io.BytesIO(photo_bytes()), "image/png")
        photos = [
            ("photos", (f"{n}.png", io.BytesIO(photo_bytes((n, 1, 2))), "image/png"))
            for n in (1, 2)
        ]
        trip = api._.begin_trip(parameters={"wait": 60}, data=photos)
        assert (trip.status, trip.photos[0].joint.root.level) == ("answered", "city")
        located = api._.locate(data=[("photo", photo), ("use_exif", "false")])
        assert located.answer.root.place.country_code == "PT"
