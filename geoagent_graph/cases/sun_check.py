"""Whether what a person says of the sun can be measured, before it goes into a case."""

from typing import TypeVar

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.sun.clock import parse_time_span
from geoagent_graph.evidence.sun.reading import read_sun
from geoagent_graph.questions import Question, Reply, Statement, read_reply, read_statement
from geoagent_graph.state import AgentState
from geoagent_graph.sun_marks import MarkedPhoto, SunPosition, SunShadow
from geoagent_graph.types import ImageRef

ReplyT = TypeVar("ReplyT", bound=Reply)


def read_measurable_statement(raw: object, state: AgentState) -> Statement:
    """Return what a person adds to a run.

    Raises:
        InputError: it is of no known form, or its marks cannot be measured in the photo.
    """
    return require_measurable(read_statement(raw), ImageRef.model_validate(state["image"]))


def read_measurable_reply(raw: object, question: Question, state: AgentState) -> Reply:
    """Return a reply that fits the question; see `questions.read_reply`.

    Raises:
        InputError: it does not fit, or its marks cannot be measured in the photo.
    """
    reply = read_reply(raw, question)
    try:
        return require_measurable(reply, ImageRef.model_validate(state["image"]))
    except InputError as error:
        raise InputError(f"{error}; the question stays open") from error


def require_measurable(said: ReplyT, image: ImageRef) -> ReplyT:
    """Return what was said; of the sun only what can be measured in such a photo.

    Raises:
        InputError: the marks fit no upright thing with a shadow, or the time is none.
    """
    if isinstance(said, SunShadow | SunPosition):
        if said.time is not None:
            parse_time_span(said.time)
        read_sun(said, MarkedPhoto(width=image.width, height=image.height))
    return said
