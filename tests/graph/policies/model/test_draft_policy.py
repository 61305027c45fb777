"""The paper's protocol: one question, one chain, and an answer with a point."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from geoagent_graph import locate
from geoagent_graph.errors import InputError, PolicyError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.policies.model.prompts import DRAFT_QUESTION, DRAFT_SYSTEM
from geoagent_graph.policies.open_policy import check_options, with_policy
from geoagent_graph.policies.options import DRAFT_TOKENS, PolicyOptions
from geoagent_graph.settings import load_settings
from geoagent_graph.testing import scripted_toolbox
from geoagent_graph.testing.mock_server import MODEL, MockRequest, MockServer, completion
from geoagent_graph.types import Answer

STAGES = {
    "CountryIdentification": {"Clues": ["a tram"], "Reasoning": "", "Conclusion": "Portugal"},
    "RegionalGuess": {"Clues": [], "Reasoning": "", "Conclusion": "Lisbon"},
    "PreciseLocalization": {"Clues": [], "Reasoning": "", "Conclusion": "Tram 28"},
}
ANSWER = "Portugal; Lisbon; Tram 28, Lisbon"
BARE = json.dumps({"ChainOfThought": STAGES, "FinalAnswer": ANSWER})
CHAIN = json.dumps({"ChainOfThought": STAGES})


@pytest.fixture(scope="module")
def geocoder() -> OfflineGeocoder:
    return open_geocoder(load_settings())


@functools.cache
def evidence_of(geocoder: OfflineGeocoder) -> BayesEvidence:
    return BayesEvidence(geocoder.gazetteer, geocoder=geocoder)


async def drafted(
    reply: dict[str, Any], geocoder: OfflineGeocoder, **options: Any
) -> tuple[Answer, list[MockRequest]]:
    async with MockServer(lambda _: reply) as server:
        chosen = PolicyOptions(
            policy="served", mode="draft", base_url=server.base_url, model=MODEL, **options
        )
        tools = scripted_toolbox(geocoder=geocoder, evidence=evidence_of(geocoder))
        toolbox = with_policy(tools, chosen)
        try:
            return await locate(b"photo", toolbox=toolbox), server.requests
        finally:
            await toolbox.aclose()


def with_reasoning(text: str, reasoning: str) -> dict[str, Any]:
    body = completion(text)
    body["choices"][0]["message"]["reasoning_content"] = reasoning
    return body


@pytest.mark.parametrize(
    "reply",
    [
        completion(BARE),
        completion(f"```json\n{BARE}\n```"),
        completion(f"<think>{CHAIN}</think><answer>{ANSWER}</answer>"),
        completion(f"<answer>{ANSWER}</answer>"),
        with_reasoning(f"<answer>{ANSWER}</answer>", CHAIN),
        with_reasoning(BARE, "Perhaps {Spain}? No."),
    ],
    ids=["bare", "fenced", "tagged", "answer alone", "parted", "reasoning beside"],
)
async def test_one_question_leads_to_an_answer_with_a_point(
    reply: dict[str, Any], geocoder: OfflineGeocoder
) -> None:
    answer, asked = await drafted(reply, geocoder)
    assert (answer.place.country, answer.place.city) == ("Portugal", "Lisbon")
    assert answer.lat_deg == pytest.approx(38.7, abs=0.2)
    assert answer.lon_deg == pytest.approx(-9.1, abs=0.2)
    assert answer.probability == 0.5
    assert answer.usage.calls == len(asked) == 1
    assert any(text.startswith("mode draft:") for text in answer.warnings)


async def test_a_country_without_a_town_is_claimed_as_such(geocoder: OfflineGeocoder) -> None:
    answer, _ = await drafted(completion("<answer>Portugal; nowhere known</answer>"), geocoder)
    assert (answer.level, answer.place.country) == ("country", "Portugal")


async def test_a_reply_without_a_place_is_one_sentence(geocoder: OfflineGeocoder) -> None:
    with pytest.raises(PolicyError, match=r"no usable chain: .*; it wrote: I am sorry"):
        await drafted(completion("I am sorry, I cannot say that."), geocoder)


async def test_the_words_and_budgets_are_those_of_the_training(geocoder: OfflineGeocoder) -> None:
    _, (request,) = await drafted(completion(BARE), geocoder)
    system, question = request.body["messages"]
    assert system == {"role": "system", "content": DRAFT_SYSTEM}
    assert [part["type"] for part in question["content"]] == ["image_url", "text"]
    assert question["content"][1]["text"] == DRAFT_QUESTION
    assert request.body["max_tokens"] == DRAFT_TOKENS
    assert "response_format" not in request.body


async def test_words_of_the_users_own_come_from_files(
    tmp_path: Path, geocoder: OfflineGeocoder
) -> None:
    files = {}
    for name in ("system", "question"):
        files[f"draft_{name}"] = tmp_path / f"{name}.txt"
        files[f"draft_{name}"].write_text(f"My {name} «é».\n", encoding="utf-8")
    _, (request,) = await drafted(completion(BARE), geocoder, draft_tokens=77, **files)
    system, question = request.body["messages"]
    assert system["content"] == "My system «é»."
    assert question["content"][1]["text"] == "My question «é»."
    assert request.body["max_tokens"] == 77


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read"), (b" \n", "is empty"), (b"\xff", "is not UTF-8")]
)
def test_a_file_without_words_is_named(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "words.txt"
    if content is not None:
        path.write_bytes(content)
    options = PolicyOptions(
        policy="served", base_url="http://127.0.0.1:9/v1", model="m", draft_system=path
    )
    with pytest.raises(InputError, match=rf"--draft-system .*words\.txt: {says}"):
        with_policy(scripted_toolbox(), options)


def test_the_mode_needs_a_model() -> None:
    with pytest.raises(InputError, match="--mode draft: asks a model"):
        check_options(PolicyOptions(mode="draft"))
