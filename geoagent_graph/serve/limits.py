"""What one server lets its clients do, and where it listens."""

import functools
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, SecretStr, model_validator

from geoagent_graph.errors import InputError
from geoagent_graph.serve.public_site import PublicSite
from geoagent_graph.settings import Settings
from geoagent_graph.trip_types import MAX_PHOTOS
from geoagent_graph.types import FrozenModel

MIN_TOKEN_CHARS: Final = 16
_TOKEN: Final = re.compile(rf"[!-~]{{{MIN_TOKEN_CHARS},500}}", re.ASCII)


class Limits(FrozenModel):
    """The limits of a server, as `GET /v1/about` tells them; sizes in bytes, times in seconds.

    `trip_bytes` are those of several photos sent together, of a video at most half as many.
    `running` cases work at a time, `waiting` more may queue. A run that nobody watches for
    `away_seconds` is stopped; None lets every run go on to its end. `send_seconds` is how long a
    subscriber may take for one; `stream_seconds` is when a stream ends so that the client comes
    back.
    """

    upload_bytes: Annotated[int, Field(ge=1000)] = 64_000_000
    trip_bytes: Annotated[int, Field(ge=1000)] = 512_000_000
    trip_photos: Annotated[int, Field(ge=2, le=MAX_PHOTOS)] = MAX_PHOTOS
    json_bytes: Annotated[int, Field(ge=1000)] = 64_000
    pixels: Annotated[int, Field(ge=10_000)] = 60_000_000
    running: Annotated[int, Field(ge=1)] = 2
    waiting: Annotated[int, Field(ge=1)] = 200
    streams: Annotated[int, Field(ge=1)] = 256
    uploads: Annotated[int, Field(ge=1)] = 16
    requests_per_minute: Annotated[int, Field(ge=1)] = 1200
    idle_seconds: Annotated[float, Field(gt=0)] = 10.0
    upload_seconds: Annotated[float, Field(gt=0)] = 120.0
    send_seconds: Annotated[float, Field(gt=0)] = 10.0
    away_seconds: Annotated[float, Field(gt=0)] | None = None
    stream_seconds: Annotated[float, Field(gt=0)] = 3600.0


class Load(FrozenModel):
    """How many cases work and wait, and how many streams of events are open."""

    running: int
    waiting: int
    streams: int


class Address(FrozenModel):
    """Where a server listens and who may speak to it.

    `token` is one that all clients share, `tokens` a file with one for each person; at most one of
    the two is given.
    `public_url` is what browsers open where a proxy stands in front, such as
    `https://photos.example`; `proxies` are the addresses or networks of those whose
    `X-Forwarded-For` is believed.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8321
    token: SecretStr | None = None
    tokens: Path | None = None
    public_url: str | None = None
    proxies: tuple[str, ...] = ()

    @functools.cached_property
    def site(self) -> PublicSite:
        """Under which address clients know the server."""
        return PublicSite.of(self.public_url, self.proxies)

    @property
    def needs_token(self) -> bool:
        """Whether clients must show a token."""
        return self.token is not None or self.tokens is not None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _check_token(self) -> "Address":
        if self.token is not None and self.tokens is not None:
            raise InputError(
                "give one token for all (--token-file, GEOAGENT_SERVE_TOKEN) or the file of a "
                "token for each person (--tokens, GEOAGENT_SERVE_TOKENS), not both"
            )
        if not self.needs_token and not self.is_loopback:
            raise InputError(
                f"--host {self.host}: others can reach that address, so it needs a token: set "
                "GEOAGENT_SERVE_TOKEN, give --token-file, or give --tokens with a token for each"
            )
        if self.token is not None and _TOKEN.fullmatch(self.token.get_secret_value()) is None:
            raise InputError(
                f"the token is too short or not plain: take {MIN_TOKEN_CHARS} or more random "
                "letters and digits, as from: openssl rand -hex 32"
            )
        PublicSite.of(self.public_url, self.proxies)
        return self


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings of this process ask for."""
    return Limits(
        upload_bytes=settings.max_bytes,
        trip_bytes=8 * settings.max_bytes,
        pixels=settings.max_pixels,
        running=settings.serve_runs,
        waiting=settings.serve_waiting,
        streams=settings.serve_streams,
        requests_per_minute=settings.serve_requests_per_minute,
        away_seconds=settings.serve_away_seconds,
    )
