"""The paper's chain of thought, read from a reply.

Two forms are in use: `<think>{chain}</think><answer>Country; Region; Place</answer>` and the bare
chain with `FinalAnswer` in it. Published models write both with flaws; what can be read without
guessing is read, everything else is a `ReplyError` whose text goes back to the model.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from geoagent_graph.policies.model.replies import MAX_REPLY_CHARS, ReplyError, read_json

STAGES: Final = ("CountryIdentification", "RegionalGuess", "PreciseLocalization")
MAX_FIELD_CHARS: Final = 300
MAX_TEXT_CHARS: Final = 2000
MAX_CLUES: Final = 20
MAX_OBJECTS: Final = 4

_STAGE_KEYS: Final = {
    "countryidentification": 0,
    "country": 0,
    "regionalguess": 1,
    "reagionguess": 1,  # as the published prompt spells it
    "regionguess": 1,
    "region": 1,
    "preciselocalization": 2,
    "preciselocalisation": 2,
    "preciselocation": 2,
}
_NOTHING: Final = frozenset(
    {"", "unknown", "none", "null", "n/a", "na", "unclear", "uncertain", "not sure", "undetermined",
     "cannot be determined", "not specified", "未知", "不确定", "无", "无法确定"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceText:
    """A place in words, "Country; Region; Specific location"; empty where nothing is said."""

    country: str
    region: str = ""
    place: str = ""

    def __str__(self) -> str:
        return "; ".join(part for part in (self.country, self.region, self.place) if part)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the chain: what was seen, what follows, what is concluded.

    `uncertainty` is as the model wrote it; `uncertainty_share` is the same as a number in [0, 1]
    where it wrote a number.
    """

    clues: tuple[str, ...] = ()
    reasoning: str = ""
    conclusion: str = ""
    uncertainty: str = ""
    uncertainty_share: float | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of thought and the answer it ends in.

    `stages` are country, region, precise. `problems` names what was missing or mended.
    """

    stages: tuple[Stage, Stage, Stage]
    answer: PlaceText
    problems: tuple[str, ...] = ()


def parse_chain(text: str, *, cut: bool = False) -> Chain:
    """Return the chain and the answer of a reply, in either form.

    What stands in answer tags counts before `FinalAnswer`, that before the conclusions.

    Args:
        text: the reply.
        cut: the reply was stopped at its token limit.

    Raises:
        ReplyError: no chain, no country, or two different answers.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise ReplyError(
            f"the reply has {len(text)} characters, at most {MAX_REPLY_CHARS} are read"
        )
    thought, tagged = _split_tags(text, cut=cut)
    answer = _one_answer(tagged)
    problems: list[str] = []
    stages, stated = _read_thought(thought, problems, answered=answer is not None)
    inner = _one_answer(stated)
    if answer and inner and _fold_name(answer.country) != _fold_name(inner.country):
        raise ReplyError("the answer and FinalAnswer name different countries: give exactly one")
    if answer and inner and answer != inner:
        problems.append(f"FinalAnswer says {inner}")
    answer = answer or inner
    if answer is None:
        answer = _answer_of_stages(stages)
        problems.append("no final answer: taken from the conclusions")
    if answer is None:
        raise ReplyError('no country is named: end with "Country; Region; Specific location"')
    return Chain(stages, answer, tuple(problems))


def split_answer(text: str) -> PlaceText | None:
    """Return "Country; Region; Place" as its fields, or None where no country is named.

    Half-width and full-width semicolons part the fields; surplus fields join the third.
    """
    fields = [plain_field(field) for field in text.replace("；", ";").split(";")]
    country, region, *rest = [*fields, ""] if len(fields) == 1 else fields
    if not country:
        return None
    return PlaceText(country, region, ", ".join(field for field in rest if field))


def _split_tags(text: str, *, cut: bool) -> tuple[str, list[str]]:
    """Return the text with the chain, and the texts in answer tags."""
    answers = []
    rest = []
    at = 0
    while (start := text.find("<answer>", at)) >= 0:
        rest.append(text[at:start])
        start += len("<answer>")
        end = text.find("</answer>", start)
        at = len(text) if end < 0 else end + len("</answer>")
        inside = text[start : len(text) if end < 0 else end].replace("；", ";")
        # of an answer that was cut off only the fields before the last are whole
        answers.append(inside.rpartition(";")[0] if end < 0 and cut else inside)
    rest.append(text[at:])
    thought = "\n".join(rest).replace("<think>", "\n").replace("</think>", "\n")
    return thought, answers


