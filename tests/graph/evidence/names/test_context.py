"""What surrounds a name on a sign, and the distances of direction signs."""

import pytest

from geoagent_graph.evidence.names.context import Context, context_of, name_before_figure
from geoagent_graph.evidence.names.name_candidates import NameCandidate
from geoagent_graph.geo.names import fold


def context(
    line: str, name: str, *neighbours: str, listed: bool = False
) -> tuple[str, float | None]:
    """Return the context of a name in a line."""
    start = line.index(name)
    span = NameCandidate(name, fold(name), start, start + len(name), len(name.split()))
    return context_of(line, span, list(neighbours), listed=listed)


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ("80331 München", "München", "address"),
        ("Springfield, IL 62701", "Springfield", "address"),
        ("Lisboa", "Lisboa", "plain"),
        ("Welcome to Springfield", "Springfield", "town_sign"),
        ("→ Porto", "Porto", "towards"),
        ("Ausfahrt Bremen", "Bremen", "towards"),
        ("Rua Porto", "Porto", "street"),
        ("Restaurant Roma", "Roma", "trade"),
        ("Made in Bremen", "Bremen", "origin"),
        ("this is the way we went from Bremen", "Bremen", "sentence"),
        ("Toyota", "Toyota", "ordinary"),
        ("Xyzzy Porto", "Porto", "among"),
        ("I ♥ Porto", "Porto", "trade"),  # a shirt, a bag
        ("I Porto", "Porto", "trade"),  # its heart is not read
        ("Ich liebe Bremen", "Bremen", "trade"),
    ],
)
def test_contexts(line: str, name: str, expected: Context) -> None:
    assert context(line, name) == (expected, None)


def test_a_business_on_the_next_line_counts() -> None:
    assert context("Roma", "Roma", "Ristorante") == ("beside_trade", None)


def test_a_town_beside_its_telephone_number_is_an_address() -> None:
    for line in ("Porto, Tel. 222 003 887", "Porto Tel. 222 003 887", "Porto +351 222 003 887"):
        assert context(line, "Porto") == ("contact", None)
    assert context("Porto", "Porto", "Tel. 222 003 887") == ("contact", None)
    assert context("Rua Porto", "Porto", "Tel. 222 003 887") == ("street", None)
    assert context("Porto", "Porto", "Rua Direita, Tel. 222 003 887") == ("plain", None)


@pytest.mark.parametrize(
    ("line", "distance_km"),
    [("Porto 120 km", 120.0), ("Porto 2,5 km", 2.5), ("12 miles Porto", 12 * 1.609)],
)
def test_a_figure_with_a_unit_is_a_distance(line: str, distance_km: float) -> None:
    found, km = context(line, "Porto")
    assert found == "towards"
    assert km == pytest.approx(distance_km)


def test_a_bare_figure_is_a_distance_on_a_list_of_towns_only() -> None:
    assert context("Porto 120", "Porto") == ("plain", None)
    assert context("Porto 120", "Porto", listed=True) == ("towards", 120.0)
    assert context("Porto 1", "Porto", listed=True) == ("plain", None)  # a lane, a bus


@pytest.mark.parametrize(
    ("line", "name"),
    [("Lyon 120", "lyon"), ("Saint-Étienne ... 60 →", "saint etienne"), ("Lyon", ""), ("120", "")],
)
def test_the_name_before_a_figure(line: str, name: str) -> None:
    assert name_before_figure(line) == name
