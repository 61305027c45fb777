"""The traces inside a report, and the script with which it checks them, offline, in a browser."""

import base64
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from importlib.resources import files

from geoagent_graph.render.html.markup import Element, element
from geoagent_graph.translation import SOURCE_LANGUAGE, current_language, gettext, mark

_LEAD = mark(
    "A browser checks here, with no network, that the trace inside this file is whole and who "
    "signed it. Whoever changes this file can change this check as well: compare the last hash or "
    "the fingerprint with a copy that you trust, or run: geoagent verify REPORT.html"
)
_WITHOUT_SCRIPT = mark(
    "Nothing was checked: this needs a browser that runs the script in this file."
)
_SAID_BY_SCRIPT = re.compile(r"\b_\('([^']+)'")


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
        element("h2", {"id": "check"}, gettext("Does this report hold?")),
        element("p", {"class": "lead"}, gettext(_LEAD)),
        element(
            "ul",
            {"id": "trace-check", "class": "limits", "role": "status", **_words_of_script()},
            element("li", {}, gettext(_WITHOUT_SCRIPT)),
        ),
        *(_trace_element(name, lines) for name, lines in traces),
        script,
    )
    return [section]


def _words_of_script() -> dict[str, str]:
    """Return the attribute with what the script says in another language; none in English.

    The script itself is the same in every language: the report's policy names it by its hash.
    """
    if current_language().tag == SOURCE_LANGUAGE:
        return {}
    said = {words: gettext(words) for words in _SAID_BY_SCRIPT.findall(check_script())}
    return {"data-words": json.dumps(said, ensure_ascii=False)}


def _trace_element(name: str, lines: str) -> Element:
    held = element("pre", {"class": "trace", "data-name": name, "hidden": "hidden"})
    held.text = lines  # byte for byte: lines of a trace are ASCII, and are escaped when written
    return held
