"""A policy over any model: it gets the tools of the run, and files it can use."""

from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.policies.model.calibration import Calibration
from geoagent_graph.policies.model.open_model import PolicyTools, open_model_policy
from geoagent_graph.testing.scripted import FixedGeocoder, scripted_toolbox
from geoagent_graph.testing.scripted_chat import ScriptedChat


def test_the_tools_are_those_of_the_toolbox_and_its_policy_is_the_reader() -> None:
    toolbox = scripted_toolbox()
    tools = PolicyTools.of(toolbox)
    assert tools.geocoder is toolbox.geocoder
    assert tools.images is toolbox.images
    assert tools.evidence is toolbox.evidence
    assert tools.retriever is toolbox.retriever
    assert tools.reader is toolbox.policy


def test_a_calibration_is_taken_as_it_is_or_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    path.write_text('{"city": 2.0}')
    chat, tools = ScriptedChat(model="m@1"), PolicyTools(FixedGeocoder())
    given = Calibration(city=3.0)
    opened = [
        open_model_policy("mine", chat, tools, calibration=source) for source in (None, given, path)
    ]
    assert [policy.calibration.city for policy in opened] == [1.0, 3.0, 2.0]
    assert {(policy.name, policy.model) for policy in opened} == {("mine", "m@1")}


def test_reference_photos_need_something_to_read_them_with(tmp_path: Path) -> None:
    manifest = tmp_path / "photos.jsonl"
    with pytest.raises(InputError, match=r"photos\.jsonl: .*PolicyTools\.images"):
        open_model_policy(
            "mine", ScriptedChat(), PolicyTools(FixedGeocoder()), reference_photos=manifest
        )
