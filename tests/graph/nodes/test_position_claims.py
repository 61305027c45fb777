"""What an answer says of a position in the file: contradictions by signs, borders, far towns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.nodes.position_claims import position_warnings
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.protocols import PointEstimate
from geoagent_graph.testing import PORTUGAL, SPAIN, FixedEvidence, scripted_toolbox
from geoagent_graph.types import Clue, Evidence, Place, Reference
from tests.support.evidence_cases import exif_clue
from tests.support.node_runs import text_line
from tests.support.split_geocoder import SplitGeocoder

HERE = PointEstimate(41.0, -9.0, 0.05)


@dataclass(frozen=True)
class CountryEvidence(FixedEvidence):
    """Says the same of every place of a country: `by_country` holds the log ratios of two signs."""

    by_country: dict[str, tuple[float, float]] = field(default_factory=dict)

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        """Return two lines of evidence, and one that corrects their sum."""
        del within, references
        assert all(clue.kind != "exif_position" for clue in clues)
        values = (*self.by_country[candidate.country_code or ""], -9.0)
        return [
            Evidence(place_id=candidate.id, source=source, log_lr=log_lr, reason=f"the {source}")
            for source, log_lr in zip(("phone", "language", "together"), values, strict=True)
        ]


async def warnings_of(
    answer: PointEstimate = HERE,
    portugal: tuple[float, float] = (0.0, 0.0),
    spain: tuple[float, float] = (0.0, 0.0),
    within: Place | None = PORTUGAL,
    claim: Clue | None = None,
    geocoder: SplitGeocoder | None = None,
) -> list[str]:
    """Return what is said of a position at 41, -9 beside one line of text."""
    tools = scripted_toolbox(
        evidence=CountryEvidence(by_country={"PT": portugal, "ES": spain}),
        geocoder=geocoder or SplitGeocoder(larger=(PORTUGAL, SPAIN)),
    )
    clues = [claim or exif_clue(41.0, -9.0), text_line("Bar")]
    recorder = Recorder("answer", None)
    said = await position_warnings(clues, within, answer, tools, recorder)
    return [*recorder.warnings, *said]


async def test_nothing_is_said_of_a_position_that_nothing_speaks_against() -> None:
    assert await warnings_of() == []


async def test_english_is_the_sign_of_no_other_country() -> None:
    # less likely here than in the world, but not much likelier in any one country
    assert await warnings_of(portugal=(0.0, -1.5), spain=(0.0, 1.5)) == []


async def test_a_sign_of_another_country_is_said() -> None:
    assert await warnings_of(portugal=(-1.5, 0.0), spain=(4.0, 0.0)) == [
        "the file claims 41.0, -9.0: what else was found speaks against it: the phone"
    ]


async def test_an_answer_elsewhere_names_both_places_and_why() -> None:
    away = PointEstimate(40.0, -3.7, 20.0)
    said = await warnings_of(away, portugal=(-2.0, 1.0), spain=(3.0, 1.2), within=SPAIN)
    assert said == [
        "the file claims 41.0, -9.0 (Porto, Portugal), 462 km from the answer: what the photo "
        "shows says otherwise: the phone"
    ]


async def test_an_answer_elsewhere_for_another_reason_is_no_contradiction() -> None:
    away = PointEstimate(40.0, -3.7, 20.0)
    assert await warnings_of(away, within=SPAIN) == [
        "the file claims 41.0, -9.0 (Porto, Portugal), 462 km from the answer, though nothing that "
        "the photo shows speaks against it"
    ]


@pytest.mark.parametrize(("radius_km", "whose"), [(0.05, "map"), (3.0, "position")])
async def test_a_border_within_the_error_is_said(radius_km: float, whose: str) -> None:
    at_border = PointEstimate(0.0, -0.005, radius_km)  # half a kilometre
    (said,) = await warnings_of(at_border, claim=exif_clue(0.0, -0.005))
    assert f"the border with Spain is within {max(2.0, radius_km)} km" in said
    assert f"the error of the {whose}: it may be another country than Portugal" in said


async def test_a_far_town_is_said_to_be_far() -> None:
    assert await warnings_of(geocoder=SplitGeocoder(larger=(), away_km=71.2)) == [
        "the file claims 41.0, -9.0: 71 km from the nearest town, Porto"
    ]


async def test_a_geocoder_that_fails_is_said_to() -> None:
    failing = SplitGeocoder(larger=(), error=ToolError("no map"))
    assert await warnings_of(geocoder=failing) == [
        "geocoder.reverse failed, the answer goes without it: no map"
    ]
