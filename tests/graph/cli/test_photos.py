"""Which photos the command line was given: paths, folders, standard input."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from geoagent_graph.cli.photos import is_typing_error, photo_label, read_photos
from geoagent_graph.errors import InputError, PhotoError


def test_standard_input_is_one_photo_of_a_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))

    pipe(b"photo")
    assert read_photos(["a.jpg", "-"], 5) == [Path("a.jpg"), b"photo"]
    pipe(b"photo!")
    with pytest.raises(PhotoError, match="GEOAGENT_MAX_BYTES"):
        read_photos(["-"], 5)
    pipe(b"")
    with pytest.raises(PhotoError, match="is empty"):
        read_photos(["-"], 5)
    with pytest.raises(InputError, match="give - once"):
        read_photos(["-", "-"], 5)


def test_labels_and_typing_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (photo_label("-"), photo_label("a.jpg")) == ("standard input", "a.jpg")
    assert is_typing_error("locat")
    assert not is_typing_error("a.jpg")
    (tmp_path / "locat").touch()
    assert not is_typing_error("locat")
