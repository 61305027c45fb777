"""A person vetoes a place or sets one; nothing of it is lost or hidden."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cases.verification import verify_case
from geoagent_graph.errors import InputError
from geoagent_graph.testing import (
    EUROPE,
    LISBON,
    PORTUGAL,
    SPAIN,
    FixedGeocoder,
    ScriptedPolicy,
)
from geoagent_graph.types import Verdict
from tests.support.cases import begin, go_on, nodes, store_in, tools, view_of

AGREE = {"kind": "accept"}

ITALY = SPAIN.model_copy(
    update={"id": "country:IT", "name": "Italy", "country": "Italy", "country_code": "IT"}
)


async def test_a_veto_goes_back_to_its_level_and_stays_in_the_trace(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        events = await case.veto("Lisbon", "no tram <script>")
        assert [event.event for event in events] == ["human"]
        assert not case.is_done
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
        assert case.is_done


async def test_a_veto_renews_the_budget(tmp_path: Path) -> None:
    await begin(tmp_path, budget=14)
    async with store_in(tmp_path).hold("one", tools()) as case:
        await case.veto("Africa", "no")
        async for _ in case.run():
            pass
    assert view_of(tmp_path).answer.level == "city"


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


async def test_a_town_that_only_the_gazetteer_knows_can_be_set(tmp_path: Path) -> None:
    await begin(tmp_path)
    faro = LISBON.model_copy(update={"id": "geonames:1", "name": "Faro", "city": "Faro"})
    opened = tools(geocoder=FixedGeocoder(places=[faro]))
    async with store_in(tmp_path).hold("one", opened) as case:
        branch = await case.fork(8, {"city": "Faro"})
    await go_on(tmp_path, branch=branch)
    assert view_of(tmp_path, "faro").answer.place.city == "Faro"


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


async def test_the_old_name_of_the_reason_works_with_a_warning(tmp_path: Path) -> None:
    await begin(tmp_path)
    async with store_in(tmp_path).hold("one", tools()) as case:
        with pytest.warns(DeprecationWarning, match="reason"):
            events = await case.veto("Lisbon", because="no tram")
    assert [event.input.text for event in events if event.event == "human"] == [
        "vetoes Lisbon: no tram"
    ]
