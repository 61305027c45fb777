"""Checks a model server: is it there, and can it do what the served policy asks of it?"""

import json
from dataclasses import dataclass
from typing import Final, Literal

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.backends.openai.faults import Fault
from geoagent_graph.policies.backends.openai.model_names import is_same_model
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message, Picture
from geoagent_graph.policies.model.photos import encode
from geoagent_graph.policies.model.replies import read_object
from geoagent_graph.policies.options import PAPER_MAX_PIXELS

State = Literal["ok", "partly", "missing"]

MIN_CONTEXT_TOKENS: Final = 4096
WANTED_PICTURES: Final = 4
_SAID: Final = frozenset({401, 402, 403, 429})
"""Statuses whose sentence says what to do."""
_NOT_SEEN: Final = "a picture is taken but not seen"
_SCHEMA: Final = {
    "type": "object",
    "properties": {"place": {"enum": ["Lisbon", "Porto"]}, "sure": {"type": "boolean"}},
    "required": ["place", "sure"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class ModelFinding:
    """One thing that was checked: its state, what was found, what to do about it."""

    name: str
    state: State
    found: str
    advice: str = ""


async def check_server(server: ServerOptions) -> list[ModelFinding]:
    """Return what a model server can do; every check asks it once, in the order of importance.

    Where the model itself cannot be asked, nothing after that is checked. `missing` means that the
    served policy does not work, `partly` that it works with less.
    """
    chat = OpenAIChat(server)
    try:
        first = await _check_model(chat)
        if first.state == "missing":
            return [first]
        findings = [first, await _check_context(chat), await _check_picture(chat)]
        if findings[-1].state != "missing" or findings[-1].found == _NOT_SEEN:
            findings.append(await _check_pictures(chat))
        findings += [await _check_schema(chat), await _check_logprobs(chat)]
        return [*findings, _check_terms(chat)]
    finally:
        await chat.aclose()


async def _check_model(chat: OpenAIChat) -> ModelFinding:
    name = f"model {chat.model}"
    question = _picture_question("Say hello.")
    try:
        reply = await chat.reply(question)
    except PolicyError as error:
        return ModelFinding(name, "missing", str(error), _advice_on(error))
    kind = await chat.kind()
    listed = kind.models and not any(is_same_model(chat.model, known) for known in kind.models)
    unlisted = f"; it lists {', '.join(kind.models[:3])}" if listed else ""
    engine = kind.profile.name
    return ModelFinding(
        name, "ok", f"{engine} at {chat.address} replies in {reply.seconds:.1f} s{unlisted}"
    )


def _advice_on(error: PolicyError) -> str:
    """Return what to do about a model that cannot be asked; empty where the error says it."""
    fault = error.__cause__
    if not isinstance(fault, Fault) or fault.is_about_the_model:
        return "check --base-url and --model"
    if fault.loading:
        return "wait until the model is loaded, then ask again"
    if fault.unreachable:
        return "start the server, or check --base-url"
    if fault.is_about_length:
        return f"the served policy needs at least {MIN_CONTEXT_TOKENS} tokens of context"
    if fault.refusal:
        return "serve another model: this one does not reply to a greeting"
    return "" if fault.status in _SAID else "check --base-url and --model"


async def _check_context(chat: OpenAIChat) -> ModelFinding:
    kind = await chat.kind()
    tokens = kind.context_tokens
    if tokens is None:
        return ModelFinding(
            "context length", "partly", "the server does not say",
            f"at least {MIN_CONTEXT_TOKENS} tokens are needed: {kind.profile.context_advice}",
        )  # fmt: skip
    state: State = "ok" if tokens >= MIN_CONTEXT_TOKENS else "partly"
    advice = "" if state == "ok" else kind.profile.context_advice
    return ModelFinding("context length", state, f"{tokens} tokens", advice)


async def _check_picture(chat: OpenAIChat) -> ModelFinding:
    """Check that a picture arrives: it must cost tokens."""
    advice = "serve a vision model, or use --no-vision for one that reads text only"
    plain = _picture_question("What is it?")
    shown = _picture_question("What is it?", pictures=1)
    failed, replies = await _ask_all(chat, plain, shown)
    if failed is not None:
        return ModelFinding("picture input", "missing", failed, advice)
    cost = replies[1].usage.prompt_tokens - replies[0].usage.prompt_tokens
    if not replies[1].usage.prompt_tokens:
        return ModelFinding(
            "picture input", "partly", "a picture is taken; the server counts no tokens for it",
            "see whether the answer to a photo names what its signs say",
        )  # fmt: skip
    if cost <= 0:
        return ModelFinding("picture input", "missing", _NOT_SEEN, advice)
    return ModelFinding("picture input", "ok", f"a photo costs {cost} tokens")


async def _check_pictures(chat: OpenAIChat) -> ModelFinding:
    name = "pictures per question"
    try:
        await chat.reply(_picture_question("Do they differ?", pictures=WANTED_PICTURES))
    except PolicyError as error:
        advice = (await chat.kind()).profile.pictures_advice
        return ModelFinding(name, "partly", str(error), advice)
    return ModelFinding(name, "ok", f"{WANTED_PICTURES} arrive")


async def _check_schema(chat: OpenAIChat) -> ModelFinding:
    name = "JSON schema"
    advice = "replies are read all the same, with more retries"
    request = ChatRequest(
        purpose="check",
        messages=(Message("user", ("Where is the photo from?",)),),
        max_tokens=200,
        temperature=1.0,
        schema=_SCHEMA,
    )
    try:
        fields = read_object((await chat.reply(request)).text)
    except PolicyError as error:
        return ModelFinding(name, "partly", str(error), advice)
    kept = fields.get("place") in ("Lisbon", "Porto") and isinstance(fields.get("sure"), bool)
    if kept and chat.takes_schemas:
        return ModelFinding(name, "ok", "replies keep to the schema")
    return ModelFinding(name, "partly", f"ignored: {json.dumps(fields)[:80]}", advice)


async def _check_logprobs(chat: OpenAIChat) -> ModelFinding:
    name = "log-probabilities"
    own = (await chat.kind()).profile.logprobs_advice
    advice = "; ".join(filter(None, ("probabilities then come from sampled replies", own)))
    text = "Which is a fruit?\nA. apple\nB. brick\nReply with one letter.\nLetter:"
    request = ChatRequest(
        purpose="check", messages=(Message("user", (text,)),), max_tokens=1, letters=("A", "B")
    )
    try:
        reply = await chat.reply(request)
    except PolicyError as error:
        return ModelFinding(name, "partly", str(error), advice)
    if not reply.letter_logprobs:
        said = "none given" if reply.letter_logprobs is None else "none of the letters among them"
        return ModelFinding(name, "partly", said, advice)
    return ModelFinding(name, "ok", f"given for {', '.join(sorted(reply.letter_logprobs))}")


def _check_terms(chat: OpenAIChat) -> ModelFinding:
    """Return which parts of a question the server takes, and under which names."""
    terms = chat.terms
    takes: list[str] = [terms.token_limit or "no limit of tokens"]
    takes += [name for name in ("temperature", "seed") if getattr(terms, name)]
    takes += [f"{terms.top_logprobs} log-probabilities"] if terms.top_logprobs else []
    takes += {"strict": ["strict schemas"], "plain": ["schemas"], "object": ["JSON mode"]}.get(
        terms.schema, []
    )
    found = f"takes {', '.join(takes)}; the key goes as {terms.key_header}"
    state: State = "partly" if chat.losses else "ok"
    return ModelFinding("parameters", state, found, "; ".join(chat.losses))


async def _ask_all(chat: OpenAIChat, *requests: ChatRequest) -> tuple[str | None, list[ChatReply]]:
    replies = []
    for request in requests:
        try:
            replies.append(await chat.reply(request))
        except PolicyError as error:
            return str(error), replies
    return None, replies


def _picture_question(text: str, pictures: int = 0) -> ChatRequest:
    shown = tuple(_draw_picture(number) for number in range(pictures))
    return ChatRequest(purpose="check", messages=(Message("user", (*shown, text)),), max_tokens=4)


def _draw_picture(number: int) -> Picture:
    """Return a picture of the size of a photo, each another one."""
    import numpy as np

    pixels = np.zeros((384, 512, 3), np.uint8)
    pixels[:, : 100 * (number + 1)] = (200, 40 * number, 90)
    return Picture(encode(pixels, PAPER_MAX_PIXELS))
