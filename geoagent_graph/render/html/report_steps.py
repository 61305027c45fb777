"""The steps of a report: what ran, in which order, what every tool was asked and said."""

from collections.abc import Sequence

from geoagent_graph.render.html.markup import Element, element, untrusted
from geoagent_graph.types import Step, ToolCall

MAX_CALLS = 30


def steps_section(steps: Sequence[Step], seconds: float) -> Element:
    """Return the timeline of a run that took `seconds`."""
    lead = f"{len(steps)} steps in {seconds:.1f} s, in the order in which they finished."
    return element(
        "section",
        {"aria-labelledby": "steps"},
        element("h2", {"id": "steps"}, "How this was found"),
        element("p", {"class": "lead"}, lead),
        element("ol", {"class": "steps"}, *(_step_item(step) for step in steps)),
    )


def _step_item(step: Step) -> Element:
    level = f" · {step.level}" if step.level else ""
    head = element("p", {"class": "head"}, untrusted(step.node, 40))
    head.append(element("span", {}, f"{level} · {step.seconds:.2f} s"))
    item = element("li", {}, head, element("p", {}, untrusted(step.summary)))
    if step.tools:
        calls = [_call_item(call) for call in step.tools[:MAX_CALLS]]
        if len(step.tools) > MAX_CALLS:
            calls.append(element("li", {}, f"and {len(step.tools) - MAX_CALLS} more calls"))
        item.append(element("ul", {"class": "calls"}, *calls))
    return item


def _call_item(call: ToolCall) -> Element:
    asked = ", ".join(f"{name}={value}" for name, value in call.arguments.items())
    name = element("code", {}, untrusted(f"{call.tool}({asked})", 160))
    if call.error:
        return element("li", {"class": "failed"}, name, " failed: ", untrusted(call.error))
    return element("li", {}, name, " ", untrusted(call.result), f" ({call.seconds:.2f} s)")
