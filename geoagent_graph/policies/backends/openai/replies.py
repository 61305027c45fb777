"""A completion as the policy reads it: its text, what was reasoned beside it, its letters."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geoagent_graph.policies.backends.openai.faults import Fault, one_line
from geoagent_graph.policies.backends.openai.terms import REASONING_TOKENS, Terms
from geoagent_graph.policies.backends.openai.wire import Completion, TokenPosition
from geoagent_graph.policies.model.chat import ChatRequest
from geoagent_graph.policies.model.choice import MIN_LETTER_MASS
from geoagent_graph.policies.model.reasoning import is_unfinished_reasoning, visible_part

_SPACES: Final = "\u0120\u2581 \t\r\n"
_CUT: Final = "length"
_FILTERED: Final = "content_filter"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a completion says; see `ChatReply`."""

    text: str
    reasoning: str
    cut: bool
    letter_logprobs: Mapping[str, float] | None


def read_reply(completion: Completion, request: ChatRequest, terms: Terms) -> Reading | None:
    """Return what a completion says; None where it must be asked for again with more tokens.

    A model that reasons first may have used up its tokens before the reply began.

    Raises:
        Fault: the model or the server refuses, or there is no reply however many tokens it gets.
    """
    text = completion.text
    if completion.refusal and not text:
        raise Fault(f"the model refuses: {one_line(completion.refusal, '')}", refusal=True)
    if completion.finish == _FILTERED:
        raise Fault("the server's filter of contents withholds the reply", refusal=True)
    cut = completion.finish == _CUT
    letters = letter_logprobs(completion, request.letters)
    starved = not _has_letters(letters) and (
        (not text and (cut or bool(completion.reasoning)))
        or (cut and is_unfinished_reasoning(text) and not request.purpose.startswith("draft"))
    )
    if starved and cut:
        _allow_more_reasoning(terms)
        return None
    if starved and not request.letters:  # all of it stands where the reasoning should
        terms.losses["reasoning"] = "replies stand where the reasoning should: they are read there"
        return Reading(completion.reasoning, "", cut, None)
    if request.schema is not None and terms.schema in ("strict", "plain"):
        _note_loose_reply(text, terms)
    return Reading(text, completion.reasoning, cut, letters)


def _has_letters(logprobs: Mapping[str, float] | None) -> bool:
    """Whether log-probabilities answer a choice, whatever the text is."""
    return math.fsum(map(math.exp, (logprobs or {}).values())) >= MIN_LETTER_MASS


def letter_logprobs(completion: Completion, letters: tuple[str, ...]) -> dict[str, float] | None:
    """Return the log-probability of each letter among the likeliest tokens in its place.

    Tokens that are the letter with white space before it count as the letter. None where the
    server gives no log-probabilities.
    """
    if not letters or not any(position.logprobs for position in completion.positions):
        return None
    position = _letter_position(completion, letters)
    found: dict[str, float] = {}
    for token, logprob in position.logprobs:
        letter = token.strip(_SPACES)
        if letter in letters:
            found[letter] = _log_add(found.get(letter), min(0.0, logprob))
    return found


def _letter_position(completion: Completion, letters: tuple[str, ...]) -> TokenPosition:
    """Return the position of the letter: the first, or after what was reasoned the last."""
    first = completion.positions[0]
    if not completion.reasoning and first.token.strip(_SPACES) in (*letters, ""):
        return first
    said = completion.text.strip()[:1]
    wanted = {said} if said in letters else set(letters)
    matching = [p for p in completion.positions if p.token.strip(_SPACES) in wanted]
    return matching[-1] if matching else first


def _note_loose_reply(text: str, terms: Terms) -> None:
    """Keep that a server took a schema and did not hold its reply to it."""
    if not visible_part(text).lstrip().startswith("{"):
        terms.losses["loose"] = "the server does not hold replies to JSON schemas"


def _allow_more_reasoning(terms: Terms) -> None:
    """Give replies more tokens.

    Raises:
        Fault: they have as many as they may have.
    """
    if terms.reasoning + 1 == len(REASONING_TOKENS) or terms.reasoning_share < 1.0:
        raise Fault(
            f"the model reasons for {terms.reasoning_tokens} tokens and more and gives no reply"
        )
    terms.reasoning += 1
    terms.losses["reasoning tokens"] = (
        f"the model reasons before it replies: up to {terms.reasoning_tokens} tokens a question"
    )


def _log_add(first: float | None, second: float) -> float:
    if first is None:
        return second
    high, low = max(first, second), min(first, second)
    return high + math.log1p(math.exp(low - high))
