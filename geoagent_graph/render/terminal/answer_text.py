"""The answer as text: what a person reads when a photo has been located."""

import io
import sys

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from geoagent_graph.render import wording
from geoagent_graph.render.claim import best_candidate
from geoagent_graph.render.next_steps import next_steps
from geoagent_graph.render.photo_name import photo_name
from geoagent_graph.render.source_words import weight_words, weights_to_show, without_sentence
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import gettext
from geoagent_graph.types import Answer, Evidence

MAX_CLUES = 5
MAX_SOURCES = 4
MAP_COLUMNS = 72
NAME_CELLS = 12


def answer_output(answer: Answer, with_map: bool, case: str | None = None) -> str:
    """Return what stdout shows: a panel with a map, or plain lines that any tool can read.

    Colours are in it where stdout is a terminal that shows them. `case` names the case in the
    commands that are proposed where nothing is claimed.
    """
    # Rich writes to a file of stdout's kind, so that one place writes to stdout and fails there.
    encoding = sys.stdout.encoding or "utf-8"
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding, errors="backslashreplace", newline="\n")
    terminal = sys.stdout.isatty()
    console = Console(file=file, force_terminal=terminal, highlight=False, emoji=False)
    if with_map:
        console.print(answer_panel(answer, console, case))
    else:
        console.print(answer_text(answer, case), soft_wrap=True)
    file.flush()
    return written.getvalue().decode(encoding)


def answer_panel(answer: Answer, console: Console, case: str | None = None) -> RenderableType:
    """Return the answer in a frame, with a world map where the terminal can show one."""
    grid = Table.grid(padding=(0, 2))
    for name, style, words in _text_rows(answer, case):
        grid.add_row(Text(name, style), Text(words))
    parts: list[RenderableType] = [Text(visible(wording.headline(answer)), "bold"), grid, Text()]
    if answer.level != "none" and not console.options.ascii_only:
        from geoagent_graph.render.terminal.terminal_map import world_map

        columns = min(MAP_COLUMNS, console.width - 6)
        parts += [world_map(answer.lat_deg, answer.lon_deg, answer.radius_km, columns), Text()]
    parts.append(Text(gettext(wording.ATTRIBUTION), "dim"))
    return Panel(Group(*parts), title=Text(visible(photo_name(answer), 60)), padding=(1, 2))


def answer_text(answer: Answer, case: str | None = None) -> Text:
    """Return the answer as styled lines; without the styles it is the plain text result."""
    text = Text()
    text.append(f"{visible(answer.image.name)}\n", "dim")
    text.append(f"{visible(wording.headline(answer))}\n", "bold")
    for name, style, words in _text_rows(answer, case):
        text.append(_to_column(name), style).append(f"{words}\n")
    text.append(gettext(wording.ATTRIBUTION), "dim")
    return text


def _text_rows(answer: Answer, case: str | None) -> list[tuple[str, str, str]]:
    """Return the lines below the headline: their name, its style, their words."""
    rows = [(name, "dim", words) for name, words in _fact_rows(answer)]
    best = best_candidate(answer)
    if best is not None:
        spoke_for, spoke_against = wording.for_and_against(best)
        rows += _evidence_rows(gettext("for"), "green", spoke_for)
        rows += _evidence_rows(gettext("against"), "red", spoke_against)
        rows += _evidence_rows(gettext("together"), "dim", wording.joint_evidence(best))
    rows += [
        ("" if position else gettext("sources"), "dim", visible(words))
        for position, words in enumerate(_source_rows(answer))
    ]
    if answer.usage.calls:
        rows.append((gettext("model"), "dim", wording.cost(answer.usage)))
    rows += [
        (gettext("warning"), "yellow", visible(say_stored(warning))) for warning in answer.warnings
    ]
    return rows + _next_rows(answer, case)


def _next_rows(answer: Answer, case: str | None) -> list[tuple[str, str, str]]:
    """Return what an answer without a claim leaves to do; nothing where something is claimed."""
    found = next_steps(answer, case)
    if found is None:
        return []
    ways = [f"{way.title}: {way.command}" for way in found.ways]
    return [
        ("" if position else name, "dim", visible(words))
        for name, said in (
            (gettext("tried"), found.tried),
            (gettext("missing"), found.missing),
            (gettext("next"), ways),
        )
        for position, words in enumerate(said)
    ]


def _fact_rows(answer: Answer) -> list[tuple[str, str]]:
    if answer.level == "none":
        candidates = [c for found in answer.levels.values() for c in found]
        ranked = sorted(candidates, key=lambda candidate: -candidate.probability)[:3]
        named = (
            f"{wording.place_word(c.place)} ({wording.percent(c.probability)})" for c in ranked
        )
        rows = [(gettext("open"), visible(", ".join(named)) or gettext("every place"))]
        return (
            [*rows, (gettext("why"), gettext(wording.PRIOR_SENTENCE))] if answer.is_prior else rows
        )
    sure = wording.probability_words(answer.probability)
    return [
        (gettext("level"), gettext(wording.LEVEL_NAMES[answer.level])),
        (gettext("probability"), f"{sure} ({wording.percent(answer.probability)})"),
        (gettext("point"), f"{answer.lat_deg:.5f}, {answer.lon_deg:.5f}"),
        (
            gettext("within"),
            gettext("{distance} (9 times out of 10)").format(
                distance=wording.distance(answer.radius_km)
            ),
        ),
    ]


def _source_rows(answer: Answer) -> list[str]:
    """Return what the claim would be without each source that changes it."""
    shown = weights_to_show(answer.source_weights, MAX_SOURCES)
    return [f"{without_sentence(weight)} [{weight_words(weight)}]" for weight in shown]


def _evidence_rows(name: str, style: str, spoken: list[Evidence]) -> list[tuple[str, str, str]]:
    rows = [
        ("" if position else name, style, visible(say_stored(evidence.reason)))
        for position, evidence in enumerate(spoken[:MAX_CLUES])
    ]
    if len(spoken) > MAX_CLUES:
        rows.append(
            ("", style, gettext("and {number} more").format(number=len(spoken) - MAX_CLUES))
        )
    return rows


def _to_column(name: str) -> str:
    """Return the name of a line with the spaces that bring all lines to one column."""
    return name + " " * max(1, NAME_CELLS - cell_len(name)) if name else " " * NAME_CELLS
