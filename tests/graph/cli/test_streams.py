"""Results go to stdout and everything else to stderr, one line each, whatever the streams can."""

import io
import sys
from typing import Any

import pytest

from geoagent_graph.cli import streams
from geoagent_graph.errors import StorageError


def test_an_error_is_one_line_without_controls(capsys: Any) -> None:
    streams.write_error("a\x1b[2J\nb")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("geoagent: error: a")
    assert len(err.splitlines()) == 1
    assert "\x1b" not in err


def test_a_letter_that_the_terminal_lacks_is_written_as_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="ascii"))
    streams.prepare_streams()
    streams.write_result("Łódź\n")
    assert buffer.getvalue() == b"\\u0141\\xf3d\\u017a\n"


def test_a_full_disk_is_said_and_a_reader_that_went_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken(io.StringIO):
        error: OSError = OSError(28, "No space left on device")

        def flush(self) -> None:
            raise self.error

    monkeypatch.setattr(streams, "silence_stdout", lambda: None)
    monkeypatch.setattr(sys, "stdout", Broken())
    with pytest.raises(StorageError, match="No space left"):
        streams.write_result("x")
    monkeypatch.setattr(Broken, "error", BrokenPipeError())
    with pytest.raises(BrokenPipeError):
        streams.write_result("x")
    monkeypatch.setattr(sys, "stderr", Broken())
    streams.write_note("nobody listens")
