"""The list of sources: who is in it, who is left out, and the words for their clues."""

import pytest
from pydantic import ValidationError

from geoagent_graph import Toolbox, open_toolbox
from geoagent_graph.cli.engine import Engine, RunRequest
from geoagent_graph.errors import InputError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.sources import (
    BUILT_IN,
    choose_sources,
    clue_label,
    clue_labels,
    source_names,
)
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import load_settings
from geoagent_graph.types import Clue
from tests.support.evidence_cases import Case, model, observed


def plates(**changes: object) -> Source:
    parts = {"name": "plates", "kind": "plate", "label": "Plate", "check": "set by hand"}
    return Source(**{**parts, "likelihood": None, **changes})  # type: ignore[arg-type]


def test_kinds_are_named_for_people() -> None:
    labels = clue_labels()
    assert labels["phone"] == "Telephone number"
    assert {"text", "script", "exif_position", "exif_other", "policy"} <= set(labels)
    assert {source.kind for source in BUILT_IN} <= set(labels)


def test_a_kind_that_nothing_here_produces_is_shown_by_its_name() -> None:
    assert clue_label("visual_class") == "Visual class"
    assert clue_label("licence_plate") == "Licence plate"


def test_every_source_says_how_its_weights_were_checked() -> None:
    assert [source.name for source in BUILT_IN if len(source.check) < 20] == []


@pytest.mark.parametrize("name", [source.name for source in BUILT_IN])
def test_every_source_can_be_switched_off(name: str) -> None:
    kept = choose_sources(without=(name,))
    assert [source.name for source in kept] == [n for n in source_names() if n != name]


def test_a_run_without_a_source_neither_finds_nor_weighs_its_clues() -> None:
    clues = observed(Case("München", "Tel. +49 89 123456", "www.roma.de"))
    mute = BayesEvidence(model().town_table.gazetteer, without=("phones", "languages"))
    left = {clue.kind for clue in mute.extract([clue for clue in clues if clue.kind == "text"])}
    assert left == {clue.kind for clue in clues} - {"phone", "text"}
    said = [likelihood.source for likelihood in mute.weigh(clues, ()).posterior.likelihoods]
    assert said == ["place_name", "domain"]


def test_an_unknown_name_to_leave_out_is_one_line() -> None:
    with pytest.raises(
        InputError, match="fones: no such source of evidence; there are brands, currencies"
    ):
        choose_sources(without=("fones",))
    with pytest.raises(InputError, match="phones: no such source of evidence; there are plates"):
        choose_sources([plates()], without=("phones",))


def test_two_sources_of_one_name_or_kind_are_refused() -> None:
    with pytest.raises(InputError, match="plates: two sources of evidence have this name"):
        choose_sources([plates(), plates(kind="number")])
    with pytest.raises(InputError, match="plate: two sources of evidence have this kind"):
        choose_sources([plates(), plates(name="others")])


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Number plates"},
        {"kind": "plate-1"},
        {"kind": "p" * 41},
        {"label": " "},
        {"check": ""},
    ],
)
def test_a_source_refuses_bad_words(changes: dict[str, str]) -> None:
    with pytest.raises(InputError):
        plates(**changes)


@pytest.mark.parametrize("kind", ["visual_class", "similar_photo", "language", "a"])
def test_clues_of_kinds_that_nothing_makes_any_more_open(kind: str) -> None:
    clue = Clue(id="1", kind=kind, text="x", source="an old trace")
    assert Clue.model_validate_json(clue.model_dump_json()) == clue


@pytest.mark.parametrize("kind", ["", "Phone", "1st", "number plate", "p" * 41])
def test_a_kind_is_a_short_word_in_lower_case(kind: str) -> None:
    with pytest.raises(ValidationError):
        Clue(id="1", kind=kind, text="x", source="x")


def names_in(toolbox: Toolbox) -> set[str]:
    assert isinstance(toolbox.evidence, BayesEvidence)
    return {source.name for source in toolbox.evidence.sources}


def test_one_option_leaves_sources_out() -> None:
    settings = load_settings().model_copy(update={"without_sources": "phones, languages"})
    there = set(source_names())
    assert names_in(open_toolbox(settings)) == there - {"phones", "languages"}
    assert names_in(open_toolbox(settings, without_sources=["domains"])) == there - {"domains"}


def test_the_command_line_leaves_sources_out() -> None:
    def engine(*without: str) -> Engine:
        request = RunRequest(options=PolicyOptions(), without_sources=without)
        return Engine(request, load_settings(), lambda share, words: None)

    assert names_in(engine("phones").toolbox) == set(source_names()) - {"phones"}
    with pytest.raises(InputError, match="fones: no such source of evidence"):
        engine("fones")
