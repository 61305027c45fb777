"""Files by their own addresses: HTTP with ranges, so that a broken download goes on.

For rows that lie on no Hugging Face hub. Whatever arrives is compared with a pinned digest, so a
server that changes a file half-way is found out.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from geoagent_graph.errors import WeightsError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.weights.entry import Entry, WebSource
from geoagent_graph.weights.supplier import Plan, PlannedFile

Progress = Callable[[str, int, int | None], None]
"""Called with the file, the bytes that are there and those that are expected."""

_CALL_SECONDS: Final = 30.0
_CHUNK_BYTES: Final = 1 << 20
_MAX_FILE_BYTES: Final = 500_000_000  # where the catalogue does not know the size
_RANGE_NOT_SATISFIABLE: Final = 416


class _PlainRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to HTTPS, or within the scheme of the address; to nothing else."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request that follows, None where the redirect is none."""
        if not newurl.startswith(("https://", f"{req.type}://")):
            raise urllib.error.URLError("it redirects to an address that is not HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class WebSupplier:
    """The files of a row of the catalogue that have addresses."""

    def __init__(
        self, name: str, source: WebSource, *, offline: bool, progress: Progress | None = None
    ) -> None:
        self._name = name
        self._source = source
        self._offline = offline
        self._progress = progress

    def plan(self, entry: Entry, revision: str | None) -> Plan:
        """Return the files of the row; their digests are their revision."""
        del revision
        if self._offline:
            raise WeightsError(
                f"{self._name}: HF_HUB_OFFLINE switches the network off; unset it, or "
                f"`geoagent weights pull {self._name} --from FOLDER`"
            )
        files = (PlannedFile(f.path, f.size_bytes, f.sha256, f.url) for f in entry.files)
        return Plan(self._source.repository, None, tuple(files))

    def fetch(self, plan: Plan, file: PlannedFile, part: Path) -> None:
        """Write a file; goes on behind what is in `part` already."""
        del plan
        with open_regular(part, mode="ab") as out:
            try:
                self._copy_from(file, out, out.tell())
            except urllib.error.HTTPError as error:
                if error.code == _RANGE_NOT_SATISFIABLE:  # all of it is there, or too much
                    return
                raise self._failure(file, f"HTTP {error.code}") from error
            except (http.client.HTTPException, urllib.error.URLError, TimeoutError) as error:
                reason = getattr(error, "reason", None) or type(error).__name__
                raise self._failure(file, str(reason)) from error

    def _copy_from(self, file: PlannedFile, out: IO[bytes], start: int) -> None:
        request = urllib.request.Request(file.url or "")  # noqa: S310 (Entry allows HTTP alone)
        if start:
            request.add_header("Range", f"bytes={start}-")
        opener = urllib.request.build_opener(_PlainRedirects)
        with opener.open(request, timeout=_CALL_SECONDS) as response:
            if start and response.status != http.HTTPStatus.PARTIAL_CONTENT:
                out.truncate(0)
                start = 0
            self._copy_body(response, file, out, start)

    def _copy_body(
        self, response: http.client.HTTPResponse, file: PlannedFile, out: IO[bytes], done: int
    ) -> None:
        limit = file.size_bytes or _MAX_FILE_BYTES
        while chunk := response.read(_CHUNK_BYTES):
            done += len(chunk)
            if done > limit:
                raise WeightsError(f"{self._name}: {file.path} is longer than it may be; stopped")
            out.write(chunk)
            if self._progress is not None:
                self._progress(file.path, done, file.size_bytes)

    def _failure(self, file: PlannedFile, reason: str) -> WeightsError:
        return WeightsError(
            f"{self._name}: {file.url} cannot be fetched ({reason}); pull again to go on, or "
            f"`geoagent weights pull {self._name} --from FOLDER`"
        )
