"""Countries as the signs of embassies name them."""

import pytest

from geoagent_graph.evidence.names.nations import nations_in


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("de France", {"FR"}),
        ("d'Italia", {"IT"}),
        ("Ambasada Polski", {"PL"}),
        ("Norwegian Embassy", {"NO"}),
        ("British", {"GB"}),
        ("США", {"US"}),
        ("России", {"RU"}),
        ("日本大使館", {"JP"}),
        ("ญี่ปุ่น", {"JP"}),
        ("Argentina", {"AR"}),
        ("Niger", {"NE"}),
        ("Austria", {"AT"}),
        ("Visa Section", set()),
        ("Nord", set()),
        ("", set()),
    ],
)
def test_nations(text: str, codes: set[str]) -> None:
    assert set(nations_in(text)) == codes
