"""Opens the image encoder that was named, or the one that made an index."""

from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError, ReferenceIndexError, ToolError
from geoagent_graph.perception.depth_encoder import ENCODER_ID as DEPTHS_ID
from geoagent_graph.perception.depth_encoder import DepthEncoder
from geoagent_graph.perception.geoclip import FILE_NAME
from geoagent_graph.perception.tower_encoder import GeoClipEncoder, TowerEncoder, require_see
from geoagent_graph.perception.tower_folder import DIGEST_CHARS, TENSORS, find_tower
from geoagent_graph.perception.visual_encoder import ENCODER_ID, open_visual_encoder
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.settings import Settings
from geoagent_graph.weights.catalogue import catalogue, find_entry
from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.store import WeightStore

DEFAULT_ENCODER: Final = "efficientnet-lite"
GEOCLIP: Final = "geoclip"
_ROWS: Final = {"clip": "clip-vit-l14", "siglip2": "siglip2-base", "dinov2": "dinov2-base"}


def encoder_names() -> tuple[str, ...]:
    """Return the names that `--encoder` takes, the default first."""
    rows = [e.name for e in catalogue().values() if e.kind == "encoder"]
    return (DEFAULT_ENCODER, *_ROWS, GEOCLIP, *(name for name in rows if _is_extra(name)))


def _is_extra(name: str) -> bool:
    return name not in _ROWS.values()


def open_named_encoder(name: str, settings: Settings) -> VisualEncoder:
    """Return the encoder of a name of `encoder_names`, or of a folder; loads at its first photo.

    Raises:
        InputError: there is none of that name, its weights are not on this machine, or what runs
            it is not installed; the message says how to get it.
        ToolError: its folder is not what it should be.
    """
    if name == DEFAULT_ENCODER:
        return open_visual_encoder(settings)
    if name == GEOCLIP:
        return _open_geoclip(settings)
    row = _ROWS.get(name, name)
    if row in catalogue() and catalogue()[row].kind == "encoder":
        return _open_row(find_entry(row), settings)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return TowerEncoder(find_tower(folder), settings.threads)
    raise InputError(
        f"--encoder {name}: no such encoder or folder; there is: {', '.join(encoder_names())}"
    )


def _open_row(entry: Entry, settings: Settings) -> TowerEncoder:
    store = WeightStore(settings.weights_dir)
    folder = store.require(entry)
    pin = store.pin(entry.name)
    pinned = pin.files.get(TENSORS) if pin is not None else None
    return TowerEncoder(
        find_tower(folder, pinned.sha256 if pinned is not None else None), settings.threads
    )


def _open_geoclip(settings: Settings) -> GeoClipEncoder:
    store, entry = WeightStore(settings.weights_dir), find_entry(GEOCLIP)
    weights = store.require(entry) / FILE_NAME
    towers = [_open_row(find_entry(name), settings) for name in entry.needs]
    pin = store.pin(GEOCLIP)
    sha256 = pin.files[FILE_NAME].sha256 if pin is not None else ""
    return GeoClipEncoder(towers[0], weights, sha256)


def open_encoder_of(encoder_id: str, settings: Settings) -> VisualEncoder:
    """Return the encoder that made an index: the setting's, or the one whose weights are here.

    Raises:
        InputError: what runs it is not installed.
        ReferenceIndexError: its weights are not on this machine; the message says how to get them.
    """
    if encoder_id == DEPTHS_ID:
        return DepthEncoder(settings)
    if settings.encoder is not None:
        return open_named_encoder(settings.encoder, settings)
    if encoder_id == ENCODER_ID:
        return open_visual_encoder(settings)
    kind = encoder_id.partition("/")[0]
    names = [GEOCLIP] if kind == GEOCLIP else [n for n in encoder_names() if n not in _OTHERS]
    for name in names:
        found = _find_encoder(name, encoder_id, settings)
        if found is not None:
            return found
    if kind not in (*_ROWS, GEOCLIP):
        return open_visual_encoder(settings)  # whose name the reader of the index compares
    needed = [GEOCLIP, *find_entry(GEOCLIP).needs] if kind == GEOCLIP else [_ROWS[kind]]
    pulls = " and ".join(f"`geoagent weights pull {name}`" for name in needed)
    raise ReferenceIndexError(
        f"the index was made by the encoder {encoder_id}, whose weights are not on this machine: "
        f"{pulls}, or name their folder in GEOAGENT_ENCODER"
    )


_OTHERS: Final = (DEFAULT_ENCODER, GEOCLIP)


def _find_encoder(name: str, encoder_id: str, settings: Settings) -> VisualEncoder | None:
    """Return the encoder of a name where it is here and is the one of this id."""
    store = WeightStore(settings.weights_dir)
    row = find_entry(_ROWS.get(name, name))
    rows = [row, *(find_entry(other) for other in row.needs)]
    if any(store.state(one) != "there" for one in rows):
        return None
    try:
        encoder = open_named_encoder(name, settings)
    except ToolError:  # a folder that is not whole is not the one that made the index
        return None
    return encoder if encoder.encoder_id == encoder_id else None


def missing_geoclip_rows(settings: Settings) -> tuple[str, ...]:
    """Return the rows that GeoCLIP still needs on this machine, whatever runs it."""
    store, entry = WeightStore(settings.weights_dir), find_entry(GEOCLIP)
    rows = (entry, *map(find_entry, entry.needs))
    return tuple(row.name for row in rows if store.state(row) != "there")


def can_see() -> bool:
    """Return whether what runs a tower is installed."""
    try:
        require_see(GEOCLIP)
    except InputError:
        return False
    return True


def licence_notices(encoder_id: str, settings: Settings) -> tuple[str, ...]:
    """Return what every answer must say that an encoder took part in, by its weights' licences."""
    store, notices = WeightStore(settings.weights_dir), []
    for entry in store.entries("there"):
        pin = store.pin(entry.name)
        if entry.notice is None or entry.kind not in ("encoder", "locator") or pin is None:
            continue
        if any(file.sha256[:DIGEST_CHARS] in encoder_id for file in pin.files.values()):
            notices.append(entry.notice)
    return tuple(notices)
