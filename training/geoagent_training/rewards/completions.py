"""What a completion says, read as strictly as a reward must.

The chain of thought is read by the parser of the served policy, so that both see the same words.
Around it stands what only an optimised policy needs: tags that may stand once, answer fields that
may not hedge, hide or shout. A completion that breaks these rules has no answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from geoagent_graph.policies.model.chain import Chain, Stage, parse_chain
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_training.rewards.answer_fields import AnswerFields, read_answer

MAX_COMPLETION_CHARACTERS: Final = 65_536

_TAGS: Final = ("<think>", "</think>", "<answer>", "</answer>")

Message = Mapping[str, Any]
Completion = str | Sequence[Message]
"""TRL hands over plain text, or the messages of a conversation."""


@dataclass(frozen=True, slots=True)
class ParsedCompletion:
    """What a completion says.

    `well_formed`: it is exactly `<think>...</think><answer>...</answer>`, white space around the
    tags allowed. `stages` holds country, region and precise place, or nothing when the chain
    cannot be read whole. `confidence` is 1 minus the uncertainty of the last stage where that is a
    number.
    """

    well_formed: bool
    answer: AnswerFields | None
    stages: tuple[Stage, ...]
    confidence: float | None


_NOTHING: Final = ParsedCompletion(False, None, (), None)


def text_of(completion: Completion) -> str:
    """Return the text of a completion: of its last message by the policy, if it has several."""
    if isinstance(completion, str):
        return completion
    for message in reversed(completion):
        if message.get("role", "assistant") == "assistant":
            content = message.get("content") or ""
            if isinstance(content, str):
                return content
            return "".join(str(part.get("text", "")) for part in content)
    return ""


@lru_cache(maxsize=2048)
def parse_completion(text: str) -> ParsedCompletion:
    """Return what a completion says; a text that is too long says nothing."""
    if len(text) > MAX_COMPLETION_CHARACTERS:
        return _NOTHING
    body = text.strip()
    if body.startswith("{"):
        return _bare_chain(body)
    if any(body.count(tag) > 1 for tag in _TAGS):
        return _NOTHING
    opened, closed = body.find("<answer>"), body.find("</answer>")
    if opened < 0 or closed < opened or body[closed + len("</answer>") :].strip():
        return _NOTHING
    head = body[:opened].strip()
    well_formed = (
        head.startswith("<think>")
        and head.endswith("</think>")
        and len(head) >= len("<think></think>")
    )
    answer = read_answer(body[opened + len("<answer>") : closed])
    return _read_parts(body, answer, well_formed=well_formed)


def parse_completions(completions: Sequence[Completion]) -> list[ParsedCompletion]:
    """Return what each completion says, in order; a broken one says nothing, and never raises."""
    return [parse_completion(text_of(completion)) for completion in completions]


def _bare_chain(body: str) -> ParsedCompletion:
    """Read the output of the supervised stage: the chain alone, its answer inside."""
    chain = _whole_chain(body)
    if chain is None:
        return _NOTHING
    return _read_parts(body, read_answer(str(chain.answer)), well_formed=False)


def _read_parts(body: str, answer: AnswerFields, *, well_formed: bool) -> ParsedCompletion:
    chain = _whole_chain(body)
    stages = chain.stages if chain else ()
    share = stages[-1].uncertainty_share if stages else None
    return ParsedCompletion(well_formed, answer, stages, None if share is None else 1.0 - share)


def _whole_chain(body: str) -> Chain | None:
    """Return the chain if all of it is there."""
    try:
        chain = parse_chain(body)
    except ReplyError:
        return None
    return chain if all(stage.conclusion for stage in chain.stages) else None
