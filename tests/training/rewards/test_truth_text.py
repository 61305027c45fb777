"""Truths as data sets write them; a perfect answer to each earns what can be earned."""

import json
from typing import Any

import numpy as np
import pytest
from geoagent_training.rewards import functions
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_tools import RewardTools
from geoagent_training.rewards.scoring import read_batch
from geoagent_training.rewards.truth_text import column_names, markup_problem, solution_names

from geoagent_graph.geo.names import fold
from geoagent_graph.geo.sphere import distance_km
from tests.support.reward_fakes import completion

PARIS = ("France", "Île-de-France", "Paris")
LINE = "; ".join(PARIS)
STAGES = ("CountryIdentification", "RegionalGuess", "PreciseLocalization")
CHAIN = {stage: {"Conclusion": name} for stage, name in zip(STAGES, PARIS, strict=True)}
SOLUTIONS: list[Any] = [
    LINE,
    "France；Île-de-France；Paris",
    f"<answer>{LINE}</answer>",
    f"<think>It is Spain.</think>\n<answer> {LINE} </answer>\n",
    f"**{LINE}**",
    f"FR; {PARIS[1]}; {PARIS[2]}",
    f"FRA; {PARIS[1]}; {PARIS[2]}",
    json.dumps(PARIS),
    json.dumps(dict(zip(("country", "region", "city"), PARIS, strict=True))),
    json.dumps({"Country": "FR", "State": PARIS[1], "Specific Location": PARIS[2]}),
    json.dumps({"FinalAnswer": LINE}),
    f"```json\n{json.dumps({'answer': LINE})}\n```",
    f"<answer>{json.dumps({'country': 'France', 'province': PARIS[1], 'town': 'Paris'})}</answer>",
    json.dumps({"ChainOfThought": CHAIN, "FinalAnswer": LINE}),
    {"ChainOfThought": CHAIN},
    [*PARIS],
    f"Country: FR; Region: {PARIS[1]}; City: {PARIS[2]}",
    f"**City**: {PARIS[2]}\n**Region**: {PARIS[1]}\n**Country**: France",
    f"**Final Answer:** {LINE}",
    json.dumps({"country": "France", "region": PARIS[1], "precise_location": PARIS[2]}),
]


@pytest.mark.parametrize("solution", SOLUTIONS)
def test_a_perfect_answer_earns_all_in_every_notation(solution: Any, tools: RewardTools) -> None:
    assert solution_names(solution) == PARIS
    lat, lon = tools.resolver.resolve([PARIS])[0]
    columns: dict[str, Any] = {"solution": [solution], "lat": [lat], "lng": [lon]}
    assert functions.semantic([completion(*PARIS)], **columns)[0] == pytest.approx(1.0, abs=0.01)
    assert functions.geo_similarity([completion(*PARIS)], **columns)[0] == pytest.approx(2.5, 0.01)


@pytest.mark.parametrize(
    ("columns", "answer"),
    [
        ({"country": "FR", "region": PARIS[1], "city": "Paris"}, PARIS),
        ({"country": "Kyrgyz Republic", "region": "Osh"}, ("Kyrgyzstan", "Osh", "")),
        ({"country": "Kyrgyzstan", "region": "Osh"}, ("Kyrgyz Republic", "Osh", "")),
        ({"country": "ประเทศไทย", "region": "Nan", "city": "Nan"}, ("Thailand", "Nan", "Nan")),
        ({"country": "NA", "region": "Erongo", "city": "Swakopmund"},
         ("Namibia", "Erongo", "Swakopmund")),
        ({"country": "HK", "region": "Central and Western"},
         ("Hong Kong SAR", "Central and Western", "")),
        ({"country": "Germany", "region": "Brandenburg", "city": "Frankfurt (Oder)"},
         ("Germany", "Brandenburg", "Frankfurt (Oder)")),
        ({"country": "US", "region": "New Mexico", "city": "Truth or Consequences"},
         ("United States", "New Mexico", "Truth or Consequences")),
        ({"country": "Canada", "region": "Quebec", "city": "Val-d'Or"},
         ("Canada", "Quebec", "Val-d’Or")),
        ({"country": "Italy", "region": "Piedmont", "city": "None"}, ("Italy", "Piedmont", "None")),
        # a truth in words that the gazetteer does not have
        ({"country": "Peru", "region": "Cusco", "city": "Either Street, Old, Town, Hall, Or"},
         ("Peru", "Cusco", "Either Street, Old, Town, Hall, Or")),
    ],
)  # fmt: skip
def test_a_perfect_answer_earns_all_for_names_of_every_kind(
    columns: dict[str, str], answer: tuple[str, str, str]
) -> None:
    text = completion(*answer)
    given: dict[str, Any] = {name: [value] for name, value in columns.items()}
    most = 1.0 if answer[2] else 0.7
    assert functions.semantic([text], **given)[0] == pytest.approx(most, abs=0.01)
    assert functions.answer_format([text], **given) == [1.0]


def test_every_town_whose_name_looks_like_junk_is_resolved(tools: RewardTools) -> None:
    for code, region, town in [
        ("DE", "Brandenburg", "Schwedt (Oder)"), ("IL", "Central District", "Or Yehuda"),
        ("FR", "Auvergne-Rhône-Alpes", "Champagne-au-Mont-d'Or"), ("TH", "Nan", "Nan"),
        ("US", "Texas", "Earth"), ("IT", "Piedmont", "None"), ("MU", "", "Poudre d’Or"),
        ("KH", "", "Ou Reang"), ("CN", "Fujian", "Jian’ou"),
    ]:  # fmt: skip
        text = completion(code, region or "x", town)
        ours = read_batch([text], {"country": [code]})
        assert ours.names[0][2] == town
        assert _km_to_nearest(tools, town, ours.points[0].tolist()) < 1.0, town


def test_placeholders_stay_placeholders_where_no_place_bears_their_name() -> None:
    for text in ("Portugal; Nan; nan", "Portugal; Lisbon; Lisbon or Porto", "Chad; none; unknown"):
        assert functions.answer_format([f"<think></think><answer>{text}</answer>"]) == [0.0]


def test_what_names_nothing_is_nothing_and_foreign_notation_is_doubtful() -> None:
    for nothing in ("", None, "unknown; unknown", "n/a", "{}", "[]", 7, "[[[[[[]]]]]]"):
        assert solution_names(nothing) == ("", "", "")
    assert column_names({"country": None, "solution": LINE}) == PARIS
    for doubtful in ("{'country': 'France'}", "<loc>France; Paris</loc>", "France; [Paris]"):
        assert markup_problem(solution_names(doubtful))
    assert markup_problem(PARIS) is None


def _km_to_nearest(tools: RewardTools, name: str, point: list[float]) -> float:
    assert isinstance(tools.resolver, PlaceResolver)
    gazetteer = tools.resolver.gazetteer
    towns = gazetteer.matches(fold(name))
    here = np.broadcast_to(np.array(point), (len(towns), 2))
    found = distance_km(here[:, 0], here[:, 1], gazetteer.lat_deg[towns], gazetteer.lon_deg[towns])
    return float(np.min(found))
