"""The OpenAPI of `geoagent serve`: complete, and kept to whatever comes (schemathesis)."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.serving import Live, serving

LIMITS = {
    "requests_per_minute": 1_000_000,
    "stream_seconds": 0.05,  # schemathesis reads streams to their end
    "upload_bytes": 100_000,
    "waiting": 10_000,
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("home"), limits=LIMITS) as server:
        yield server


@pytest.fixture(scope="module")
def known(live: Live) -> list[str]:
    """Cases in several states: answered, waiting for a reply."""
    waiting = live.begin(wait=False, ask="always")
    live.until(waiting, "waiting")
    return [live.begin(), waiting]


@pytest.fixture(scope="module")
def api_schema(live: Live, known: list[str]) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{live.url}openapi.json")


# the server's own thread draws random numbers while hypothesis looks on
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_no_request_brings_a_server_error(api_schema: BaseSchema, known: list[str]) -> None:
    tried: dict[str, Counter[int]] = {}
    for found in sorted(api_schema.get_all_operations(), key=_deletes):
        assert isinstance(found, Ok), found
        tried[found.ok().label] = _tried(found.ok(), known)
    assert len(tried) >= 20
    assert all(statuses for statuses in tried.values())
    fine = {label for label, statuses in tried.items() if any(code < 300 for code in statuses)}
    assert len(fine) >= 15, tried  # it did not only knock at closed doors


def _deletes(found: object) -> bool:
    """Return what puts deletions last: the other routes need the cases."""
    return isinstance(found, Ok) and found.ok().label.startswith("DELETE")


def _tried(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], known: list[str]
) -> Counter[int]:
    """Return how often each status came back; every response has been checked."""
    statuses: Counter[int] = Counter()
    turns = itertools.cycle(range(4))

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case[Any]) -> None:
        _aim(case, known, next(turns))
        statuses[case.call_and_validate(checks=CHECKS, timeout=120).status_code] += 1

    check()
    return statuses


def _aim(case: schemathesis.Case[Any], known: list[str], turn: int) -> None:
    """Let three of four requests speak of a case that there is, two of them of its main branch."""
    if not turn or "case" not in (case.path_parameters or {}):
        return
    case.path_parameters["case"] = known[turn % 2]
    if "branch" in (case.query or {}) and turn > 1:
        case.query["branch"] = "main"
    if (case.query or {}).get("format") == "pdf":
        case.query["format"] = "html"  # a browser takes seconds each time


def test_every_route_is_described(live: Live) -> None:
    described = live.client.get("/openapi.json").json()
    routes = {
        (path, method): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert len(routes) >= 20
    for (path, method), operation in routes.items():
        assert operation["summary"], path
        assert operation["description"], path
        for parameter in operation.get("parameters", []):
            assert set(re.findall(r"{(\w+)}", path)) >= {
                p["name"] for p in operation["parameters"] if p["in"] == "path"
            }
            assert parameter["schema"], path
        answers = operation["responses"]
        good = next(code for code in answers if code.startswith("2"))
        assert good == "204" or answers[good]["content"], (path, method)
        for code in ("401", "403", "421", "422", "429"):
            content = answers[code]["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert described["components"]["schemas"]["Problem"]["properties"].keys() == {
        "type",
        "title",
        "status",
        "detail",
    }
    assert "HTTPValidationError" not in str(described["paths"])


def test_the_description_loads_nothing_from_elsewhere(live: Live) -> None:
    assert live.client.get("/docs").status_code == 404
    assert live.client.get("/redoc").status_code == 404
    addresses = re.findall(r"https?://[^\"'\s]+", live.client.get("/openapi.json").text)
    assert addresses == []
