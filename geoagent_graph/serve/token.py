"""Tokens that clients must show where others can reach the server, and whose they are."""

import hmac
import logging
import os
from collections.abc import Callable, Sequence
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from starlette.datastructures import Headers

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.serve.token_file import TokenHolder, digest_of, read_tokens

COOKIE: Final = "geoagent"
PERSON_KEY: Final = "geoagent.person"
"""Where a request's scope holds the name of whose token it shows; empty for one that all share."""
_log = logging.getLogger(__name__)


class Tokens:
    """Compares what clients show with all tokens, in constant time.

    Of no token more is kept than its digest. A browser's cookie is made from its token, so that
    whoever reads the browser's cookies does not learn it.
    """

    def __init__(self, holders: Callable[[], Sequence[TokenHolder]]) -> None:
        self._holders = holders

    @classmethod
    def of_secret(cls, secret: SecretStr) -> "Tokens":
        """Return the one token that all clients share; its holder has no name."""
        holder = TokenHolder.of_token(secret.get_secret_value(), "")
        return cls(lambda: (holder,))

    @classmethod
    def of_file(cls, path: Path) -> "Tokens":
        """Return the tokens of a file, as it is at each request: who is removed is out at once.

        Raises:
            InputError: it cannot be used now. Later such a file lets nobody in; the log says so.
        """
        return cls(_WatchedFile(path).holders)

    def holder_of_token(self, token: str) -> TokenHolder | None:
        """Return whose token this is."""
        return self._find("token_sha256", digest_of(token))

    def holder_of(self, headers: Headers) -> TokenHolder | None:
        """Return whose token, or cookie made from it, a request shows; None where it shows none."""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.holder_of_token(shown.strip())
        try:
            jar = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return None
        held = jar[COOKIE].value if COOKIE in jar else ""
        return self._find("cookie_sha256", digest_of(held))

    def _find(self, field: str, digest: str) -> TokenHolder | None:
        found = None
        for holder in self._holders():  # all of them, however early one is found
            if hmac.compare_digest(str(getattr(holder, field)), digest):
                found = holder
        return found


class _WatchedFile:
    """The holders in a file, read again whenever the file is another one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp_of(path)  # before: what changes meanwhile is read again
        self._read = read_tokens(path)

    def holders(self) -> Sequence[TokenHolder]:
        stamp = _stamp_of(self._path)
        if stamp != self._stamp:
            try:
                self._read = read_tokens(self._path)
            except GeoAgentError as error:
                _log.error("nobody is let in: %s", error)
                self._read = ()
            self._stamp = stamp
        return self._read


def _stamp_of(path: Path) -> object:
    try:
        found = os.stat(path)  # noqa: PTH116  the numbers alone
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode
