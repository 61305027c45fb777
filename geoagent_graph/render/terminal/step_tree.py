"""One step of a run as a branch of a terminal tree: summary, clues, candidates, failed tools."""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import ValidationError
from rich.text import Text
from rich.tree import Tree

from geoagent_graph.evidence.sources import clue_label
from geoagent_graph.render import wording
from geoagent_graph.render.trace_sentences import clue_text, say_stored
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import gettext
from geoagent_graph.types import Clue, FrozenModel, Hypothesis, Step

MAX_CLUES = 6
MAX_CANDIDATES = 5
BAR_CELLS = 12
_EIGHTHS = " ▏▎▍▌▋▊▉"

ModelT = TypeVar("ModelT", bound=FrozenModel)


def add_step(tree: Tree, step: Step, ascii_only: bool) -> None:
    """Add a finished step to the tree."""
    title = Text()
    title.append(visible(step.node, 40), "bold cyan")
    if step.level:
        title.append(f" {gettext(wording.LEVEL_NAMES[step.level])}", "cyan")
    title.append(f"  {visible(say_stored(step.summary))}")
    title.append(f"  {step.seconds:.2f} s", "dim")
    branch = tree.add(title)
    if step.node == "observe":
        _add_clues(branch, _parse_models(Clue, step.detail.get("clues")))
    if step.node in {"propose", "judge"}:
        _add_candidates(
            branch, _parse_models(Hypothesis, step.detail.get("hypotheses")), ascii_only
        )
    for call in step.tools:
        if call.error:
            branch.add(Text(visible(f"{call.tool} failed: {call.error}", 400), "red"))


def bar(share: float, ascii_only: bool) -> str:
    """Return a bar of `BAR_CELLS` characters for a share in [0, 1]."""
    share = min(1.0, max(0.0, share))
    if ascii_only:
        return ("#" * round(share * BAR_CELLS)).ljust(BAR_CELLS)
    whole, rest = divmod(round(share * BAR_CELLS * 8), 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(BAR_CELLS)


def _add_clues(branch: Tree, clues: list[Clue]) -> None:
    for clue in clues[:MAX_CLUES]:
        line = Text(f"{gettext(clue_label(clue.kind))}: ", "dim")
        branch.add(line.append(visible(clue_text(clue), 120), "default"))
    if len(clues) > MAX_CLUES:
        branch.add(Text(gettext("and {number} more").format(number=len(clues) - MAX_CLUES), "dim"))


def _add_candidates(branch: Tree, candidates: list[Hypothesis], ascii_only: bool) -> None:
    ranked = sorted(candidates, key=lambda candidate: -candidate.probability)
    for candidate in ranked[:MAX_CANDIDATES]:
        line = Text(bar(candidate.probability, ascii_only), "green")
        line.append(f" {wording.percent(candidate.probability):>6}  ", "default")
        branch.add(line.append(visible(wording.place_name(candidate.place), 80), "default"))


def _parse_models(kind: type[ModelT], dumped: object) -> list[ModelT]:
    """Return the nouns of a step's detail; what another graph put there is not shown."""
    if not isinstance(dumped, Iterable) or isinstance(dumped, str):
        return []
    try:
        return [kind.model_validate(item) for item in dumped]
    except ValidationError:
        return []
