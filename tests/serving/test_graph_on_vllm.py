"""The whole graph with its real tools against a real vLLM with a tiny random model.

The model knows nothing, so the places it names are not looked at. Decoding is constrained, so all
else must hold: every reply keeps to its schema, pictures arrive, log-probabilities count.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("jsonschema")
pytest.importorskip("openai")

import jsonschema

from geoagent_graph import locate, open_toolbox
from geoagent_graph.api import locate_many
from geoagent_graph.cli.app import main
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.model import schemas
from geoagent_graph.policies.model.actions import Action
from geoagent_graph.policies.model.chat import ChatRequest
from geoagent_graph.policies.model.choice_record import read_choices
from geoagent_graph.policies.model.open_model import PolicyTools, open_model_policy
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.settings import load_settings
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Answer
from tests.serving.witness import Witness, as_asked

ONE_PER_CONTINENT = (
    (41.55, -8.42, "PT"),
    (30.04, 31.24, "EG"),
    (35.68, 139.69, "JP"),
    (19.43, -99.13, "MX"),
    (-34.6, -58.38, "AR"),
    (-33.87, 151.21, "AU"),
    (-77.85, 166.67, "AQ"),
)
# A random model never ends its first chain by itself; a few tokens show that as well as many.
FEW = ModelPolicyOptions(draft_tokens=300, seed=3, accept_at=1.0)


@pytest.fixture(scope="module")
def manifest(drawn: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a manifest of reference photos: a part of a drawn street for every continent."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("references")
    rows = []
    for number, (lat, lon, country) in enumerate(ONE_PER_CONTINENT):
        left = 60 * number
        Image.open(drawn[0]).crop((left, 0, left + 700, 800)).save(folder / f"{number}.jpg")
        rows.append({"file": f"{number}.jpg", "lat": lat, "lon": lon, "country": country})
    path = folder / "photos.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


@pytest.fixture(scope="module")
def tools(manifest: Path) -> Toolbox:
    """Return the real tools with an index of the reference photos."""
    index = manifest.parent / "index"
    with pytest.raises(SystemExit) as left:
        main(["index", "build", str(manifest), "--out", str(index)])
    assert left.value.code == 0
    return open_toolbox(load_settings(), index=index)


def _asking(
    base_url: str,
    tools: Toolbox,
    manifest: Path | None,
    change: Callable[[ChatRequest], ChatRequest] = as_asked,
    options: ModelPolicyOptions = FEW,
) -> tuple[Toolbox, Witness]:
    witness = Witness(OpenAIChat(ServerOptions(base_url=base_url, model="tiny")), change)
    policy = open_model_policy(
        "served",
        witness,
        PolicyTools.of(tools),
        options=options,
        reference_photos=manifest,
    )
    return replace(tools, policy=policy), witness


def _check_replies(witness: Witness) -> None:
    """Check that every constrained reply is what its question asked for."""
    constrained = 0
    for request, reply in witness.seen:
        if request.letters:
            constrained += 1
            assert reply.text in request.letters
            assert set(reply.letter_logprobs or {}) == set(request.letters)
        elif request.schema is not None and not reply.cut:
            constrained += 1
            jsonschema.validate(json.loads(reply.text, strict=True), dict(request.schema))
    assert constrained >= 4
    # only a reply that was cut at its token limit may be less than its schema asks for
    wanted = [reply for request, reply in witness.seen if request.schema is not None]
    assert sum(reply.cut for reply in wanted) <= 0.2 * len(wanted) + 1


def _check_answer(answer: Answer, witness: Witness) -> None:
    asked = [call for call in answer.tools if call.usage is not None]
    assert [step.node for step in answer.trace][-1] == "answer"
    assert answer.policy == "served"
    assert answer.usage.calls == len(asked) == len(witness.seen) >= 5
    assert answer.usage.images == sum(request.pictures for request, _ in witness.seen)
    assert answer.usage.prompt_tokens > 100 * answer.usage.calls
    assert answer.usage.completion_tokens > 0
    assert "log-probabilities of one letter" in answer.levels["continent"][0].reason
    for choice in read_choices(answer):
        assert sum(choice.shares) == pytest.approx(1.0, abs=1e-6)
        assert len(set(choice.shares)) > 1


async def test_photos_are_located_end_to_end(
    base_url: str, tools: Toolbox, manifest: Path, photos: list[Path]
) -> None:
    async def one(photo: Path) -> None:
        toolbox, witness = _asking(base_url, tools, manifest)
        answer = await locate(photo, toolbox=toolbox)
        await toolbox.aclose()
        _check_answer(answer, witness)
        _check_replies(witness)
        # the graph finds reference photos, at first in the whole world: two stand beside the photo
        verdicts = [r for r, _ in witness.seen if r.purpose.startswith("verdict")]
        assert verdicts[0].pictures == 3

    await asyncio.gather(*(one(photo) for photo in photos[:2] + photos[-2:]))


async def test_the_model_uses_tools_and_is_shown_what_they_found(
    base_url: str, tools: Toolbox, manifest: Path, drawn: list[Path]
) -> None:
    """A random model chooses a tool by chance; here the first turn offers it one alone."""
    actions: tuple[Action, ...] = ("retrieve", "zoom", "verify", "reverse_geocode")
    await asyncio.gather(
        *(_use_tool(action, base_url, tools, manifest, drawn[0]) for action in actions)
    )


async def _use_tool(
    action: Action, base_url: str, tools: Toolbox, manifest: Path, photo: Path
) -> None:
    offered: set[str] = set()

    def only_this(request: ChatRequest) -> ChatRequest:
        if not request.purpose.startswith("turn.country") or action in offered:
            return request
        offered.add(action)
        return replace(request, schema=schemas.turn_schema([action], None))

    sure = FEW.model_copy(update={"accept_at": 0.0})  # so that every level is reached
    toolbox, witness = _asking(base_url, tools, manifest, only_this, sure)
    answer = await locate(photo, toolbox=toolbox)
    await toolbox.aclose()
    turns = [(q, r) for q, r in witness.seen if q.purpose.startswith("turn.country")]
    used = [call for call in answer.tools if call.tool == f"policy.{action}"]
    assert used
    assert used[0].error is None
    first, second = turns[0][0], turns[1][0]
    assert f"Result of {action}" in str(second.messages[-1].parts[-1])
    more = second.pictures - first.pictures
    assert more == {"zoom": 1, "retrieve": 1}.get(action, 0)
    if more:
        assert turns[1][1].usage.prompt_tokens > turns[0][1].usage.prompt_tokens + 50
    _check_replies(witness)


async def test_photos_in_flight_keep_their_order(
    base_url: str, tools: Toolbox, photos: list[Path]
) -> None:
    toolbox, _ = _asking(base_url, tools, None)
    outcomes = [o async for o in locate_many(photos, toolbox=toolbox, concurrency=6)]
    await toolbox.aclose()
    assert [outcome.index for outcome in outcomes] == list(range(len(photos)))
    for outcome, photo in zip(outcomes, photos, strict=True):
        assert outcome.error is None
        assert outcome.answer is not None
        assert outcome.answer.image.name == str(photo)
