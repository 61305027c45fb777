"""Opens the real tools: the one place where settings become a `Toolbox`."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.errors import InputError
from geoagent_graph.plugins import open_plugin
from geoagent_graph.protocols import (
    Geocoder,
    PhotoPlaces,
    PlaceClassifier,
    Policy,
    Retriever,
)
from geoagent_graph.settings import Settings, load_settings, prepare_process
from geoagent_graph.toolbox import Toolbox

if TYPE_CHECKING:
    from geoagent_graph.evidence.visual_weights import PhotoLook
    from geoagent_graph.geo.gazetteer import Gazetteer
    from geoagent_graph.perception.engine_processes import EngineProcesses
    from geoagent_graph.protocols import TextReader, VisualEncoder


def open_toolbox(
    settings: Settings | None = None,
    *,
    index: Path | None = None,
    policy: Policy | None = None,
    geocoder: Geocoder | None = None,
    retriever: Retriever | str | None = None,
    progress: Callable[[float, str], None] | None = None,
    without_sources: Collection[str] | None = None,
    engines_apart: bool = False,
) -> Toolbox:
    """Return the tools of a run, to be shared by many runs; parts of your own take the place.

    Thread-safe. `geoagent_graph.policies.open_policy.with_policy` opens a policy by its name; close
    its connections with `Toolbox.aclose`. Any other part: `dataclasses.replace(toolbox, ...)`.

    The place tables are compiled on the first call ever, in some seconds; models load when they are
    first used.

    Args:
        settings: None takes those of the process.
        index: folder of a reference index; None goes without reference photos.
        policy: who decides; None takes `evidence`.
        geocoder: names to places and points to names; None takes the offline one.
        retriever: finds reference photos, or the name of a plug-in that does; None takes `index`.
        progress: called with the share done, 0 to 1, and what is being done.
        without_sources: names of sources of evidence to leave out, "phones" or "languages" say;
            None leaves out those of the settings.
        engines_apart: read text and embed photos in other processes, which end with the run that
            asked them: for servers, whose clients go away.

    Raises:
        GazetteerError: the place tables cannot be compiled or stored.
        InputError: a part lacks what its protocol asks, there is no such plug-in or source, or an
            installed source is broken.
        ReferenceIndexError: the index is missing, damaged, newer or made by another encoder.
    """
    prepare_process()
    from geoagent_graph.evidence.evidence_model import BayesEvidence
    from geoagent_graph.evidence.sources.photo_places import NAME as PHOTO_PLACES
    from geoagent_graph.evidence.trip.joint_model import JointModel
    from geoagent_graph.geo.gazetteer import open_gazetteer
    from geoagent_graph.geo.geocoder import open_geocoder
    from geoagent_graph.images.exif import PhotoExifReader
    from geoagent_graph.images.store import PhotoStore
    from geoagent_graph.policies.evidence_policy import EvidencePolicy

    chosen = settings if settings is not None else load_settings()
    engines = _open_engines(chosen) if engines_apart else None
    if retriever is None or isinstance(retriever, str):  # first: a wrong index is said at once
        retriever = open_retriever(chosen, index=index, name=retriever, engines=engines)
    if geocoder is None:
        offline = open_geocoder(chosen, progress)
        geocoder, gazetteer = offline, offline.gazetteer
    else:
        gazetteer = open_gazetteer(chosen, progress)
    if without_sources is None:
        without_sources = chosen.without_sources.replace(",", " ").split()
    places = None
    if PHOTO_PLACES not in without_sources:
        places = _open_photo_places(chosen, gazetteer, engines, progress)
    look = _look_of(places, chosen)
    evidence = BayesEvidence(gazetteer, without=without_sources, geocoder=geocoder, look=look)
    toolbox = Toolbox(
        policy=policy if policy is not None else EvidencePolicy(evidence),
        evidence=evidence,
        geocoder=geocoder,
        images=PhotoStore(chosen),
        countries_of=country_codes_of(gazetteer),
        text_reader=_open_reader(chosen, engines),
        exif_reader=PhotoExifReader(chosen),
        retriever=retriever,
        classifier=classifier_of(retriever),
        without_sources=tuple(sorted(set(without_sources))),
        references=chosen.references,
        text_max_side=chosen.ocr_max_side,
        joint=JointModel(evidence),
        tool_seconds=chosen.tool_seconds,
        photo_places=places,
    )
    return replace(toolbox, notices=_licences_of(chosen, retriever, places))


def open_retriever(
    settings: Settings,
    *,
    index: Path | None = None,
    name: str | None = None,
    engines: "EngineProcesses | None" = None,
) -> Retriever | None:
    """Return the retriever of a plug-in, or of an index folder; None where neither is given.

    A plug-in of the group `geoagent_graph.retrievers` names a function that gets the settings and
    `index`, None without one, and returns its retriever.

    Args:
        settings: the settings of the process.
        index: a folder made by `geoagent index build`, or what the plug-in takes.
        name: the plug-in, or `lancedb`: `index` is a gallery of `geoagent index export` then, a
            folder or an address such as s3://bucket/gallery.
        engines: the processes that embed photos; None embeds them in this one.

    Raises:
        InputError: there is no such plug-in, or it fails.
        ReferenceIndexError: the index is missing, damaged, newer or made by another encoder.
    """
    if name == "lancedb":
        return _open_gallery(settings, index, engines)
    if name is not None:
        retriever: Retriever = open_plugin("geoagent_graph.retrievers", name, settings, index)
        return retriever
    if index is None:
        return None
    from geoagent_graph.perception.open_encoder import open_encoder_of
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
    from geoagent_graph.retrieval.index_format import read_manifest

    encoder = open_encoder_of(read_manifest(index).encoder_id, settings)
    return FaissRetriever.load(index, _in_process(encoder, engines))


def _open_gallery(
    settings: Settings, index: Path | None, engines: "EngineProcesses | None"
) -> Retriever:
    from geoagent_graph.perception.open_encoder import open_encoder_of
    from geoagent_graph.retrieval.lance_retriever import LanceRetriever

    if index is None:
        raise InputError("--retriever lancedb: name the gallery with --index.")
    address = re.sub(r"^([a-z][a-z0-9+]+):/(?!/)", r"\1://", str(index))  # a Path joins slashes
    encoder_id = LanceRetriever.load(address, None).encoder_id
    return LanceRetriever.load(address, _in_process(open_encoder_of(encoder_id, settings), engines))


def _open_engines(settings: Settings) -> "EngineProcesses":
    from geoagent_graph.perception.engine_processes import EngineProcesses

    return EngineProcesses(settings)


def _open_reader(settings: Settings, engines: "EngineProcesses | None") -> "TextReader":
    if engines is None:
        from geoagent_graph.perception.text_reader import open_text_reader

        return open_text_reader(settings)
    from geoagent_graph.perception.engine_processes import ProcessReader

    return ProcessReader(engines)


def _in_process(encoder: "VisualEncoder", engines: "EngineProcesses | None") -> "VisualEncoder":
    if engines is None:
        return encoder
    from geoagent_graph.perception.engine_processes import ProcessEncoder

    return ProcessEncoder(engines, encoder)


def _open_photo_places(
    settings: Settings,
    gazetteer: "Gazetteer",
    engines: "EngineProcesses | None",
    progress: Callable[[float, str], None] | None,
) -> PhotoPlaces | None:
    """Return the model that sees: GeoCLIP where it can be used, or a plug-in; None without one.

    A plug-in of the group `geoagent_graph.photo_places` names a function that gets the settings and
    the gazetteer.
    """
    if settings.photo_places not in ("auto", "none"):
        places: PhotoPlaces = open_plugin(
            "geoagent_graph.photo_places", settings.photo_places, settings, gazetteer
        )
        return places
    if settings.photo_places == "none" or not settings.weights_dir.is_dir():
        return None
    from geoagent_graph.perception.open_encoder import can_see, missing_geoclip_rows

    if not can_see() or missing_geoclip_rows(settings):
        return None
    from geoagent_graph.evidence.geoclip_places import GeoClipPlaces
    from geoagent_graph.evidence.geoclip_table import open_town_embeddings
    from geoagent_graph.perception.open_encoder import GEOCLIP, open_named_encoder

    encoder = _in_process(open_named_encoder(GEOCLIP, settings), engines)
    return GeoClipPlaces(encoder, open_town_embeddings(gazetteer, settings, progress))


def _look_of(places: PhotoPlaces | None, settings: Settings) -> "PhotoLook | None":
    if places is None:
        return None
    from geoagent_graph.evidence.visual_weights import PhotoLook, read_visual_weights

    path = settings.visual_weights
    weights = None if path is None else read_visual_weights(path, places.places_id)
    return PhotoLook(places, weights)


def _licences_of(
    settings: Settings, retriever: Retriever | None, places: PhotoPlaces | None
) -> tuple[str, ...]:
    """Return what answers must say of the licences of the weights that see photos."""
    encoder = retriever.identity().get("encoder") if retriever is not None else None
    ids = [encoder] if isinstance(encoder, str) else []
    ids += [places.places_id] if places is not None else []
    if not ids:
        return ()
    from geoagent_graph.perception.open_encoder import licence_notices

    notices = [notice for made_by in ids for notice in licence_notices(made_by, settings)]
    return tuple(dict.fromkeys(notices))


def classifier_of(retriever: Retriever | None) -> PlaceClassifier | None:
    """Return what an index has learnt of places, None where it has learnt none."""
    if retriever is None:
        return None
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

    if isinstance(retriever, FaissRetriever) and retriever.classifier is not None:
        return retriever
    return None


def country_codes_of(gazetteer: "Gazetteer") -> dict[str, frozenset[str]]:
    """Return the ISO codes of the countries of every continent."""
    countries = gazetteer.countries
    return {
        continent: frozenset(c.code for c in countries if c.continent_code == continent)
        for continent in sorted({country.continent_code for country in countries})
    }
