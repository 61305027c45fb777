"""Internet domains, and what is none."""

import pytest

from geoagent_graph.evidence.sources.domains import domain_clues
from tests.support.evidence_cases import model, text_clue


@pytest.mark.parametrize(
    ("line", "country"),
    [
        ("www.example.de", "DE"),
        ("info@kavarna-radnice.cz", "CZ"),
        ("shop.co.uk", "GB"),
        ("WWW.HOTEL.PT", "PT"),
        ("museum.berlin", "DE"),
        ("www.startup.com", ""),
    ],
)
def test_domains(line: str, country: str) -> None:
    clues = [c for c in domain_clues([text_clue(line)], model().town_table) if c.kind == "domain"]
    assert [clue.attributes.get("country_code", "") for clue in clues] == [country]


@pytest.mark.parametrize("line", ["Str.Nr", "St.John", "ul.pl", "12.30", "a.b", "Ende.Neu"])
def test_what_is_no_domain(line: str) -> None:
    assert domain_clues([text_clue(line)], model().town_table) == []
