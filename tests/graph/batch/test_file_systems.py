"""What goes wrong on a web server is told from a photo that is not there."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from geoagent_graph.batch import copies, file_systems
from geoagent_graph.batch.photo_source import PhotoSource, read_source
from geoagent_graph.errors import PhotoError, ToolError
from tests.support.batches import kept_rows, locate_here, run, use_tools

pytest.importorskip("aiohttp")
CONTENT = b"good" * 2_000_000  # more than fsspec reads at once


class _Server(http.server.BaseHTTPRequestHandler):
    """Knows no ranges, as most; a path says what goes wrong."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer("")

    def do_GET(self) -> None:
        self._answer("get")

    def _answer(self, verb: str) -> None:
        path = self.path
        if "missing" in path:
            self.send_error(404)
        elif "away" in path or ("later" in path and verb):
            self.send_error(503)
        elif "broken" in path:
            self.connection.close()
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            if verb:
                self.wfile.write(CONTENT[:100] if "half" in path else CONTENT)
            self.close_connection = True


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Yield the address of a server of this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _read(location: str) -> Path | bytes:
    return read_source(PhotoSource("a.jpg", location), 10_000_000)


def test_a_photo_comes_whole_from_a_server_without_ranges(address: str) -> None:
    assert _read(f"{address}/a.jpg") == CONTENT


def test_what_a_server_does_not_have_is_no_photo(address: str) -> None:
    with pytest.raises(PhotoError, match="no such file"):
        _read(f"{address}/missing.jpg")


@pytest.mark.parametrize("name", ["away", "later", "broken", "half"])
def test_what_a_server_failed_is_tried_again(address: str, name: str) -> None:
    with pytest.raises(ToolError, match="cannot be read"):
        _read(f"{address}/{name}.jpg")


def test_a_server_that_is_not_there_lacks_no_photo() -> None:
    with pytest.raises(ToolError, match="cannot be read"):
        _read("http://127.0.0.1:9/a.jpg")


def test_a_server_that_fails_while_copies_are_found_stops_no_batch(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    locate_here(monkeypatch)
    use_tools(monkeypatch)
    (tmp_path / "list.csv").write_text("file\nlater-1.jpg\nlater-2.jpg\n")
    run(tmp_path / "list.csv", tmp_path / "out", roots=(address,))
    assert [row["copy_of"] for row in kept_rows(tmp_path / "out")] == [None, None]


def test_whatever_a_file_system_raises_is_an_error_of_files() -> None:
    with pytest.raises(OSError, match="KeyError: 'token'"), file_systems.file_errors("s3://a/b"):
        raise KeyError("token")
    assert copies._size_at("memory://nowhere/a.jpg") == -1


def test_sizes_are_asked_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [f"memory://sizes/{number}.jpg" for number in range(10)]
    for number, place in enumerate(places):
        fsspec.filesystem("memory").pipe(place, b"a" * (number % 3 + 1))
    empty = [None] * len(places)
    listed = pa.table({"location": places, "offset": empty, "size": empty, "problem": empty})
    for at_once in (1, 3, 10, 4096):
        monkeypatch.setattr(copies, "_ROWS_AT_ONCE", at_once)
        listed = listed.cast(_schema())
        assert copies.first_rows(listed).tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]


def _schema() -> pa.Schema:
    numbers = [("offset", pa.int64()), ("size", pa.int64())]
    return pa.schema([("location", pa.string()), *numbers, ("problem", pa.string())])
