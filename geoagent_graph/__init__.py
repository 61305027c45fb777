"""Where was this photo taken? A LangGraph agent that answers and shows its work.

    from geoagent_graph import locate_sync
    answer = locate_sync("photo.jpg")

Names are imported when they are first used, so that importing the package stays cheap.
"""

from typing import TYPE_CHECKING, Any

from geoagent_graph.display import load_display_from
from geoagent_graph.supported_systems import unsupported_system_words

if TYPE_CHECKING:
    from geoagent_graph.api import (
        Outcome,
        investigate,
        locate,
        locate_many,
        locate_sync,
    )
    from geoagent_graph.batch.locate_rows import locate_batch
    from geoagent_graph.batch.options import BatchOptions
    from geoagent_graph.cases.store import CaseStore
    from geoagent_graph.default_tools import open_toolbox
    from geoagent_graph.errors import (
        CheckpointError,
        GazetteerError,
        GeoAgentError,
        InputError,
        PhotoError,
        PlaceNotFound,
        PolicyError,
        ReferenceIndexError,
        StorageError,
        ToolError,
    )
    from geoagent_graph.graph import build_graph
    from geoagent_graph.policies.open_policy import policy_names, with_policy
    from geoagent_graph.policies.options import PolicyOptions
    from geoagent_graph.protocols import (
        EvidenceModel,
        ExifReader,
        GeocodedPoint,
        Geocoder,
        ImageStore,
        NamedPlace,
        OpenedPhoto,
        PlaceClassifier,
        PointEstimate,
        Policy,
        Retriever,
        RuledOut,
        Situation,
        TextLine,
        TextReader,
        VisualEncoder,
    )
    from geoagent_graph.settings import Settings, load_settings
    from geoagent_graph.state import AgentInput, AgentOutput, RunOptions, answer_of
    from geoagent_graph.toolbox import Toolbox
    from geoagent_graph.types import (
        Answer,
        Box,
        Clue,
        Evidence,
        Exclusion,
        Hypothesis,
        ImageRef,
        Place,
        Reference,
        Step,
        ToolCall,
        Usage,
        Verdict,
    )

_HOMES = {
    "geoagent_graph.api": ("Outcome", "investigate", "locate", "locate_many", "locate_sync"),
    "geoagent_graph.errors": (
        "CheckpointError",
        "GazetteerError",
        "GeoAgentError",
        "InputError",
        "PhotoError",
        "PlaceNotFound",
        "PolicyError",
        "ReferenceIndexError",
        "StorageError",
        "ToolError",
    ),
    "geoagent_graph.graph": ("build_graph",),
    "geoagent_graph.default_tools": ("open_toolbox",),
    "geoagent_graph.batch.locate_rows": ("locate_batch",),
    "geoagent_graph.batch.options": ("BatchOptions",),
    "geoagent_graph.cases.store": ("CaseStore",),
    "geoagent_graph.policies.open_policy": ("policy_names", "with_policy"),
    "geoagent_graph.policies.options": ("PolicyOptions",),
    "geoagent_graph.protocols": (
        "EvidenceModel",
        "ExifReader",
        "GeocodedPoint",
        "Geocoder",
        "ImageStore",
        "NamedPlace",
        "OpenedPhoto",
        "PlaceClassifier",
        "PointEstimate",
        "Policy",
        "Retriever",
        "RuledOut",
        "Situation",
        "TextLine",
        "TextReader",
        "VisualEncoder",
    ),
    "geoagent_graph.settings": ("Settings", "load_settings"),
    "geoagent_graph.state": ("AgentInput", "AgentOutput", "RunOptions", "answer_of"),
    "geoagent_graph.toolbox": ("Toolbox",),
    "geoagent_graph.types": (
        "Answer",
        "Box",
        "Clue",
        "Evidence",
        "Exclusion",
        "Hypothesis",
        "ImageRef",
        "Place",
        "Reference",
        "Step",
        "ToolCall",
        "Usage",
        "Verdict",
    ),
}
load_display_from("geoagent_graph.render.html.notebook")  # when an answer is first shown
load_display_from("geoagent_graph.render.html.trip_notebook")
load_display_from("geoagent_graph.render.answer_files")
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AgentInput",
    "AgentOutput",
    "Answer",
    "BatchOptions",
    "Box",
    "CaseStore",
    "CheckpointError",
    "Clue",
    "Evidence",
    "EvidenceModel",
    "Exclusion",
    "ExifReader",
    "GazetteerError",
    "GeoAgentError",
    "GeocodedPoint",
    "Geocoder",
    "Hypothesis",
    "ImageRef",
    "ImageStore",
    "InputError",
    "NamedPlace",
    "OpenedPhoto",
    "Outcome",
    "PhotoError",
    "Place",
    "PlaceClassifier",
    "PlaceNotFound",
    "PointEstimate",
    "Policy",
    "PolicyError",
    "PolicyOptions",
    "Reference",
    "ReferenceIndexError",
    "Retriever",
    "RuledOut",
    "RunOptions",
    "Settings",
    "Situation",
    "Step",
    "StorageError",
    "TextLine",
    "TextReader",
    "ToolCall",
    "ToolError",
    "Toolbox",
    "Usage",
    "Verdict",
    "VisualEncoder",
    "answer_of",
    "build_graph",
    "investigate",
    "load_settings",
    "locate",
    "locate_batch",
    "locate_many",
    "locate_sync",
    "open_toolbox",
    "policy_names",
    "with_policy",
]


def __getattr__(name: str) -> Any:
    import importlib

    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'geoagent_graph' has no attribute {name!r}")
    problem = unsupported_system_words()
    if problem is not None:
        raise ImportError(problem)
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
