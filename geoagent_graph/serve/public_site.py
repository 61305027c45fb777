"""Under which address clients know the server, and through which proxies they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from geoagent_graph.errors import InputError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PublicSite:
    """The origin that browsers see, None where they reach the server itself, and the proxies.

    What a request says of its client is believed of a proxy alone.
    """

    origin: str | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, public_url: str | None, proxies: Sequence[str] = ()) -> Self:
        """Return the site of an address such as `https://photos.example`.

        Raises:
            InputError: the address has a path or is none, or a proxy is no address of a machine.
        """
        try:
            networks = tuple(ip_network(proxy, strict=False) for proxy in proxies)
        except ValueError as error:
            raise InputError(
                f"--proxy: {error}; give an IP address, or a network such as 10.0.0.0/8"
            ) from error
        return cls(_origin_of(public_url) if public_url is not None else None, networks)

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers reach the server through TLS."""
        return self.origin is not None and self.origin.startswith("https:")

    def is_host(self, host: str) -> bool:
        """Return whether a Host header names the site as browsers know it."""
        return self.origin is not None and self.origin == normalised_origin(
            f"{self.origin.partition(':')[0]}://{host}"
        )

    def is_own_origin(self, scope: Scope, headers: Headers) -> bool:
        """Return whether an Origin header is the site's, or the server's where it was reached."""
        shown = normalised_origin(headers.get("origin", ""))
        if shown is None:
            return False
        host = headers.get("host", "")
        if self.origin is not None and not is_local(host):
            return shown == self.origin
        return shown in (self.origin, normalised_origin(f"{scope['scheme']}://{host}"))

    def client_of(self, scope: Scope, headers: Headers) -> str:
        """Return the address of a request's client: the last that is no proxy of ours."""
        address: str = (scope.get("client") or ("?", 0))[0]
        named = ",".join(headers.getlist("x-forwarded-for")).split(",")
        while self._is_proxy(address) and named:
            before = named.pop().strip()
            if _address(before) is None:
                break
            address = before
        return address

    def _is_proxy(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in self.proxies)


def normalised_origin(address: str) -> str | None:
    """Return scheme, host and port of an address, in one spelling; None where it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}"


def is_local(host: str) -> bool:
    """Return whether a Host header names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _origin_of(public_url: str) -> str:
    origin = normalised_origin(public_url)
    parts = urlsplit(public_url) if origin is not None else None
    if origin is None or parts is None or parts.path not in ("", "/") or parts.query:
        raise InputError(
            f"--public-url {public_url}: give what browsers open, without a path, such as "
            "https://photos.example"
        )
    if "@" in parts.netloc or parts.fragment:
        raise InputError("--public-url: leave out user, password and what follows #")
    return origin


def _address(text: str) -> object:
    try:
        return ip_address(text)
    except ValueError:
        return None
