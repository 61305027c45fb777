"""The same options of a policy on every command that runs one, in one object from there on."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import typer

from geoagent_graph.cli.app import app
from geoagent_graph.cli.options import PolicyFlags, takes_policy_flags
from geoagent_graph.errors import InputError

FLAGS = {
    "--policy", "--base-url", "--model", "--weights", "--vision", "--fallback", "--calibration",
    "--reference-photos", "--retriever", "--index",
}  # fmt: skip
RUN_A_POLICY = ("locate", "investigate", "add", "step", "resume", "serve", "mcp", "doctor")


@pytest.mark.parametrize("name", RUN_A_POLICY)
def test_every_command_that_runs_a_policy_takes_them_all(name: str) -> None:
    group: Any = typer.main.get_command(app)
    command = group.get_command(None, name)
    options = {option for parameter in command.params for option in parameter.opts}
    assert options >= FLAGS


def test_what_was_not_given_is_as_the_case_was_begun_with(tmp_path: Path) -> None:
    begun = PolicyFlags(policy="served", model="one", index=tmp_path).options().request()
    options = PolicyFlags(model="two").options(begun)
    assert (options.policy, options.model, options.index) == ("served", "two", tmp_path)


def test_a_damaged_request_is_one_line() -> None:
    with pytest.raises(InputError, match=r"^policy: must be text$"):
        PolicyFlags().options({"policy": ["served"]})


def test_the_decorated_command_gets_one_object() -> None:
    seen = []

    @takes_policy_flags
    def command(flags: PolicyFlags, photo: str, quiet: bool = False) -> None:
        seen.append((flags, photo, quiet))

    assert list(inspect.signature(command).parameters)[:2] == ["photo", "quiet"]
    given: dict[str, Any] = dict.fromkeys(PolicyFlags.__dataclass_fields__)
    command(**{**given, "policy": "served", "photo": "a.jpg", "quiet": True})
    assert seen == [(PolicyFlags(policy="served"), "a.jpg", True)]
