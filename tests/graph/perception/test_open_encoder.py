"""An encoder is found by its name, its folder, or the index that it made."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.installation import extra_command
from geoagent_graph.perception import tower_encoder
from geoagent_graph.perception.open_encoder import (
    DEFAULT_ENCODER,
    can_see,
    encoder_names,
    licence_notices,
    missing_geoclip_rows,
    open_encoder_of,
    open_named_encoder,
)
from geoagent_graph.perception.visual_encoder import ENCODER_ID
from geoagent_graph.settings import Settings
from geoagent_graph.weights.lock_file import Pin, PinnedFile
from geoagent_graph.weights.store import WeightStore
from tests.support.tiny_geoclip import tiny_geoclip_file
from tests.support.tiny_towers import random_photos, save_clip, save_dinov2
from tests.support.weight_rows import digest

PHOTOS = random_photos((20, 30))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("geoagent_graph.weights.store.is_as_catalogued", lambda entry, pin: True)
    return Settings(weights_dir=tmp_path / "weights", cache_dir=tmp_path / "cache")


def place(settings: Settings, name: str, save: Callable[[Path], Any]) -> Path:
    """Put what `save` writes into the store as if it had been pulled."""
    store = WeightStore(settings.weights_dir)
    folder = store.folder_of(name)
    folder.mkdir(parents=True)
    save(folder)
    files = {
        path.name: PinnedFile(sha256=digest(path.read_bytes()), size_bytes=path.stat().st_size)
        for path in folder.iterdir()
    }
    store.write_pin(name, Pin(repository="a", files=files, complete=True))
    return folder


def place_geoclip(settings: Settings) -> None:
    """Put a tiny GeoCLIP and its tower into the store."""
    place(settings, "clip-vit-l14", lambda folder: save_clip(folder, dimension=768))
    name, data = "geoclip.safetensors", tiny_geoclip_file()
    place(settings, "geoclip", lambda folder: (folder / name).write_bytes(data))


def test_names_are_those_of_the_help() -> None:
    assert encoder_names() == (
        DEFAULT_ENCODER, "clip", "siglip2", "dinov2", "geoclip", "streetclip",
    )  # fmt: skip


def test_without_weights_one_sentence_names_the_command(settings: Settings) -> None:
    for name, row in (("siglip2", "siglip2-base"), ("geoclip", "geoclip")):
        with pytest.raises(InputError) as caught:
            open_named_encoder(name, settings)
        assert str(caught.value) == (
            f"{row}: not on this machine; get it with `geoagent weights pull {row}`"
        )
    with pytest.raises(InputError, match=r"^--encoder vgg: no such encoder or folder; there is: "):
        open_named_encoder("vgg", settings)


def test_a_folder_is_an_encoder_and_its_name_finds_it_again(settings: Settings) -> None:
    folder = place(settings, "dinov2-base", save_dinov2)
    by_name = open_named_encoder("dinov2", settings)
    by_folder = open_named_encoder(str(folder), settings)
    assert by_name.encoder_id == by_folder.encoder_id
    np.testing.assert_array_equal(by_name.encode(PHOTOS), by_folder.encode(PHOTOS))
    again = open_encoder_of(by_folder.encoder_id, settings)
    assert again.encoder_id == by_folder.encoder_id
    assert open_encoder_of(ENCODER_ID, settings).encoder_id == ENCODER_ID


def test_an_index_of_absent_weights_says_what_to_pull(settings: Settings) -> None:
    with pytest.raises(ReferenceIndexError, match="`geoagent weights pull siglip2-base`"):
        open_encoder_of("siglip2/0011/22/v1", settings)
    with pytest.raises(ReferenceIndexError, match="pull geoclip` and `geoagent weights pull clip-"):
        open_encoder_of("geoclip/0011/clip/0011/22/v1", settings)


def test_geoclip_wants_both_parts_and_the_extra(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missing_geoclip_rows(settings) == ("geoclip", "clip-vit-l14")
    place_geoclip(settings)
    assert missing_geoclip_rows(settings) == ()
    assert can_see()
    encoder = open_named_encoder("geoclip", settings)
    assert open_encoder_of(encoder.encoder_id, settings).encode(PHOTOS).shape == (1, 512)
    monkeypatch.setattr(tower_encoder, "NEEDED", ("no_such_module",))
    assert not can_see()
    with pytest.raises(InputError, match=re.escape(extra_command("see"))):
        open_named_encoder("geoclip", settings)


def test_weights_without_commercial_use_are_named_by_what_they_made(settings: Settings) -> None:
    place(settings, "streetclip", save_clip)
    encoder_id = open_named_encoder("streetclip", settings).encoder_id
    (notice,) = licence_notices(encoder_id, settings)
    assert notice.startswith("made with StreetCLIP, whose licence CC-BY-NC-4.0 forbids")
    assert licence_notices(ENCODER_ID, settings) == ()
