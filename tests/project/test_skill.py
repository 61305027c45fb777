"""The skill for other agents fits the format of Agent Skills, and its commands are there."""

import re

import pytest
import yaml

from geoagent_graph.cli.app import COMMANDS
from tests.support.paths import ROOT

SKILL = ROOT / "skills" / "geoagent" / "SKILL.md"
HEAD, BODY = SKILL.read_text("utf-8").removeprefix("---\n").split("\n---\n", 1)
USED = sorted(set(re.findall(r"^geoagent ([a-z-]+)(?= |$)", BODY, re.MULTILINE)))


def test_its_head_fits_the_format() -> None:
    head = yaml.safe_load(HEAD)
    assert head["name"] == SKILL.parent.name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", head["name"])
    assert 1 <= len(head["description"]) <= 1024
    assert len(head["compatibility"]) <= 500
    assert set(head) <= {
        "name", "description", "license", "compatibility", "metadata", "allowed-tools",
    }  # fmt: skip
    assert len(BODY.splitlines()) < 500


@pytest.mark.parametrize("command", USED)
def test_its_commands_are_there(command: str) -> None:
    assert command in COMMANDS


def test_its_commands_were_found() -> None:
    assert {"investigate", "fork", "export", "keys"} - set(USED) <= {"keys"}
