"""A person questions a case: replies, vetoes, forks, notes; nothing of it is lost or hidden."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.comparison import compare
from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError
from geoagent_graph.protocols import GeocodedPoint, TextLine
from geoagent_graph.state import dump
from geoagent_graph.testing import (
    EUROPE,
    LISBON,
    PORTO,
    PORTUGAL,
    SPAIN,
    FixedEvidence,
    FixedGeocoder,
    FixedTextReader,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.types import Box, Verdict
from tests.support.cases import begin, go_on, nodes, store_in, tools

AGREE = {"kind": "accept"}
ITALY = SPAIN.model_copy(
    update={"id": "country:IT", "name": "Italy", "country": "Italy", "country_code": "IT"}
)


def view_of(folder: Path, branch: str = "main") -> Any:
    return store_in(folder).read("one", branch)


async def test_always_asks_after_every_verdict(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    levels = []
    while view_of(tmp_path).question is not None:
        levels.append(view_of(tmp_path).question.level)
        await go_on(tmp_path, reply=AGREE)
    assert levels == ["continent", "country", "city"]
    assert view_of(tmp_path).answer.place.city == "Lisbon"
    assert [act.input.text for act in view_of(tmp_path).people] == [
        "agrees to accept Europe",
        "agrees to accept Portugal",
        "agrees to accept Lisbon",
    ]


async def test_unsure_asks_only_where_it_is(tmp_path: Path) -> None:
    evidence = FixedEvidence({"country:PT": -0.4})
    await begin(tmp_path, opened=tools(evidence=evidence), ask="unsure")
    assert view_of(tmp_path).question.level == "country"
    await go_on(tmp_path, opened=tools(evidence=evidence), reply=AGREE)
    assert view_of(tmp_path).status == "answered"


@pytest.mark.parametrize(
    "reply",
    [
        {},
        None,
        "yes",
        {"kind": "nonsense"},
        {"kind": "accept", "place": "Atlantis"},
        {"kind": "accept", "place": " "},
        {"kind": "reject", "place": "Europe"},
        {"kind": "reject", "place": "Europe", "reason": ""},
        {"kind": "clue", "text": "x" * 1001},
        {"kind": "photo_region", "box": {"left": 0.5, "top": 0, "right": 0.4, "bottom": 1}},
        {"kind": "photo_region", "box": {"left": 0, "top": 0, "right": 2, "bottom": 1}},
        {"kind": "map_region", "lat_deg": 91, "lon_deg": 0, "radius_km": 10},
        {"kind": "map_region", "lat_deg": 1, "lon_deg": 0, "radius_km": float("nan")},
        {"kind": "accept", "more": 1},
    ],
)
async def test_a_bad_reply_is_refused_and_the_question_stays(tmp_path: Path, reply: Any) -> None:
    await begin(tmp_path, ask="always")
    before = store_in(tmp_path).trace_text("one")
    if reply is not None:
        with pytest.raises(InputError):
            await go_on(tmp_path, reply=reply)
    await go_on(tmp_path)  # without a reply it waits on
    assert store_in(tmp_path).trace_text("one") == before
    assert view_of(tmp_path).question.level == "continent"


async def test_a_reply_without_a_question_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    with pytest.raises(InputError, match="no question is open"):
        await go_on(tmp_path, reply=AGREE)


async def test_a_bad_reply_to_the_bare_graph_asks_again() -> None:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import Command

    from geoagent_graph.graph import build_graph
    from geoagent_graph.state import RunOptions, answer_of

    graph = build_graph(InMemorySaver())
    context = scripted_toolbox()
    image = dump(context.images.open(b"photo").image)
    config: Any = {"configurable": {"thread_id": "1"}}
    inputs: Any = {"image": image, "options": dump(RunOptions(ask="always"))}
    await graph.ainvoke(inputs, config, context=context)
    result = await graph.ainvoke(Command(resume={"kind": "?"}), config, context=context)
    asked = (await graph.aget_state(config)).tasks[0].interrupts[0].value
    assert (asked["level"], "kind" in asked["problem"]) == ("continent", True)
    for _ in range(3):
        result = await graph.ainvoke(Command(resume=AGREE), config, context=context)
    assert answer_of(result).place.city == "Lisbon"


async def test_another_candidate_is_accepted(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    await go_on(tmp_path, reply={"kind": "accept", "place": "Africa"})
    view = view_of(tmp_path)
    assert view.people[0].input.place.name == "Africa"
    assert view.steps[5].node == "ask"
    assert [item["place"]["name"] for item in view.steps[6].detail["hypotheses"]] == [
        "Portugal", "Spain",
    ]  # fmt: skip


async def test_a_rejected_place_does_not_come_back(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    await go_on(tmp_path, reply=AGREE)
    await go_on(tmp_path, reply={"kind": "reject", "place": "PT", "reason": "left-hand traffic"})
    view = view_of(tmp_path)
    assert [h.place.name for h in view.question.candidates] == ["Spain"]
    await go_on(tmp_path, reply=AGREE)
    await go_on(tmp_path, reply=AGREE)
    excluded = view_of(tmp_path).answer.excluded
    assert [(e.place.name, e.reason) for e in excluded] == [
        ("Portugal", "a person: left-hand traffic")
    ]


async def test_an_accepted_place_can_be_rejected_later(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    await go_on(tmp_path, reply=AGREE)
    await go_on(tmp_path, reply={"kind": "reject", "place": "Europe", "reason": "a palm"})
    assert view_of(tmp_path).question.level == "continent"
    assert [h.place.name for h in view_of(tmp_path).question.candidates] == ["Africa"]


async def test_a_clue_is_weighed_like_any_other(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    policy = ScriptedPolicy.towards_lisbon()
    opened = tools(policy=policy)
    await go_on(tmp_path, opened=opened, reply={"kind": "clue", "text": "Rua <b>Augusta</b>"})
    assert [clue.text for clue in policy.seen[-1].clues] == ["Rua <b>Augusta</b>"]
    assert policy.seen[-1].clues[0].source == "person"
    assert view_of(tmp_path).question.level == "continent"


async def test_a_marked_region_is_read_again_at_its_place(tmp_path: Path) -> None:
    line = TextLine("PADARIA", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")
    opened = tools(text_reader=FixedTextReader([line]))
    await begin(tmp_path, ask="always")
    box = {"left": 0.25, "top": 0.5, "right": 0.75, "bottom": 1.0}
    await go_on(tmp_path, opened=opened, reply={"kind": "photo_region", "box": box})
    step = next(step for step in view_of(tmp_path).steps if step.node == "ask")
    assert (step.detail["clues"][0]["text"], step.detail["clues"][0]["box"]) == ("PADARIA", box)
    assert step.tools[0].tool == "text_reader"
    await go_on(tmp_path, opened=opened, reply={"kind": "photo_region", "box": box})
    step = [step for step in view_of(tmp_path).steps if step.node == "ask"][-1]
    assert step.detail["clues"] == []  # the same line does not count twice


class TwoCountries(FixedGeocoder):
    """Portugal west of 7 degrees west, Spain east of it."""

    def reverse(self, lat_deg: float, lon_deg: float) -> GeocodedPoint:
        code, name = ("PT", "Portugal") if lon_deg < -7 else ("ES", "Spain")
        return GeocodedPoint("EU", code, name, "", "", 0, 0.0, "polygon")


async def test_a_region_on_the_map_narrows_everything_after_it(tmp_path: Path) -> None:
    opened = tools(geocoder=TwoCountries())
    await begin(tmp_path, opened=opened, ask="always")
    region = {"kind": "map_region", "lat_deg": 41.15, "lon_deg": -8.6, "radius_km": 60}
    await go_on(tmp_path, opened=opened, reply=region)
    candidates = [h.place.name for h in view_of(tmp_path).question.candidates]
    assert candidates == ["Europe"]  # Africa is gone
    await go_on(tmp_path, opened=opened, reply=AGREE)
    assert [h.place.name for h in view_of(tmp_path).question.candidates] == ["Portugal"]
    await go_on(tmp_path, opened=opened, reply=AGREE)
    assert [h.place.name for h in view_of(tmp_path).question.candidates] == [PORTO.name]
    await go_on(tmp_path, opened=opened, reply={"kind": "accept", "place": "Porto"})
    assert "outside the drawn circle" in view_of(tmp_path).answer.warnings[0]  # scripted: Lisbon


async def test_a_veto_goes_back_to_its_level_and_stays_in_the_trace(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        events = await case.veto("Lisbon", "no tram <script>")
        assert [event.event for event in events] == ["human"]
        assert not case.done
    assert view_of(tmp_path).status == "unfinished"
    events = await go_on(tmp_path)
    assert nodes(events) == ["propose", "retrieve", "ground", "judge", "answer"]
    view = view_of(tmp_path)
    assert view.answer.excluded[0].reason == "a person: no tram <script>"
    assert [h.place.name for h in view.candidates["city"]] == ["Porto"]
    assert sum(event.event == "answer" for event in view.events) == 2  # the first one stays told
    assert [step.index for step in view.steps] == list(range(len(view.steps)))
    assert (await verify_case(store_in(tmp_path), "one", "main")).holds


@pytest.mark.parametrize(
    ("place", "because"), [("Atlantis", "x"), ("Lisbon", " "), ("", "x"), ("country:XX", "x")]
)
async def test_a_veto_that_means_nothing_is_refused(
    tmp_path: Path, place: str, because: str
) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError):
            await case.veto(place, because)
        assert case.done


async def test_a_veto_renews_the_budget(tmp_path: Path) -> None:
    await begin(tmp_path, budget=14)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.veto("Africa", "no")
        async for _ in case.run():
            pass
    assert view_of(tmp_path).answer.level == "city"


async def test_a_fork_leaves_the_original_alone(tmp_path: Path) -> None:
    await begin(tmp_path)
    before = store_in(tmp_path).trace_text("one")
    async with store_in(tmp_path).hold("one", tools()) as case:
        assert await case.fork(4, {"country": "Spain"}) == "spain"
    await go_on(tmp_path, branch="spain")
    assert store_in(tmp_path).trace_text("one") == before
    view = view_of(tmp_path, "spain")
    assert (view.opened.forked_from.branch, view.opened.forked_from.step) == ("main", 4)
    assert view.opened.forked_from.hash == view_of(tmp_path).events[5].hash
    assert [h.place.name for h in view.answer.levels["country"]] == ["Spain"]
    assert "a person has set country=Spain" in view.answer.warnings[0]
    assert view.answer.levels["country"][0].probability == pytest.approx(0.9)  # Europe's
    assert (await verify_case(store_in(tmp_path), "one", "spain")).holds


async def test_a_plain_fork_is_a_branch_to_steer(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        assert await case.fork(8) == "branch"
        assert await case.fork(8) == "branch-2"
    events = await go_on(tmp_path, branch="branch")
    assert nodes(events) == ["propose", "retrieve", "ground", "judge", "answer"]
    comparison = compare(view_of(tmp_path), view_of(tmp_path, "branch"))
    assert comparison.shared_steps == 9
    assert all(row.first == row.second for row in comparison.places)


async def test_the_policy_cannot_take_back_what_a_person_has_set(tmp_path: Path) -> None:
    await begin(tmp_path)
    back = Verdict(decision="back", reason="no Spanish word")
    opened = tools(policy=ScriptedPolicy.towards_lisbon(verdicts=[back]))
    async with store_in(tmp_path).hold("one", opened) as case:
        await case.fork(4, {"country": "Spain"})
    await go_on(tmp_path, branch="spain", opened=opened)
    answer = view_of(tmp_path, "spain").answer
    assert (answer.level, answer.place.country) == ("country", "Spain")
    assert any("speaks against Spain, which a person has set" in w for w in answer.warnings)


@pytest.mark.parametrize(
    ("at", "wanted", "problem"),
    [
        (99, {}, "no such step; the last one is 13"),
        (-1, {}, "no such step"),
        (0, {"country": "Spain"}, "set the continent as well"),
        (4, {"country": "Atlantis"}, "no country of that name"),
        (4, {"city": "Lisbon"}, "set the country as well"),
        (8, {"continent": "Africa", "country": "Spain"}, "does not lie in Africa"),
    ],
)
async def test_a_fork_that_cannot_be_is_refused(
    tmp_path: Path, at: int, wanted: Any, problem: str
) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.raises(InputError, match=problem):
            await case.fork(at, wanted)
    assert store_in(tmp_path).branches("one") == ["main"]


async def test_a_town_that_only_the_gazetteer_knows_can_be_set(tmp_path: Path) -> None:
    await begin(tmp_path)
    faro = LISBON.model_copy(update={"id": "geonames:1", "name": "Faro", "city": "Faro"})
    opened = tools(geocoder=FixedGeocoder(places=[faro]))
    async with store_in(tmp_path).hold("one", opened) as case:
        branch = await case.fork(8, {"city": "Faro"})
    await go_on(tmp_path, branch=branch)
    assert view_of(tmp_path, "faro").answer.place.city == "Faro"


async def test_branches_differ_where_they_were_steered(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.fork(4, {"country": "Spain"})
    await go_on(tmp_path, branch="spain")
    comparison = compare(view_of(tmp_path), view_of(tmp_path, "spain"))
    countries = {
        r.place.name: (r.first, r.second) for r in comparison.places if r.level == "country"
    }
    assert comparison.shared_steps == 5
    assert countries["Portugal"] == (pytest.approx(0.81), None)
    assert countries["Spain"] == (pytest.approx(0.09), pytest.approx(0.9))


async def test_a_note_changes_nothing_but_the_trace(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    from tests.support.cases import photo_bytes

    async with store.create(photo_bytes(), tools(), name="one") as case:
        await case.note("before the first step")
        async for _ in case.run(one_step=True):
            pass
        await case.note("<img src=x onerror=alert(1)>")
        for wrong in ("", "  ", "x" * 10_001):
            with pytest.raises(InputError):
                await case.note(wrong)
    await go_on(tmp_path)
    kinds = [event.event for event in view_of(tmp_path).events[:5]]
    assert kinds == ["case", "note", "step", "note", "step"]
    assert view_of(tmp_path).answer.place.city == "Lisbon"
    assert (await verify_case(store, "one", "main")).holds


async def test_what_an_excluded_place_held_is_shared_by_what_is_left(tmp_path: Path) -> None:
    await begin(
        tmp_path
    )  # Europe 0.9; in it Portugal 0.9, Spain 0.1; in that Lisbon 0.9, Porto 0.1
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.veto("Lisbon", "no tram")
    await go_on(tmp_path)
    answer = view_of(tmp_path).answer
    levels = {h.place.name: h.probability for found in answer.levels.values() for h in found}
    lisbon = 0.9**3
    assert levels == {
        "Europe": pytest.approx((0.9 - lisbon) / (1 - lisbon)),
        "Africa": pytest.approx(0.1 / (1 - lisbon)),
        "Portugal": pytest.approx((0.81 - lisbon) / (1 - lisbon)),
        "Spain": pytest.approx(0.09 / (1 - lisbon)),
        "Porto": pytest.approx(0.081 / (1 - lisbon)),
    }


async def test_two_vetoes_are_one_exclusion_of_both(tmp_path: Path) -> None:
    policy = ScriptedPolicy(
        {"continent": [(EUROPE, 1.0)], "country": [(PORTUGAL, 0.5), (SPAIN, 0.3), (ITALY, 0.1)]}
    )
    opened = tools(policy=policy)
    await begin(tmp_path, opened=opened)
    for name in ("Portugal", "Spain"):
        async with store_in(tmp_path).hold("one", opened) as case:
            await case.veto(name, "no")
        await go_on(tmp_path, opened=opened)
    italy = view_of(tmp_path).answer.levels["country"]
    assert [(h.place.name, h.probability) for h in italy] == [("Italy", pytest.approx(0.5))]


async def test_a_list_that_leaves_no_room_for_the_excluded_stays_as_it_is(tmp_path: Path) -> None:
    class Renormalising(ScriptedPolicy):
        async def propose(self, situation: Any) -> Any:
            found = await super().propose(situation)
            total = sum(h.prior for h in found)
            return [h.model_copy(update={"prior": 0.95 * h.prior / total}) for h in found]

    opened = tools(policy=Renormalising.towards_lisbon())
    await begin(tmp_path, opened=opened)
    async with store_in(tmp_path).hold("one", opened) as case:
        await case.veto("Lisbon", "no")
    await go_on(tmp_path, opened=opened)
    step = [s for s in view_of(tmp_path).steps if s.node == "judge"][-1]
    assert step.detail["hypotheses"][0]["probability"] == pytest.approx(0.95)
