"""For your tests and ours: scripted tools and policy, a mock model server, tiny models."""

from geoagent_graph.testing.scripted import (
    AFRICA,
    EUROPE,
    LISBON,
    PORTO,
    PORTUGAL,
    SPAIN,
    FixedEvidence,
    FixedExifReader,
    FixedGeocoder,
    FixedRetriever,
    FixedTextReader,
    MeanColourEncoder,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)

__all__ = [
    "AFRICA",
    "EUROPE",
    "LISBON",
    "PORTO",
    "PORTUGAL",
    "SPAIN",
    "FixedEvidence",
    "FixedExifReader",
    "FixedGeocoder",
    "FixedRetriever",
    "FixedTextReader",
    "MeanColourEncoder",
    "MemoryImages",
    "ScriptedPolicy",
    "scripted_toolbox",
]
