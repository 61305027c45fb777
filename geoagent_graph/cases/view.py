"""What a trace says: the one source of every view of a case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geoagent_graph.cases.events import (
    BESIDE_THE_RUN,
    CaseOpened,
    CustodyNoted,
    PersonActed,
    TraceEvent,
)
from geoagent_graph.cases.trace_file import read_trace, read_whole_lines
from geoagent_graph.display import html_of
from geoagent_graph.questions import Question
from geoagent_graph.types import LEVELS, Answer, Hypothesis, ImageRef, Level, Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pixels = Callable[[ImageRef, int], "NDArray[np.uint8]"]
Status = Literal["unfinished", "waiting", "answered"]


@dataclass(frozen=True, repr=False)
class CaseView:
    """One branch of a case as its trace tells it.

    The trace may end in the middle of a run; `status` is then `unfinished`. `pixels` returns the
    photo for pictures of the case; None where only the trace is at hand. `trace_path` is its
    file. `stored_as` is the case's name in its store.
    """

    events: tuple[TraceEvent, ...]
    pixels: Pixels | None = field(default=None, compare=False)
    trace_path: Path | None = field(default=None, compare=False)
    stored_as: str | None = field(default=None, compare=False)

    @property
    def case(self) -> str:
        """The case's name: in its store, else as its trace was renamed last, else as begun."""
        return self.stored_as or name_in_trace(self.events) or self.opened.case

    @property
    def opened(self) -> CaseOpened:
        """The first event: photo, options, environment."""
        first = self.events[0]
        assert isinstance(first, CaseOpened)
        return first

    @property
    def head(self) -> str:
        """The hash of the last event: it stands for the whole trace."""
        return self.events[-1].hash

    @property
    def last_event(self) -> TraceEvent:
        """The last event that says something of the run."""
        return next(e for e in reversed(self.events) if e.event not in BESIDE_THE_RUN)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in order; the index of a step is its place here."""
        return tuple(event.step for event in self.events if event.event == "step")

    @cached_property
    def people(self) -> tuple[PersonActed, ...]:
        """What people did, in order."""
        return tuple(event for event in self.events if event.event == "human")

    @property
    def status(self) -> Status:
        """Whether there is an answer, a question that waits, or neither yet."""
        if self.answer is not None:
            return "answered"
        return "waiting" if self.question is not None else "unfinished"

    @cached_property
    def question(self) -> Question | None:
        """The question that waits for a person."""
        for event in reversed(self.events):
            if event.event == "question":
                return event.question
            if event.event in ("step", "human", "answer"):
                return None
        return None

    @cached_property
    def answer(self) -> Answer | None:
        """The answer with its steps and tool calls; None while the run goes on."""
        for event in reversed(self.events):
            if event.event == "answer":
                return _complete_answer(event.answer, self.steps)
            if event.event in ("step", "human", "question"):
                return None
        return None

    @cached_property
    def candidates(self) -> dict[Level, tuple[Hypothesis, ...]]:
        """The candidates of every level as they were judged last, inside the place above them."""
        return {
            step.level: _step_hypotheses(step)
            for step in self.steps
            if step.node == "judge" and step.level is not None
        }

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Every place that was ever judged, as it was judged last."""
        judged = (h for step in self.steps if step.node == "judge" for h in _step_hypotheses(step))
        return tuple({hypothesis.place.id: hypothesis for hypothesis in judged}.values())

    def trace_text(self) -> str:
        """Return the trace as it is to be handed on: its whole lines, byte for byte.

        Raises:
            StorageError: it cannot be read.
        """
        assert self.trace_path is not None, "a view of events without a file"
        return read_whole_lines(self.trace_path)

    def __repr__(self) -> str:
        opened = self.opened
        return f"<CaseView {self.case}/{opened.branch}: {self.status}, {len(self.steps)} steps>"

    def _repr_html_(self) -> str:
        """Return the branch as a notebook shows it: photo, map, where it stands."""
        return html_of(self)


def _complete_answer(answer: Answer, steps: tuple[Step, ...]) -> Answer:
    """Return an answer with what its event leaves out, its levels from the widest down."""
    calls = tuple(call for step in steps for call in step.tools)
    levels = {level: answer.levels[level] for level in LEVELS if level in answer.levels}
    return answer.model_copy(update={"trace": steps, "tools": calls, "levels": levels})


def _step_hypotheses(step: Step) -> tuple[Hypothesis, ...]:
    dumped = step.detail.get("hypotheses")
    if not isinstance(dumped, list):
        return ()
    return tuple(Hypothesis.model_validate(item) for item in dumped)


def name_in_trace(events: Sequence[object]) -> str | None:
    """Return the name that a case was given last, None where it has the one it began with."""
    renamed = (e for e in reversed(events) if isinstance(e, CustodyNoted) and e.action == "renamed")
    found = next(renamed, None)
    return found.detail if found is not None else None


def read_view(path: Path, pixels: Pixels | None = None, stored_as: str | None = None) -> CaseView:
    """Return the view of a trace file whose chain holds; `pixels` returns its photo.

    Raises:
        CheckpointError: it is no trace, damaged or changed.
        StorageError: it cannot be read.
    """
    return CaseView(tuple(read_trace(path)), pixels, path, stored_as)
