"""Where a server's API begins: as it was given, or one step below."""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

_ENDPOINTS: Final = ("/chat/completions", "/completions", "/models", "/responses")
_VERSION: Final = "/v1"


def api_addresses(base_url: str) -> tuple[str, ...]:
    """Return where the API may begin, the likeliest first.

    A slash at the end and the name of an endpoint are left out. Where the path names no version,
    as `http://127.0.0.1:8000`, the API is looked for below `/v1` as well.
    """
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/")
    for endpoint in _ENDPOINTS:
        path = path.removesuffix(endpoint)
    given = urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    if any(_is_version(part) for part in path.split("/")):
        return (given,)
    below = urlunsplit((parts.scheme, parts.netloc, path + _VERSION, "", ""))
    return (below, given) if not path else (given, below)


def _is_version(part: str) -> bool:
    return len(part) > 1 and part[0] == "v" and part[1].isdigit()
