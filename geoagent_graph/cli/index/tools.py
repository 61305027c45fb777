"""What the commands of `geoagent index` work with: encoders, the decoder, the place table."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.geo.geocoder import OfflineGeocoder
    from geoagent_graph.protocols import VisualEncoder
    from geoagent_graph.retrieval.embed_blocks import EngineName
    from geoagent_graph.retrieval.embed_photos import EmbeddingEngine
    from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder


def open_chosen_encoder(name: str | None) -> "VisualEncoder":
    """Return the encoder of a name; None takes that of the settings, else the default.

    Raises:
        InputError: there is none of that name, or it cannot be used here; the message says why.
    """
    from geoagent_graph.perception.open_encoder import DEFAULT_ENCODER, open_named_encoder
    from geoagent_graph.settings import load_settings

    settings = load_settings()
    return open_named_encoder(name or settings.encoder or DEFAULT_ENCODER, settings)


def open_own_encoder(folder: Path) -> "VisualEncoder":
    """Return the encoder that made an index.

    Raises:
        ReferenceIndexError: there is no index, or its encoder is not on this machine.
    """
    from geoagent_graph.perception.open_encoder import open_encoder_of
    from geoagent_graph.retrieval.index_format import read_manifest
    from geoagent_graph.settings import load_settings

    return open_encoder_of(read_manifest(folder).encoder_id, load_settings())


def open_embedder(encoder: "VisualEncoder | None" = None) -> "PhotoEmbedder":
    """Return an encoder, None takes the default, with the sandboxed decoder in front of it."""
    from geoagent_graph.settings import load_settings, prepare_process

    prepare_process()
    from geoagent_graph.images.decode import decode_photo
    from geoagent_graph.images.store import shrink
    from geoagent_graph.perception.visual_encoder import open_visual_encoder
    from geoagent_graph.protocols import RETRIEVER_MAX_SIDE_PX
    from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder

    settings = load_settings()

    def decode(data: bytes, name: str) -> "NDArray[np.uint8]":
        # The same two steps as in a run of the agent, so that the same photo scores 1.0.
        photo = decode_photo(data, name, settings, settings.ocr_max_side)
        return shrink(photo.pixels, RETRIEVER_MAX_SIDE_PX)

    return PhotoEmbedder(encoder or open_visual_encoder(settings), decode, settings.max_bytes)


def embed_with(
    engine: "EngineName",
    workers: int | None,
    open_own: "Callable[[], PhotoEmbedder]",
    encoder: "VisualEncoder",
) -> "EmbeddingEngine | None":
    """Return what embeds in other processes, each of which opens the encoder for itself.

    None where this process does it.

    Raises:
        InputError: Ray is to do it and is not installed.
        ToolError: Ray could not be started.
    """
    if engine == "local" and workers is None:
        return None
    from geoagent_graph.retrieval.embed_blocks import embed_elsewhere

    return embed_elsewhere(engine, open_own, encoder.encoder_id, workers)


def opener_of_name(name: str | None) -> "Callable[[], PhotoEmbedder]":
    """Return what opens the encoder of `--encoder` in a process that embeds."""
    from geoagent_graph.perception.open_encoder import encoder_names

    if name is not None and name not in encoder_names():
        name = str(Path(name).expanduser().absolute())  # an actor may have another folder
    return functools.partial(_open_named, name)


def opener_of_index(folder: Path) -> "Callable[[], PhotoEmbedder]":
    """Return what opens the encoder that made an index in a process that embeds.

    Raises:
        ReferenceIndexError: there is no index.
    """
    from geoagent_graph.retrieval.index_format import read_manifest

    return functools.partial(_open_by_id, read_manifest(folder).encoder_id)


def _open_named(name: str | None) -> "PhotoEmbedder":
    return open_embedder(open_chosen_encoder(name))


def _open_by_id(encoder_id: str) -> "PhotoEmbedder":
    from geoagent_graph.perception.open_encoder import open_encoder_of
    from geoagent_graph.settings import load_settings

    return open_embedder(open_encoder_of(encoder_id, load_settings()))


def open_country_of() -> Callable[[float, float], str]:
    """Return what names the country at a point; the place table is opened at the first call."""
    geocoder = functools.cache(_open_geocoder)
    return lambda lat_deg, lon_deg: geocoder().reverse(lat_deg, lon_deg).country_code


def open_codes_of() -> Callable[[str], Sequence[str]]:
    """Return what names the countries of a code or a name; opens the place table when called."""
    geocoder = functools.cache(_open_geocoder)

    def codes_of(text: str) -> Sequence[str]:
        known = geocoder()
        found = [c.code for c in known.gazetteer.countries if text.upper() in (c.code, c.iso3)]
        return found or [place.country_code or "" for place in known.countries_named(text)]

    return codes_of


def _open_geocoder() -> "OfflineGeocoder":
    from geoagent_graph.geo.geocoder import open_geocoder
    from geoagent_graph.settings import load_settings

    return open_geocoder(load_settings())
