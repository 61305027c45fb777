"""A step in the terminal: its summary, clues, ranked candidates, and the tools that failed."""

import io

import pytest
from rich.console import Console
from rich.tree import Tree

from geoagent_graph.render.terminal.step_tree import BAR_CELLS, MAX_CLUES, add_step, bar
from geoagent_graph.types import Step
from tests.support.answers import (
    ASIA,
    EUROPE,
    HOSTILE,
    hypothesis,
    porto_clues,
    porto_steps,
)


def shown(step: Step) -> str:
    tree = Tree("photo")
    add_step(tree, step, ascii_only=True)
    console = Console(file=io.StringIO(), width=500, force_terminal=False)
    console.print(tree)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def step(node: str, **detail: object) -> Step:
    return Step(index=0, node=node, level="city", summary="seen", seconds=0.5, detail=detail)


@pytest.mark.parametrize(
    ("share", "ascii_only", "drawn"),
    [(0.0, True, ""), (1.0, True, "#" * 12), (-1.0, True, ""), (9.0, False, "█" * 12),
     (0.5, False, "█" * 6), (0.01, False, "▏"), (0.999, False, "█" * 12)],
)  # fmt: skip
def test_a_bar_has_its_width_whatever_the_share(share: float, ascii_only: bool, drawn: str) -> None:
    assert bar(share, ascii_only) == drawn.ljust(BAR_CELLS)


def test_clues_are_shown_in_words_and_counted_beyond_some() -> None:
    clues = [clue.model_dump(mode="json") for clue in porto_clues() * 3]
    text = shown(step("observe", clues=clues))
    assert text.count("Rua das Flores, Porto") == 2
    assert f"and {len(clues) - MAX_CLUES} more" in text
    assert "exif_position" not in text


def test_candidates_are_ranked() -> None:
    found = [hypothesis(ASIA, 0.2), hypothesis(EUROPE, 0.7)]
    text = shown(step("judge", hypotheses=[item.model_dump(mode="json") for item in found]))
    assert text.index("Europe") < text.index("Asia")
    assert "70 %  Europe" in text


@pytest.mark.parametrize("detail", ["text", 7, [{"other": "graph"}], None])
def test_what_another_graph_put_there_is_not_shown(detail: object) -> None:
    assert len(shown(step("judge", hypotheses=detail)).splitlines()) == 2
    assert len(shown(step("observe", clues=detail)).splitlines()) == 2


def test_a_failed_tool_is_named_and_hostile_text_is_inert() -> None:
    assert "retriever failed: index is damaged" in shown(porto_steps()[2])
    hostile = porto_steps()[2].model_copy(update={"summary": HOSTILE, "node": HOSTILE})
    text = shown(hostile)
    assert "[red]markup[/red]" in text
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)
