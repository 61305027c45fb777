"""Internet domains, and what is none."""

import pytest

from geoagent_graph.evidence.sources.domains import domain_clues, domain_likelihood
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


@pytest.mark.parametrize(
    "line",
    ["youtu.be/abc12", "redd.it/x7dk2", "spoti.fi/3xYz", "pin.it/4aBcD", "cd.it/x1", "xyz.de/a1B2"],
)
def test_a_short_link_is_of_no_country(line: str) -> None:
    clues = [c for c in domain_clues([text_clue(line)], model().town_table) if c.kind == "domain"]
    assert all("country_code" not in clue.attributes for clue in clues)


@pytest.mark.parametrize("line", ["spiegel.de/politik", "rathaus.at/info", "www.orf.at"])
def test_a_page_of_a_site_is_no_short_link(line: str) -> None:
    clues = [c for c in domain_clues([text_clue(line)], model().town_table) if c.kind == "domain"]
    assert all("country_code" in clue.attributes for clue in clues)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("www.studio.tv", False),
        ("www.startup.io", False),
        ("www.shop.co", False),
        ("www.chat.ai", False),
        ("www.about.me", False),
        ("www.radio.fm", False),
        ("www.tienda.com.co", True),
        ("www.hotel.is", True),
        ("www.trattoria.it", True),
    ],
)
def test_endings_that_all_the_world_uses_say_nothing(line: str, says: bool) -> None:
    table = model().town_table
    clues = [clue for clue in domain_clues([text_clue(line)], table) if clue.kind == "domain"]
    assert len(clues) == 1
    assert (domain_likelihood(clues[0], table) is not None) is says
