"""For your tests and ours: a fake for every seam, a mock model server, tiny models.

    from geoagent_graph import locate_sync
    from geoagent_graph.testing import FixedRetriever, scripted_toolbox
    from geoagent_graph.types import Reference

    twin = Reference(id="twin", score=0.9, lat_deg=38.7, lon_deg=-9.1, country_code="PT")
    toolbox = scripted_toolbox(retriever=FixedRetriever([twin]))
    assert locate_sync(b"any bytes", toolbox=toolbox).references == (twin,)

| seam | fake |
|---|---|
| policy | `ScriptedPolicy` |
| language model of a policy | `ScriptedChat`; behind a server `mock_server.MockServer` |
| retriever, and an encoder for an index | `FixedRetriever`, `MeanColourEncoder` |
| classifier of places | `FixedPlaceClassifier` |
| model that sees | `FixedPhotoPlaces`; synthetic embeddings in GeoCLIP's space: `photo_places` |
| geocoder | `FixedGeocoder` |
| evidence model | `FixedEvidence` |
| text reader | `FixedTextReader` |
| recogniser of further scripts | `FixedRecogniser` |
| reader of what a file claims | `FixedExifReader` |
| photos | `MemoryImages` |
"""

from geoagent_graph.testing.fixed_recogniser import FixedRecogniser
from geoagent_graph.testing.photo_places import FixedPhotoPlaces
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
    FixedPlaceClassifier,
    FixedRetriever,
    FixedTextReader,
    MeanColourEncoder,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.testing.scripted_chat import ScriptedChat

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
    "FixedPhotoPlaces",
    "FixedPlaceClassifier",
    "FixedRecogniser",
    "FixedRetriever",
    "FixedTextReader",
    "MeanColourEncoder",
    "MemoryImages",
    "ScriptedChat",
    "ScriptedPolicy",
    "scripted_toolbox",
]
