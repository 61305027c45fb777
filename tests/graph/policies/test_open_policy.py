"""The policy asked for by name, around the same tools."""

from pathlib import Path

import pytest

pytest.importorskip("openai")

from PIL import Image

from geoagent_graph import locate, open_toolbox
from geoagent_graph.errors import InputError
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.testing.mock_server import MODEL, MockServer, ScriptedModel


async def test_the_same_tools_serve_another_policy(tmp_path: Path) -> None:
    toolbox = open_toolbox(load_settings())
    photo = tmp_path / "grey.png"
    Image.new("RGB", (320, 240), "grey").save(photo)
    async with MockServer(ScriptedModel.towards("Europe", "Portugal", "Lisbon")) as server:
        choice = PolicyOptions(policy="served", base_url=server.base_url, model=MODEL)
        chosen = with_policy(toolbox, choice)
        answer = await locate(photo, toolbox=chosen)
        await chosen.policy.aclose()
    assert chosen.evidence is toolbox.evidence
    assert answer.policy == "served"
    assert answer.place.country_code == "PT"
    assert answer.usage.calls > 0


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (PolicyOptions(policy="served"), "needs --base-url"),
        (PolicyOptions(policy="served", base_url="http://127.0.0.1:1/v1"), "and --model"),
        (PolicyOptions(policy="transformers"), "needs --model"),
    ],
)
def test_what_is_missing_is_named(choice: PolicyOptions, message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_policy(scripted_toolbox(), choice)


def test_the_evidence_policy_stays_as_it_is() -> None:
    toolbox = scripted_toolbox()
    assert with_policy(toolbox, PolicyOptions()) is toolbox
