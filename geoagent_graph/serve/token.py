"""The token that clients must show where others can reach the server."""

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

from pydantic import SecretStr
from starlette.datastructures import Headers

COOKIE = "geoagent"


class Token:
    """Compares what clients show, in constant time.

    The cookie is made from the token, so that whoever reads a browser's cookies does not learn it.
    """

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret.get_secret_value().encode()
        self.cookie = hmac.new(self._secret, b"geoagent cookie 1", hashlib.sha256).hexdigest()

    def is_right(self, shown: str) -> bool:
        """Return whether this is the token."""
        return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), self._secret)

    def is_shown(self, headers: Headers) -> bool:
        """Return whether a request shows the token, or the cookie made from it."""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.is_right(shown.strip())
        try:
            jar = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        held = jar[COOKIE].value if COOKIE in jar else ""
        return hmac.compare_digest(held.encode("utf-8", "surrogateescape"), self.cookie.encode())
