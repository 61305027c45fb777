"""Places that a person names, and those in what they know of a photo."""

import pytest

from geoagent_graph.evidence.sources.named_place import towns_named
from geoagent_graph.types import Clue
from tests.support.evidence_cases import model


def named(name: str) -> Clue:
    text = f"a person names {name}"
    return Clue(id=name, kind="named_place", text=text, source="person", attributes={"name": name})


def shares(*clues: Clue) -> dict[str, float]:
    found = model().extract(clues)
    return dict(model().locate(None, [*clues, *found], ()).countries)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Braga", "PT"), ("Japan", "JP"), ("Deutschland", "DE"), ("Paris", "FR"),
        ("Paris, Texas", "US"), ("Bavaria", "DE"), ("San José, Costa Rica", "CR"),
    ],
)  # fmt: skip
def test_a_named_place_is_right_nine_times_of_ten(name: str, code: str) -> None:
    assert 0.85 < shares(named(name))[code] < 0.95


def test_an_unknown_name_says_nothing() -> None:
    assert towns_named("Xyzzyplugh", model().town_table) is None
    assert towns_named(" , ", model().town_table) is None
    assert model().weigh([named("Xyzzyplugh")], ()).posterior.likelihoods == ()


@pytest.mark.parametrize("words", ["a trip to Japan in 1974", "holiday in japan with my aunt"])
def test_places_in_what_is_known_count_less_and_its_language_does_not(words: str) -> None:
    context = Clue(id="c", kind="context", text=words, source="person")
    found = shares(context)
    assert 0.55 < found["JP"] < 0.75
    posterior = model().weigh([context, *model().extract([context])], ()).posterior
    assert [one.source for one in posterior.likelihoods] == ["named_place"]


def test_two_names_that_agree_are_surer_than_one() -> None:
    context = Clue(id="c", kind="context", text="taken near Braga in Portugal", source="person")
    assert shares(context)["PT"] > 0.98


def test_lower_case_words_are_no_small_towns() -> None:
    context = Clue(id="c", kind="context", text="a nice reading room", source="person")
    assert [clue for clue in model().extract([context]) if clue.kind == "named_place"] == []
