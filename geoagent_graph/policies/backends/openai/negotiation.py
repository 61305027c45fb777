"""What to take back when a server refuses a request: found in its words, or by trying.

Most servers name what they refuse; `adapt_terms` reads it. A server that refuses without a word is
asked again without one part after the other; see `parts_to_probe` and `drop_part`.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from geoagent_graph.policies.backends.openai.faults import Fault
from geoagent_graph.policies.backends.openai.terms import (
    KEY_HEADERS,
    MAX_TOP_LOGPROBS,
    SchemaForm,
    Terms,
)

Topic = Literal["logprobs", "letters", "schema", "tokens", "temperature", "seed", "system"]

_REFUSALS: Final = frozenset({400, 404, 415, 422, 500, 501})
_PROBED: Final = frozenset({400, 422, 501})
_WORDS: Final[Mapping[Topic, re.Pattern[str]]] = {
    "logprobs": re.compile(r"log_?probs|log.probabilit|n_probs"),
    "letters": re.compile(r"structured_outputs|guided_choice"),
    "schema": re.compile(
        r"response_?format|json.?schema|schema|grammar|guided_json|guided|structured output"
    ),
    "tokens": re.compile(r"max_(?:completion_|output_|new_)?tokens|max tokens"),
    "temperature": re.compile(r"temperature"),
    "seed": re.compile(r"\bseed\b"),
    "system": re.compile(r"system.{0,20}role|role.{0,30}system|system (?:message|prompt|instruct)"),
}
_ARGUMENTS: Final[Mapping[Topic, tuple[str, ...]]] = {
    "letters": ("structured_outputs",),
    "seed": ("seed",),
    "schema": ("response_format",),
    "logprobs": ("logprobs", "top_logprobs", "structured_outputs"),
    "temperature": ("temperature",),
    "tokens": ("max_tokens", "max_completion_tokens"),
}
_UNKNOWN: Final = re.compile(
    r"support|unknown|unrecogni|extra|not permitted|not allowed|forbidden|unavailable|not available"
    r"|disabled|not enabled|unexpected|no endpoints"
)
_BELOW: Final = re.compile(r"minimum|below|at least|>=|greater than or equal|too (?:small|low)")
_ABOVE: Final = re.compile(
    r"too large|exceed|at most|above maximum|maximum value|less than or equal"
)
_ONE_SCHEMA: Final = re.compile(
    r"invalid schema|strict|additionalproperties|pattern|minitems|maxitems|keyword|enum|too complex"
)
_NUMBER: Final = re.compile(r"(?<![\w.])(\d{1,7})(?![\w.]*\d)")
_MIN_USEFUL_LOGPROBS: Final = 2
_FEW_LOGPROBS: Final = 5
_MIN_REASONING_SHARE: Final = 0.1


def adapt_terms(terms: Terms, fault: Fault, arguments: Mapping[str, Any]) -> bool:
    """Return whether the terms have changed so that asking again makes sense.

    Another question may have changed them meanwhile; then they stay, and this one is asked again.
    """
    if fault.status is not None and fault.status not in _REFUSALS:
        return False
    if fault.is_about_length:
        return _shorten_reasoning(terms)
    topic = _topic_of(fault, arguments)
    if topic is None or (topic == "tokens" and _is_too_large(fault)):
        return topic is not None and _shorten_reasoning(terms)
    if _has_changed(terms, topic, arguments):
        return True
    return _take_back(terms, topic, fault, arguments)


def next_key_header(terms: Terms, fault: Fault) -> bool:
    """Return whether the key goes into another header now, after it was refused in this one."""
    tried = KEY_HEADERS.index(terms.key_header)
    if fault.status not in (401, 403) or "key" in terms.proven or tried + 1 == len(KEY_HEADERS):
        return False
    terms.key_header = KEY_HEADERS[tried + 1]
    return True


def parts_to_probe(terms: Terms, fault: Fault, arguments: Mapping[str, Any]) -> list[Topic]:
    """Return the parts that a refusal without a word may be about, the least common first."""
    explained = fault.is_about_length or fault.is_about_pictures
    if fault.status not in _PROBED or explained or terms.probed:
        return []
    return [
        topic
        for topic, names in _ARGUMENTS.items()
        if any(name in arguments and name not in terms.proven for name in names)
    ]


def without_part(arguments: Mapping[str, Any], *topics: Topic) -> dict[str, Any]:
    """Return a request without some parts; of a limit of tokens, under its other name."""
    names = {name for topic in topics for name in _ARGUMENTS[topic]}
    left = {name: value for name, value in arguments.items() if name not in names}
    if "tokens" in topics:
        limit = arguments.get("max_tokens") or arguments.get("max_completion_tokens")
        other = "max_completion_tokens" if "max_tokens" in arguments else "max_tokens"
        left[other] = limit
    return left


def drop_part(terms: Terms, topic: Topic) -> None:
    """Take a part back for good, after a request without it went through."""
    if topic == "tokens":
        _rename_token_limit(terms)
    elif topic == "schema":
        _lose_schema(terms, "none", None)
    elif topic == "logprobs":
        _lose_logprobs(terms, 0)
    else:
        _lose_simple(terms, topic)


def _topic_of(fault: Fault, arguments: Mapping[str, Any]) -> Topic | None:
    """Return what a refusal is about: the part of the request that it names first."""
    for text in (fault.param.casefold(), str(fault).casefold()):
        found = {
            topic: match.start()
            for topic, pattern in _WORDS.items()
            if (match := pattern.search(text)) and _stands_in(topic, arguments)
        }
        if found:
            return min(found, key=lambda topic: (found[topic], topic))
    return None


def _stands_in(topic: Topic, arguments: Mapping[str, Any]) -> bool:
    if topic == "system":
        messages = arguments.get("messages") or [{}]
        return bool(messages[0].get("role") == "system")
    return any(name in arguments for name in _ARGUMENTS[topic])


def _has_changed(terms: Terms, topic: Topic, arguments: Mapping[str, Any]) -> bool:
    """Whether the terms are others than those that were refused."""
    if topic == "logprobs":
        return bool(arguments.get("top_logprobs", 0) > terms.top_logprobs)
    if topic == "tokens":
        return bool(terms.token_limit) and terms.token_limit not in arguments
    if topic == "schema":
        sent = arguments["response_format"]
        name = sent.get("json_schema", {}).get("name", "")
        return _form_of(sent) != terms.schema_form(name)
    flags = {
        "letters": terms.constrains_letters, "temperature": terms.temperature,
        "seed": terms.seed, "system": terms.system,
    }  # fmt: skip
    return not flags[topic]


def _form_of(response_format: Mapping[str, Any]) -> SchemaForm:
    if response_format["type"] == "json_object":
        return "object"
    return "strict" if "strict" in response_format["json_schema"] else "plain"


def _take_back(terms: Terms, topic: Topic, fault: Fault, arguments: Mapping[str, Any]) -> bool:
    text = str(fault).casefold()
    if topic == "logprobs":
        _lose_logprobs(terms, _fewer_logprobs(text, terms.top_logprobs))
    elif topic == "tokens":
        return _change_token_limit(terms, text)
    elif topic == "schema":
        sent = arguments["response_format"]
        name = sent.get("json_schema", {}).get("name", "")
        whole, form = _next_schema_form(text, _form_of(sent))
        _lose_schema(terms, form, None if whole else name)
    else:
        _lose_simple(terms, topic)
    return True


def _fewer_logprobs(text: str, now: int) -> int:
    """Return how many log-probabilities a refusal leaves: the number that it names, if any."""
    said = re.sub(r"^status \d+", "", text)
    numbers = [int(number) for number in _NUMBER.findall(said)]
    allowed = [number for number in numbers if 0 < number < now]
    if allowed:
        fewer = max(allowed)
    elif now > _FEW_LOGPROBS and not _UNKNOWN.search(said):
        fewer = _FEW_LOGPROBS
    else:
        fewer = 0
    return fewer if fewer >= _MIN_USEFUL_LOGPROBS else 0


def _change_token_limit(terms: Terms, text: str) -> bool:
    if _BELOW.search(text) and terms.min_tokens == 1:
        said = [int(number) for number in _NUMBER.findall(re.sub(r"^status \d+", "", text))]
        terms.min_tokens = max([16, *(number for number in said if number <= 256)])
        terms.renamed["min_tokens"] = f"replies get at least {terms.min_tokens} tokens"
        return True
    return _rename_token_limit(terms)


def _rename_token_limit(terms: Terms) -> bool:
    if "token_limit" in terms.renamed:
        if not terms.token_limit:
            return False
        terms.token_limit = ""
        terms.losses["tokens"] = "the server takes no limit on the length of a reply"
        return True
    old = terms.token_limit
    terms.token_limit = "max_completion_tokens" if old == "max_tokens" else "max_tokens"
    terms.renamed["token_limit"] = f"it takes {terms.token_limit} in place of {old}"
    return True


def _is_too_large(fault: Fault) -> bool:
    text = str(fault).casefold()
    return bool(_ABOVE.search(text)) and not _UNKNOWN.search(text)


def _shorten_reasoning(terms: Terms) -> bool:
    """Return whether the tokens for reasoning could be halved."""
    if not terms.reasoning_tokens or terms.reasoning_share < _MIN_REASONING_SHARE:
        return False
    terms.reasoning_share /= 2.0
    return True


def _next_schema_form(text: str, sent: SchemaForm) -> tuple[bool, SchemaForm]:
    """Return the next form of a schema, and whether it holds for every schema."""
    if sent == "strict" and _ONE_SCHEMA.search(text):
        return False, "plain"
    if sent in ("strict", "plain") and "json_object" in text:
        return True, "object"
    return not _ONE_SCHEMA.search(text), "none"


def _lose_schema(terms: Terms, form: SchemaForm, name: str | None) -> None:
    """Take a schema back for one name, or all of them for None."""
    which = f"the schema {name}" if name else "JSON schemas"
    said = {
        "plain": f"the server takes {which} without strictness",
        "object": f"the server does not take {which}, only JSON mode",
        "none": f"the server does not take {which}: replies are read as they come",
        "strict": "",
    }
    if name is None:
        terms.schema = form
        terms.schemas.clear()
    else:
        terms.schemas[name] = form
    terms.losses[f"schema {name}" if name else "schema"] = said[form]


def _lose_logprobs(terms: Terms, left: int) -> None:
    terms.top_logprobs = left
    if left:
        terms.losses["logprobs"] = (
            f"the server gives {left} log-probabilities a token, not {MAX_TOP_LOGPROBS}"
        )
        return
    terms.constrains_letters = False
    terms.losses["logprobs"] = "the server gives no log-probabilities"


def _lose_simple(terms: Terms, topic: Topic) -> None:
    if topic == "temperature":
        terms.temperature = False
        terms.losses[topic] = "the server takes no temperature: replies vary"
    elif topic == "seed":
        terms.seed = False
        terms.losses[topic] = "the server takes no seed: sampled replies differ from run to run"
    elif topic == "letters":
        terms.constrains_letters = False
        terms.losses[topic] = "the server does not hold replies to single letters"
    elif topic == "system":
        terms.system = False
        terms.losses[topic] = "the server takes no system message: it stands in the question"
