from typing import TYPE_CHECKING, cast

from geoagent_evaluation.runs.gazetteer import AgentGazetteer

from geoagent_graph.geo.found_places import FoundPlace

if TYPE_CHECKING:
    from geoagent_graph.geo.geocoder import OfflineGeocoder


class OneTown:
    """A geocoder that knows Lyon, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find(self, name: str, limit: int = 10) -> list[FoundPlace]:
        """Return Lyon for "Lyon, France" alone."""
        self.asked.append(name)
        lyon = FoundPlace(
            id="2996944", level="city", kind="town", name="Lyon", continent_code="EU",
            country_codes=("FR",), country="France", region=None, lat_deg=45.75, lon_deg=4.85,
            radius_km=None, population=500_000, matched=name, similarity=1.0, full_name="Lyon",
            passed_over=(), is_ambiguous=False,
        )  # fmt: skip
        return [lyon] if name == "Lyon, France" else []


def test_what_is_not_known_in_front_is_passed_over_and_asked_once() -> None:
    geocoder = OneTown()
    gazetteer = AgentGazetteer(cast("OfflineGeocoder", geocoder))
    for _ in range(2):
        found = gazetteer.find("12 Unheard Street, Lyon, France")
        assert found is not None
        assert (found.lat_deg, found.lon_deg, found.level, found.country) == (
            45.75, 4.85, "city", "FR",
        )  # fmt: skip
    assert geocoder.asked == ["12 Unheard Street, Lyon, France", "Lyon, France"]
    assert gazetteer.find("Nowhere, Atlantis") is None
