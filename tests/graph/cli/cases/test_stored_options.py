"""What a case was begun with is used again only on the word of the person who resumes it."""

from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.cli.cases.stored_options import options_of_case
from geoagent_graph.cli.options import PolicyFlags
from geoagent_graph.errors import InputError
from geoagent_graph.settings import Settings
from geoagent_graph.types import Json
from tests.support.scripted_cli import run

SERVED: Json = {"policy": "served", "base_url": "http://a.example/v1", "model": "m", "vision": True}


def refuse(question: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        (SERVED, "--base-url http://a.example/v1 --model m"),
        ({"policy": "transformers", "model": "/weights"}, "--model /weights"),
        ({"policy": "evidence", "index": "//host/share"}, "--index //host/share"),
        ({"retriever": "theirs"}, "--retriever theirs"),
        ({"policy": "theirs"}, "--policy theirs"),
        ({**SERVED, "calibration": "/c; rm"}, "--calibration '/c; rm'"),
        ({**SERVED, "reference_photos": "/p"}, "--reference-photos /p"),
    ],
)
def test_what_is_stored_is_not_used_unasked(stored: Json, named: str) -> None:
    with pytest.raises(InputError, match="was begun with") as caught:
        options_of_case("one", stored, PolicyFlags(), Settings(), refuse)
    assert named in str(caught.value)


def test_a_person_may_confirm_it() -> None:
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    options = options_of_case("one", SERVED, PolicyFlags(), Settings(), agree)
    assert options.base_url == "http://a.example/v1"
    assert asked == ["one was begun with --base-url http://a.example/v1 --model m. Use that?"]


def test_what_options_or_settings_say_needs_no_question() -> None:
    flags = PolicyFlags(base_url="http://b.example/v1", model="mine")
    options = options_of_case("one", SERVED, flags, Settings(), refuse)
    assert (options.base_url, options.model) == ("http://b.example/v1", "mine")
    same = Settings(base_url="http://a.example/v1", model="m")
    assert options_of_case("one", SERVED, PolicyFlags(), same, refuse).model == "m"
    plain = options_of_case("one", SERVED, PolicyFlags(policy="evidence"), Settings(), refuse)
    assert plain.policy == "evidence"
    begun: Json = {"policy": "evidence", "base_url": None, "vision": True, "index": None}
    assert options_of_case("one", begun, PolicyFlags(), Settings(), refuse).index is None


def test_the_commands_refuse_what_only_the_case_names(
    photo: Path, tmp_path: Path, capsys: Any
) -> None:
    index = ("--index", str(tmp_path))
    assert run("investigate", photo, "-q", *index) == 0
    capsys.readouterr()
    other = tmp_path / "other.png"
    other.write_bytes(photo.read_bytes())
    for command in (["resume", "street"], ["step", "street"], ["add", "street", other]):
        assert run(*command, "-q") == 2
        assert f"--index {tmp_path}" in capsys.readouterr().err
    assert run("note", "street", "seen") == 0  # opens nothing
    assert run("resume", "street", "-q", *index) == 0
