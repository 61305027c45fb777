"""A kind of clue that nothing installed here produces is shown by its name, everywhere."""

from rich.console import Console
from rich.tree import Tree

from geoagent_graph.display import html_of
from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.terminal.step_tree import add_step
from geoagent_graph.types import Answer, Step
from tests.support.answers import porto_answer


def answer_with_unknown_kind() -> Answer:
    """Return an answer whose first clue is of a kind that no source here makes."""
    answer = porto_answer()
    first, *others = answer.clues
    return answer.model_copy(
        update={"clues": (first.model_copy(update={"kind": "tree_species"}), *others)}
    )


def test_the_report_and_the_notebook_name_it() -> None:
    answer = answer_with_unknown_kind()
    assert "Tree species" in html_report(answer)
    assert "Tree species: " in html_of(answer)


def test_the_terminal_names_it() -> None:
    clue = answer_with_unknown_kind().clues[0]
    step = Step(
        index=0, node="observe", level=None, seconds=0.1, summary="read one line",
        detail={"clues": [clue.model_dump(mode="json")]},
    )  # fmt: skip
    tree, console = Tree("photo"), Console(width=120, record=True, quiet=False)
    add_step(tree, step, ascii_only=True)
    with console.capture() as captured:
        console.print(tree)
    assert "Tree species: " in captured.get()
