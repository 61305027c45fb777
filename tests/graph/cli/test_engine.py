"""The agent of the command line: options checked before tools load, files kept, closed once."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cli.engine import Engine, RunRequest
from geoagent_graph.errors import InputError
from geoagent_graph.kept_answers import find_copies
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import Settings
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.types import Answer
from tests.support.cases import photo_bytes
from tests.support.scripted_cli import install


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let scripted tools be opened; return what was asked for."""
    return install(monkeypatch)


def engine(folder: Path, **wanted: Any) -> Engine:
    request = RunRequest(**{"options": PolicyOptions(), **wanted})
    return Engine(request, Settings(home=folder), lambda share, words: None)


def test_sources_to_leave_out_replace_those_of_the_settings(
    tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    engine(tmp_path, without_sources=("phones", "languages"))
    engine(tmp_path)
    left_out = [call["settings"].without_sources for call in asked]
    assert left_out[0] == "phones,languages"
    assert left_out[1] == Settings().without_sources


def test_a_policy_that_is_none_is_said_before_the_tools_are_opened(
    tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    with pytest.raises(InputError, match="oracle"):
        engine(tmp_path, options=PolicyOptions(policy="oracle"))
    assert asked == []


@pytest.mark.usefixtures("asked")
async def test_steps_come_before_the_answer_and_the_photo_keeps_its_name(tmp_path: Path) -> None:
    opened = engine(tmp_path)
    items = [item async for item in opened.investigate(photo_bytes(), "street.png")]
    *steps, answer = items
    assert isinstance(answer, Answer)
    assert (answer.image.name, len(answer.trace)) == ("street.png", len(steps))
    await opened.aclose()


@pytest.mark.usefixtures("asked")
async def test_one_photo_that_fails_leaves_the_others(tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    good.write_bytes(photo_bytes())
    photos = [tmp_path / "gone.png", good]
    found = [outcome async for outcome in engine(tmp_path).locate_many(photos)]
    assert [outcome.answer is None for outcome in found] == [True, False]
    assert "no such file" in str(found[0].error)


@pytest.mark.usefixtures("asked")
async def test_what_has_no_file_name_cannot_be_kept(tmp_path: Path) -> None:
    opened = engine(tmp_path, keep=tmp_path / "answers.jsonl")
    with pytest.raises(InputError, match="--keep: photos must be files, not standard input"):
        _ = [outcome async for outcome in opened.locate_many([photo_bytes()])]
    assert not (tmp_path / "answers.jsonl").exists()


@pytest.mark.usefixtures("asked")
async def test_the_same_photo_twice_is_located_once(tmp_path: Path) -> None:
    photos = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for photo in photos:
        photo.write_bytes(photo_bytes())
    opened = engine(tmp_path)
    policy = opened.toolbox.policy
    assert isinstance(policy, ScriptedPolicy)
    found = [outcome async for outcome in opened.locate_many(photos, find_copies(photos))]
    assert [outcome.index for outcome in found] == [0, 1, 2]
    assert found[0].answer == found[1].answer == found[2].answer is not None
    assert len({id(situation) for situation in policy.seen}) == 3  # one for each level


def test_copies_are_files_with_the_same_bytes(tmp_path: Path) -> None:
    for name, content in (("a", b"x"), ("b", b"y"), ("c", b"x"), ("d", b"xx")):
        (tmp_path / name).write_bytes(content)
    photos = [tmp_path / name for name in ("a", "gone", "b", "c", "d", "a")]
    assert find_copies(photos) == [0, 1, 2, 0, 4, 0]
    assert find_copies([b"x", b"x", "a"]) == [0, 1, 2]
