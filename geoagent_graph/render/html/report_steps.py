"""The steps of a report: what ran, in which order, what every tool was asked and said."""

from collections.abc import Sequence

from geoagent_graph.render.html.markup import Element, element, untrusted
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.render.wording import LEVEL_NAMES
from geoagent_graph.translation import counted, gettext, local_number
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
    level = f" · {gettext(LEVEL_NAMES[step.level])}" if step.level else ""
    head = element("p", {"class": "head"}, untrusted(step.node, 40))
    head.append(element("span", {}, f"{level} · {local_number(step.seconds, 2)} s"))
    item = element("li", {}, head, element("p", {}, untrusted(say_stored(step.summary))))
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
        untrusted(say_stored(call.result)),
        f" ({local_number(call.seconds, 2)} s)",
    )
