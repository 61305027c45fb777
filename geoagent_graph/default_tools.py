"""Opens the real tools: the one place where settings become a `Toolbox`."""

from collections.abc import Callable
from pathlib import Path

from geoagent_graph.settings import Settings, load_settings, prepare_process
from geoagent_graph.toolbox import Toolbox


def open_toolbox(
    settings: Settings | None = None,
    *,
    index: Path | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Toolbox:
    """Return the tools of a run with the `evidence` policy, to be shared by many runs.

    Thread-safe. `geoagent_graph.policies.open_policy.with_policy` puts another policy in its place;
    close its connections with `Toolbox.aclose`.

    The place tables are compiled on the first call ever, in some seconds; models load when they are
    first used.

    Args:
        settings: None takes those of the process.
        index: folder of a reference index; None goes without reference photos.
        progress: called with the share done, 0 to 1, and what is being done.

    Raises:
        GazetteerError: the place tables cannot be compiled or stored.
        ReferenceIndexError: the index is missing, damaged, newer or made by another encoder.
    """
    prepare_process()
    from geoagent_graph.evidence.evidence_model import BayesEvidence
    from geoagent_graph.geo.geocoder import open_geocoder
    from geoagent_graph.images.exif import PhotoExifReader
    from geoagent_graph.images.store import PhotoStore
    from geoagent_graph.perception.text_reader import open_text_reader
    from geoagent_graph.perception.visual_encoder import open_visual_encoder
    from geoagent_graph.policies.evidence_policy import EvidencePolicy
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

    chosen = settings if settings is not None else load_settings()
    encoder = open_visual_encoder(chosen)
    retriever = FaissRetriever.load(index, encoder.encoder_id) if index is not None else None
    geocoder = open_geocoder(chosen, progress)
    evidence = BayesEvidence(geocoder.gazetteer)
    countries = geocoder.gazetteer.countries
    continents = {country.continent_code for country in countries}
    return Toolbox(
        policy=EvidencePolicy(evidence),
        evidence=evidence,
        geocoder=geocoder,
        images=PhotoStore(chosen),
        countries_of={
            continent: frozenset(c.code for c in countries if c.continent_code == continent)
            for continent in continents
        },
        text_reader=open_text_reader(chosen),
        exif_reader=PhotoExifReader(chosen),
        visual_encoder=encoder if retriever is not None else None,
        retriever=retriever,
        references=chosen.references,
        text_max_side=chosen.ocr_max_side,
    )