def _read_thought(
    text: str, problems: list[str], *, answered: bool
) -> tuple[tuple[Stage, Stage, Stage], list[str]]:
    """Return the three stages and every final answer that stands in the JSON."""
    stages = [Stage(), Stage(), Stage()]
    stated: list[str] = []
    at = 0
    found = 0
    while found < MAX_OBJECTS:
        try:
            reply = read_json(text, at)
        except ReplyError as error:
            if not found and not answered:
                raise
            if not found:
                problems.append(f"the chain of thought cannot be read: {error}")
            break
        found += 1
        at = reply.end
        stated += _take_stages(reply.value, stages)
        if not reply.complete:
            problems.append("the reply ends before the chain is closed")
    if found:
        missing = [n for n, stage in zip(STAGES, stages, strict=True) if not stage.conclusion]
        problems.extend(f"{name} has no conclusion" for name in missing)
    return (stages[0], stages[1], stages[2]), stated


def _take_stages(fields: dict[str, JsonValue], stages: list[Stage]) -> list[str]:
    """Put the stages of one JSON object into `stages`; return its final answers."""
    stated = []
    items = [*fields.items()]
    for key, value in fields.items():
        if _fold_name(key) == "chainofthought" and isinstance(value, dict):
            items.extend(value.items())
    for key, value in items:
        name = _fold_name(key)
        if name == "finalanswer":
            stated.append(_final_answer(value))
        elif name in _STAGE_KEYS and isinstance(value, dict):
            stages[_STAGE_KEYS[name]] = _read_stage(value)
    return stated


def _final_answer(value: JsonValue) -> str:
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        return _text_within(parts, 3 * MAX_FIELD_CHARS)
    return ";".join(_text_within(item, MAX_FIELD_CHARS) for item in parts)


def _read_stage(fields: dict[str, JsonValue]) -> Stage:
    named = {_fold_name(key): value for key, value in fields.items()}
    uncertainty = _text_within(named.get("uncertainty"), MAX_FIELD_CHARS)
    return Stage(
        clues=_read_clues(named.get("clues")),
        reasoning=_text_within(named.get("reasoning"), MAX_TEXT_CHARS),
        conclusion=plain_field(_text_within(named.get("conclusion"), MAX_FIELD_CHARS)),
        uncertainty=uncertainty,
        uncertainty_share=_uncertainty_share(uncertainty),
    )


def _read_clues(value: JsonValue) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    texts = (_text_within(item, MAX_FIELD_CHARS) for item in items[:MAX_CLUES])
    return tuple(text for text in texts if text)


def _one_answer(texts: list[str]) -> PlaceText | None:
    """Return the answer that all texts agree on.

    Raises:
        ReplyError: two of them differ.
    """
    answers = [answer for answer in map(split_answer, texts) if answer is not None]
    if not answers:
        return None
    if len({_fold_name(str(answer)) for answer in answers}) > 1:
        raise ReplyError("two different answers are given: give exactly one")
    return answers[0]


def _answer_of_stages(stages: tuple[Stage, Stage, Stage]) -> PlaceText | None:
    country, region, place = (stage.conclusion for stage in stages)
    return PlaceText(country, region, place) if country else None


def _uncertainty_share(text: str) -> float | None:
    """Return an uncertainty in [0, 1]: "0.2", "20 %", "about 20%"; None for words."""
    for word in text.replace("%", " % ").replace("％", " % ").split()[:8]:
        try:
            number = float(word.strip("(),;~≈<>约"))
        except ValueError:
            continue
        if not math.isfinite(number) or not 0.0 <= number <= 100.0:
            return None
        return number if number <= 1.0 and "%" not in text and "％" not in text else number / 100.0
    return None


def plain_field(text: str) -> str:
    """Return a field without quotes and final stops; empty where it says that nothing is known."""
    short = text[:MAX_FIELD_CHARS].strip().strip("\"'“”‘’`*").strip().rstrip(".。").strip()
    return "" if short.casefold() in _NOTHING else short


def _text_within(value: JsonValue, limit: int) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_text_within(item, limit) for item in value[:MAX_CLUES])[:limit]
    if isinstance(value, dict):
        return ", ".join(_text_within(item, limit) for item in value.values())[:limit]
    return " ".join(str(value)[: 4 * limit].split())[:limit]


def _fold_name(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
