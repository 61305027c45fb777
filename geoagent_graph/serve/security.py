"""Who may speak to the server: host names, origins, tokens, and how often."""

from collections import OrderedDict
from math import ceil
from time import monotonic
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from geoagent_graph.serve.health_routes import OPEN_PATHS
from geoagent_graph.serve.limits import Address
from geoagent_graph.serve.problems import problem_response
from geoagent_graph.serve.public_site import PublicSite, is_local
from geoagent_graph.serve.token import PERSON_KEY, Tokens

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_CLIENTS: Final = 10_000


class AccessControl:
    """Refuses requests before anything of them is read.

    On a loopback address the Host header must name this machine: a web site whose name was made to
    point here (DNS rebinding) is refused. A browser's request from another site's page is refused
    everywhere, by what the browser says about it.
    """

    def __init__(
        self, app: ASGIApp, *, address: Address, tokens: Tokens | None, per_minute: int
    ) -> None:
        self._app = app
        self._local_only = address.is_loopback
        self._site = address.site
        self._tokens = tokens
        self._rates = Rates(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal_of(scope, headers)
        if refused is not None:
            status, detail, more = refused
            response = problem_response(status, detail, more)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal_of(self, scope: Scope, headers: Headers) -> tuple[int, str, dict[str, str]] | None:
        host = headers.get("host", "")
        if self._local_only and not (is_local(host) or self._site.is_host(host)):
            return 421, "this server answers to localhost and 127.0.0.1 only", {}
        # before requests are counted: another site's page must not use up what its reader may ask
        if not _is_own_site(scope, headers, self._site):
            return 403, "requests from pages of other sites are refused", {}
        wait = self._rates.wait_seconds(self._site.client_of(scope, headers))
        if wait:
            return 429, "too many requests; come back later", {"Retry-After": str(wait)}
        if scope["path"] in OPEN_PATHS:
            return None
        if self._tokens is not None and not self._is_known(scope, headers):
            said = "show the token: Authorization: Bearer TOKEN, or open /?token=TOKEN"
            return 401, said, {"WWW-Authenticate": "Bearer"}
        return None

    def _is_known(self, scope: Scope, headers: Headers) -> bool:
        assert self._tokens is not None
        holder = self._tokens.holder_of(headers)
        if holder is not None:
            scope[PERSON_KEY] = holder.name
            return True
        return scope["path"] == "/" and "token" in parse_qs(scope["query_string"].decode("latin-1"))


class Rates:
    """Requests per client, as a bucket that fills again within a minute."""

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60.0
        self._size = float(per_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, client: str) -> int:
        """Count a request; return 0, or in how many seconds the client may come again."""
        now = monotonic()
        left, since = self._buckets.get(client, (self._size, now))
        left = min(self._size, left + (now - since) * self._per_second)
        wait = 0 if left >= 1.0 else ceil((1.0 - left) / self._per_second)
        self._buckets[client] = (left if wait else left - 1.0, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > _MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return wait


def _is_own_site(scope: Scope, headers: Headers, own: PublicSite) -> bool:
    """Return whether a request comes from this server's page, or from no page at all."""
    reading = scope["method"] in _READING
    site = headers.get("sec-fetch-site")
    if site is not None:
        followed_link = reading and headers.get("sec-fetch-mode") == "navigate"
        if site not in ("same-origin", "none") and not followed_link:
            return False
    if reading or "origin" not in headers:
        return True
    return own.is_own_origin(scope, headers)
