"""How to repeat it: the commands, the versions, the digests of what was read."""

import shlex
from typing import Any

from geoagent_evaluation.report.markup import Child, Element, element, paragraph, section, untrusted
from geoagent_evaluation.report.plain_values import flat_items, short_path
from geoagent_evaluation.report.safe_text import MAX_ID_CHARS, visible
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.report.table import Cell, table

MAX_INPUTS, MAX_OPEN_INPUTS = 100, 6
_NOT_OF_A_RUN = frozenset({"schema"})


def repeat_section(scored: list[ScoreFolder]) -> Element | None:
    """Return how each of the systems was measured."""
    parts: list[Child] = [_command_block(scored)]
    for one in scored:
        parts += [_input_table(one), _run_details(one)]
    return section("repeat", "How to repeat", *parts)


def _command_block(scored: list[ScoreFolder]) -> Element:
    folders = " ".join(shlex.quote(one.path.name or ".") for one in scored)
    lines = [line for one in scored for line in _commands_of(one)]
    text = element("pre", {"tabindex": "0", "aria-label": "Commands"})
    for line in [*lines, f"geoagent-eval report {folders}"]:
        text.append(element("code", {}, line))
        text[-1].tail = "\n"
    return text


def _commands_of(scored: ScoreFolder) -> list[str]:
    """Return how one system was run, where that is known, and scored."""
    folder = shlex.quote(scored.path.name or ".")
    files = [shlex.quote(visible(short_path(name), MAX_ID_CHARS)) for name in scored.score.inputs]
    read = " ".join(files[:2]) if len(files) >= 2 else "PREDICTIONS TRUTH"
    manifest = shlex.quote(visible(scored.data_set(), MAX_ID_CHARS))
    run = [f"geoagent eval run {manifest} --out {folder}"] if scored.run else []
    return [*run, f"geoagent-eval score {read} --out {folder}"]


def _input_table(scored: ScoreFolder) -> Element:
    """Return the digests of what was read; many of them are folded away."""
    inputs = list(scored.score.inputs.items())
    if not inputs:
        return paragraph(untrusted(scored.name), ": the score names no files that it read.")
    rows = [
        (untrusted(short_path(name), MAX_ID_CHARS), [_digest_cell(str(digest))])
        for name, digest in inputs[:MAX_INPUTS]
    ]
    caption = f"Files that the score of {scored.name} read."
    content = table(caption, ["File", "SHA-256"], rows, "digests")
    if len(inputs) <= MAX_OPEN_INPUTS:
        return content
    summary = element("summary", {}, f"{len(inputs)} files that the score of {scored.name} read")
    return element("details", {}, summary, content)


def _digest_cell(digest: str) -> Cell:
    return Cell(element("code", {}, untrusted(digest, 80)), numeric=False)


def _run_details(scored: ScoreFolder) -> Element | None:
    """Return what `run.json` says of the run, None where there is none."""
    told: dict[str, Any] = {
        key: value for key, value in scored.run.items() if key not in _NOT_OF_A_RUN
    }
    items = flat_items(told)
    if not items:
        return None
    rows: list[tuple[Child, list[Cell]]] = [
        (untrusted(name, 80), [Cell(untrusted(value, 300), numeric=False)]) for name, value in items
    ]
    content = table(f"How the run of {scored.name} was made.", ["Item", "Value"], rows)
    return element("details", {}, element("summary", {}, f"The run of {scored.name}"), content)
