"""Who had a case in hand stands in its trace, once, and changes nothing of where it stands."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geoagent_graph.cases import custody
from geoagent_graph.cases.custody import CaseDeed, is_repeated_view, record_deeds
from geoagent_graph.cases.summary import summary_of
from geoagent_graph.cases.verification import verify_case, verify_trip
from geoagent_graph.errors import CaseHeld, PolicyError
from geoagent_graph.protocols import Situation
from geoagent_graph.settings import Settings, current_person
from geoagent_graph.testing import EUROPE, ScriptedPolicy
from geoagent_graph.types import Hypothesis, Verdict
from tests.support.cases import begin, go_on, store_in, tools, view_of
from tests.support.trips import begin_trip


class FailingPolicy(ScriptedPolicy):
    """Never decides, as a server that is gone."""

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Fail."""
        raise PolicyError("the server is gone")


async def test_deeds_stand_in_the_trace_and_the_case_still_holds(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    before = summary_of(view_of(tmp_path))
    deeds = [CaseDeed("viewed", "Ana", "terminal"), CaseDeed("exported", "Ana", detail="html")]
    await record_deeds(store, "one", "main", deeds)
    view = view_of(tmp_path)
    said = [event.sentence for event in view.events if event.event == "custody"]
    assert said == ["Ana viewed the case, terminal", "Ana took a file of it (html)"]
    assert (await verify_case(store, "one", "main")).holds
    assert summary_of(view) == before == store.summaries(["one"])[0].branches[0]


async def test_a_view_after_a_failure_leaves_it_a_failure(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        await begin(tmp_path, opened=tools(policy=FailingPolicy({"continent": [(EUROPE, 0.4)]})))
    await record_deeds(store_in(tmp_path), "one", "main", [CaseDeed("viewed", "Ana")])
    assert summary_of(view_of(tmp_path)).has_failed
    assert store_in(tmp_path).summaries(["one"])[0].branches[0].has_failed
    events = await go_on(tmp_path)
    assert events[-1].event == "answer"


async def test_views_of_one_person_are_said_once_in_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    assert is_repeated_view(view_of(tmp_path), store.person)  # who began it looks on
    assert not is_repeated_view(view_of(tmp_path), "Ana")
    await record_deeds(store, "one", "main", [CaseDeed("viewed", "Ana")])
    assert is_repeated_view(view_of(tmp_path), "Ana")
    later = datetime.now(UTC) + timedelta(minutes=custody.MIN_MINUTES_BETWEEN_VIEWS + 1)
    monkeypatch.setattr(custody, "now", later.isoformat)
    assert not is_repeated_view(view_of(tmp_path), "Ana")


async def test_a_case_that_is_worked_on_is_not_written_by_others(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    async with store.hold("one", tools()):
        with pytest.raises(CaseHeld):
            await record_deeds(store, "one", "main", [CaseDeed("viewed", "Ana")])


async def test_a_trip_has_custody_and_a_signature_in_its_joint_trace(tmp_path: Path) -> None:
    await begin_trip(tmp_path)
    store = store_in(tmp_path)
    (name,) = store.names()
    store.keys.create("Ana")
    await record_deeds(store, name, None, [CaseDeed("handed_on", "Ana")], sign=True)
    trip = store.read_trip(name)
    assert trip is not None
    assert [event.event for event in trip.events[-2:]] == ["custody", "signature"]
    found = await verify_trip(store, name)
    assert found.holds
    assert found.is_signed_by_known


def test_a_person_is_who_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_person(Settings(person=" Ana ")) == "Ana"

    def fail() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", fail)
    assert current_person(Settings()) == "unknown user"
