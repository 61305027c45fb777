"""A branch counts as watched while somebody listens and a while after; too many are refused."""

import pytest
from starlette.exceptions import HTTPException

from geoagent_graph.serve import subscribers
from geoagent_graph.serve.subscribers import Subscribers

ONE, TWO = ("one", "main"), ("two", "main")


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that subscribers look at."""
    clock = Clock()
    monkeypatch.setattr(subscribers, "monotonic", clock)
    return clock


def test_whoever_was_never_there_is_away_and_a_look_lasts_a_while(clock: Clock) -> None:
    watching = Subscribers(away_seconds=10.0, most=5)
    assert watching.is_away(ONE)
    watching.touch(ONE)
    clock.now += 10.0
    assert not watching.is_away(ONE)
    clock.now += 0.1
    assert watching.is_away(ONE)


def test_a_listener_is_there_as_long_as_it_listens(clock: Clock) -> None:
    watching = Subscribers(away_seconds=10.0, most=5)
    with watching.listen(ONE):
        clock.now += 1000.0
        assert not watching.is_away(ONE)
        assert watching.is_away(TWO)
    clock.now += 9.0
    assert not watching.is_away(ONE)
    clock.now += 2.0
    assert watching.is_away(ONE)


def test_one_more_than_may_listen_is_refused_and_a_place_comes_free(clock: Clock) -> None:
    watching = Subscribers(away_seconds=clock.now, most=2)
    with watching.listen(ONE):
        with watching.listen(TWO), pytest.raises(HTTPException) as refused:
            watching.listen(ONE).__enter__()
        assert refused.value.status_code == 429
        with watching.listen(ONE):
            assert watching.listeners == 2
    assert watching.listeners == 0


def test_a_listener_that_fails_is_gone_too(clock: Clock) -> None:
    watching = Subscribers(away_seconds=clock.now, most=2)
    with pytest.raises(ZeroDivisionError), watching.listen(ONE):
        raise ZeroDivisionError
    assert watching.listeners == 0


def test_only_those_who_are_away_are_forgotten(clock: Clock) -> None:
    watching = Subscribers(away_seconds=10.0, most=5)
    watching.touch(ONE)
    with watching.listen(TWO):
        clock.now += 11.0
        watching.forget()
        assert not watching.is_away(TWO)
        assert watching.listeners == 1
    assert watching.is_away(ONE)


def test_where_no_run_is_stopped_nobody_is_ever_away(clock: Clock) -> None:
    watching = Subscribers(away_seconds=None, most=5)
    watching.touch(ONE)
    clock.now += 1e9
    assert not watching.is_away(ONE)
    watching.forget()
    assert not watching.is_away(TWO)
