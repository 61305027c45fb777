"""A postal code beside a name, and the figures that are none."""

import pytest

from geoagent_graph.evidence.names.address import is_in_address
from geoagent_graph.evidence.names.name_candidates import NameCandidate
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.geo.names import fold
from tests.support.evidence_cases import Case, model, observed


def in_address(line: str, name: str) -> bool:
    start = line.index(name)
    span = NameCandidate(name, fold(name), start, start + len(name), len(name.split()))
    return is_in_address(line, span, model().town_table)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("80331 München", "München"),
        ("CH-8001 Zürich", "Zürich"),
        ("1010 Wien", "Wien"),
        ("110 00 Praha", "Praha"),
        ("London SW1A 1AA", "London"),
        ("Springfield, IL 62701", "Springfield"),
        ("NAPLES, FL", "NAPLES"),
        ("B-2000 Antwerpen", "Antwerpen"),
    ],
)
def test_addresses(line: str, name: str) -> None:
    assert in_address(line, name)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("2016 Sofia", "Sofia"),
        ("Est. 1987 London", "London"),
        ("1912 Verona", "Verona"),
        ("803310 London", "London"),  # no country with a London writes six figures
        ("LONDON 18958 KM", "LONDON"),
        ("Roma 12345 km", "Roma"),
    ],
)
def test_years_and_distances_are_no_postal_codes(line: str, name: str) -> None:
    assert not in_address(line, name)


@pytest.mark.parametrize("line", ["2016 Sofia", "Est. 1987 London", "1912 Verona", "2019 Lyon"])
def test_a_year_before_a_word_is_no_postal_code(line: str) -> None:
    assert not [clue for clue in observed(Case(line)) if clue.kind == "postal_code"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("LONDON 18958 KM", "PARIS 16950 KM", "NEW YORK 14320 KM"), "GB"),
        (("SYDNEY 16983 km", "ROMA 1434 km"), "AU"),
        (("Tokyo 9.300 km", "Berlin 1.200 km"), "JP"),
    ],
)
def test_a_signpost_to_the_world_stands_far_away(lines: tuple[str, ...], code: str) -> None:
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    assert posterior.country_probability[model().town_table.number_of[code]] < 0.1
    assert posterior.country_probability.max() < parameters().thresholds.country
