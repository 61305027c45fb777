"""The traces inside a report, and the script with which it checks them, offline, in a browser."""

import base64
import functools
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from geoagent_graph.render.html.markup import Element, element

_LEAD = (
    "A browser checks here, with no network, that the trace inside this file is whole and who "
    "signed it. Whoever changes this file can change this check as well: compare the last hash or "
    "the fingerprint with a copy that you trust, or run: geoagent verify REPORT.html"
)
_WITHOUT_SCRIPT = "Nothing was checked: this needs a browser that runs the script in this file."


@functools.cache
def check_script() -> str:
    """Return the script that checks the traces of a report."""
    folder = files("geoagent_graph") / "render" / "html"
    return (folder / "trace_check.js").read_text("utf-8")


def script_policy() -> str:
    """Return what a report's policy allows beside its styles: this very script."""
    digest = hashlib.sha256(check_script().encode()).digest()
    return f"script-src 'sha256-{base64.b64encode(digest).decode()}'"


def check_section(traces: Sequence[tuple[str, str]]) -> list[Element]:
    """Return the section that checks traces; none without any.

    Args:
        traces: the name and the lines of each.
    """
    if not traces:
        return []
    script = element("script", {})
    # ElementTree writes script text as it is: this is the package's own file and nothing else.
    script.text = check_script()
    section = element(
        "section",
        {"aria-labelledby": "check", "class": "on-screen"},
        element("h2", {"id": "check"}, "Does this report hold?"),
        element("p", {"class": "lead"}, _LEAD),
        element(
            "ul",
            {"id": "trace-check", "class": "limits", "role": "status"},
            element("li", {}, _WITHOUT_SCRIPT),
        ),
        *(_trace_element(name, lines) for name, lines in traces),
        script,
    )
    return [section]


def _trace_element(name: str, lines: str) -> Element:
    held = element("pre", {"class": "trace", "data-name": name, "hidden": "hidden"})
    held.text = lines  # byte for byte: lines of a trace are ASCII, and are escaped when written
    return held
