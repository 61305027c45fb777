"""The application: what it says of itself, its guards around every route, and its OpenAPI."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from geoagent_graph.serve.app import about_of
from geoagent_graph.serve.limits import Address, Limits
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.version import package_version
from tests.support.app_client import app_client

SECRET = "0123456789abcdef"


def test_it_names_its_index_without_the_folders_of_its_machine(tmp_path: Path) -> None:
    about = app_client(tmp_path).get("/v1/about")
    assert (about.json()["index"], about.json()["version"]) == ("index", package_version())
    assert "anna" not in about.text


def test_without_an_index_or_a_model_it_names_none() -> None:
    about = about_of(scripted_toolbox(), Limits(running=3), {})
    assert (about.index, about.model, about.limits.running) == (None, None, 3)


@pytest.mark.parametrize("path", ["/", "/v1/about", "/v1/cases", "/static/page.js", "/nothing"])
def test_every_path_is_behind_the_token_and_has_the_headers(tmp_path: Path, path: str) -> None:
    client = app_client(tmp_path, address=Address(token=SecretStr(SECRET)))
    refused = client.get(path)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.headers["x-frame-options"] == "DENY"
    shown = client.get(path, headers={"Authorization": f"Bearer {SECRET}"})
    assert shown.status_code in (200, 404)


def test_a_host_name_that_was_made_to_point_here_is_refused(tmp_path: Path) -> None:
    refused = app_client(tmp_path).get("/v1/about", headers={"Host": "evil.example"})
    assert refused.status_code == 421


def test_openapi_describes_problems_and_formats_and_no_page_loads_scripts(tmp_path: Path) -> None:
    client = app_client(tmp_path)
    schema = client.get("/openapi.json").json()
    assert set(schema["components"]["schemas"]["Problem"]["properties"]) == {
        "type", "title", "status", "detail",
    }  # fmt: skip
    report = schema["paths"]["/v1/cases/{case}/report"]["get"]["responses"]
    assert "application/pdf" in report["200"]["content"]
    assert "/" not in schema["paths"]
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]
