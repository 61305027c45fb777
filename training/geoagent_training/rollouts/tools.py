"""The graph's tools for training: opened once, used by the graph and by TRL's environment alike."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from geoagent_graph.default_tools import open_toolbox
from geoagent_graph.policies.model.actions import ActionTools
from geoagent_graph.policies.model.photos import PhotoPrinter
from geoagent_graph.toolbox import Toolbox
from geoagent_training.rollouts.photos import training_photos

_TOOL_PIXELS: Final = 100_352  # 128 image tokens of Qwen's vision tower


@dataclass(frozen=True, slots=True)
class AgentTools:
    """The tools of the graph's nodes, and those a model's actions run on: the same objects."""

    toolbox: Toolbox
    actions: ActionTools


_current: list[AgentTools] = []


def open_agent_tools(index: Path | None = None) -> AgentTools:
    """Return the tools of the rollouts of this process, opened anew: photos are those of training.

    Text and metadata are not read for the policy: it sees the photo, and metadata would give the
    answer away. The toolbox's own policy is `evidence`.

    Args:
        index: folder of a reference index, for `retrieve`.

    Raises:
        GeoAgentError: the place tables or the index cannot be opened.
    """
    photos = training_photos()
    tools = replace(open_toolbox(index=index), images=photos, text_reader=None, exif_reader=None)
    actions = ActionTools(
        printer=PhotoPrinter(_TOOL_PIXELS),
        geocoder=tools.geocoder,
        evidence=tools.evidence,
        retriever=tools.retriever,
        countries_of=tools.countries_of,
    )
    _current[:] = [AgentTools(tools, actions)]
    return _current[0]


def agent_tools() -> AgentTools:
    """Return the tools of the rollouts of this process; without an index unless one was opened."""
    return _current[0] if _current else open_agent_tools()
