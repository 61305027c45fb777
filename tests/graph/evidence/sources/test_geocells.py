"""The look of a photo, as a classifier scored it, over countries and boxes of the world."""

import numpy as np
import pytest

from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.sources.geocells import geocell_likelihood
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.perception.clues import geocell_clues
from geoagent_graph.protocols import Geocell, GeocellScore
from geoagent_graph.types import Clue, Reference
from tests.support.evidence_cases import model
from tests.support.small_gazetteer import BERLIN, LABASA, LISBON, MADRID, WAIYEVO, small_town_table

SCORES = [
    GeocellScore(Geocell(country_code="PT"), 1.5),
    GeocellScore(Geocell(box=(-90.0, -180.0, 90.0, 0.0)), -0.5),
    GeocellScore(Geocell(box=(-90.0, 0.0, 90.0, 180.0)), 0.25),
]


def weighed(clue: Clue) -> Floats:
    towns = small_town_table()
    likelihood = geocell_likelihood(Observations.of([clue]), towns)
    assert likelihood is not None
    return likelihood.at(np.arange(len(towns)), towns.country)


def mixed(log: float) -> float:
    share = parameters().geocells.uninformative
    return float(np.log((1 - share) * np.exp(log) + share))


def test_a_country_that_is_a_cell_is_not_in_the_box_around_it() -> None:
    logs = weighed(geocell_clues(SCORES, "test/1")[0])
    assert logs[LISBON] == pytest.approx(mixed(1.5))
    assert logs[MADRID] == pytest.approx(mixed(-0.5))
    assert logs[BERLIN] == pytest.approx(mixed(0.25))
    assert (logs[LABASA], logs[WAIYEVO]) == pytest.approx((mixed(0.25), mixed(-0.5)))


def test_the_clue_says_what_the_photo_looks_like() -> None:
    clue = geocell_clues(SCORES, "test/1")[0]
    assert clue.text == (
        "looks most like the reference photos from PT; 90° S to 90° N, 0° E to 180° E; "
        "90° S to 90° N, 180° W to 0° E"
    )
    assert geocell_clues([], "test/1") == []


@pytest.mark.parametrize(
    "attributes",
    [
        {"countries": "PT=nan ES=inf XX=1 =2 PT", "boxes": "a,b,c,d=1 1,2,3=4 nan,0,1,1=2"},
        {"countries": "PT=1e999", "boxes": "="},
        {"countries": "", "boxes": ""},
    ],
)
def test_scores_that_are_none_say_nothing(attributes: dict[str, str]) -> None:
    clue = Clue(id="c", kind="geocells", text="t", source="s", attributes=attributes)
    assert weighed(clue).tolist() == [0.0] * len(small_town_table())


def test_no_score_rules_a_place_out() -> None:
    clue = geocell_clues([GeocellScore(Geocell(country_code="PT"), -1e6)], "test/1")[0]
    assert weighed(clue)[LISBON] == pytest.approx(np.log(parameters().geocells.uninformative))


def test_an_embedding_that_a_classifier_weighed_is_not_counted_twice() -> None:
    references = [
        Reference(id=f"r{n}", score=0.6, lat_deg=38.7, lon_deg=-9.1 + n) for n in range(9)
    ]
    clues = geocell_clues(SCORES, "test/1")
    sources = [item.source for item in model().weigh(clues, references).posterior.likelihoods]
    assert sources == ["geocells"]
