"""The steps of a report: what ran, in which order, what every tool was asked and said."""

from collections.abc import Sequence

from geoagent_graph.render import wording
from geoagent_graph.render.html.markup import Element, element, own_words, untrusted
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import (
    SOURCE_LANGUAGE,
    counted,
    current_language,
    gettext,
    local_number,
)
from geoagent_graph.types import Step, ToolCall

MAX_CALLS = 30


def steps_section(steps: Sequence[Step], seconds: float) -> Element:
    """Return the timeline of a run that took `seconds`."""
    lead = counted(
        "{count} step in {seconds} s, in the order in which they finished.",
        "{count} steps in {seconds} s, in the order in which they finished.",
        len(steps),
        seconds=local_number(seconds, 1),
    )
    return element(
        "section",
        {"aria-labelledby": "steps"},
        element("h2", {"id": "steps"}, gettext("How this was found")),
        element("p", {"class": "lead"}, lead),
        element("ol", {"class": "steps"}, *(_step_item(step) for step in steps)),
    )


def _step_item(step: Step) -> Element:
    level = f" · {gettext(wording.LEVEL_NAMES[step.level])}" if step.level else ""
    head = element("p", {"class": "head"}, untrusted(_title_of(step), 40))
    head.append(element("span", {}, f"{level} · {wording.seconds(step.seconds)}"))
    item = element("li", {}, head, element("p", {}, own_words(say_stored(step.summary))))
    if step.tools:
        calls = [_call_item(call) for call in step.tools[:MAX_CALLS]]
        if len(step.tools) > MAX_CALLS:
            calls.append(
                element(
                    "li",
                    {},
                    gettext("and {number} more calls").format(number=len(step.tools) - MAX_CALLS),
                )
            )
        item.append(element("ul", {"class": "calls"}, *calls))
    return item


def _title_of(step: Step) -> str:
    """Return the name of the step's node; in other languages than ours what it does."""
    if current_language().tag == SOURCE_LANGUAGE or step.node not in wording.NODE_NAMES:
        return step.node
    return gettext(wording.NODE_NAMES[step.node])


def _call_item(call: ToolCall) -> Element:
    asked = ", ".join(f"{name}={value}" for name, value in call.arguments.items())
    name = element("code", {}, untrusted(f"{call.tool}({asked})", 160))
    if call.error:
        return element(
            "li", {"class": "failed"}, name, " ", gettext("failed:"), " ", untrusted(call.error)
        )
    return element(
        "li",
        {},
        name,
        " ",
        own_words(say_stored(call.result)),
        f" ({wording.seconds(call.seconds)})",
    )
