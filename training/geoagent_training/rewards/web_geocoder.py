"""Nominatim and OpenCage as place resolvers: the paper's way, kept on disk and rate-limited."""

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import httpx
import numpy as np
from numpy.typing import NDArray

from geoagent_training.errors import ServiceError
from geoagent_training.rewards.country_names import country_of_code
from geoagent_training.rewards.disk_cache import DiskCache
from geoagent_training.rewards.place_names import Fields, keys_of
from geoagent_training.rewards.places import PlaceResolver

Service = Literal["nominatim", "opencage"]

_PUBLIC: Final = {
    "nominatim": "https://nominatim.openstreetmap.org",
    "opencage": "https://api.opencagedata.com",
}
_USER_AGENT: Final = "geoagent-graph (training rewards)"


class WebGeocoder:
    """Resolves answers through a web service, dropping the last field until one is found.

    One request at a time, at most one per `seconds_between`, as the public services demand. What
    was asked once is never asked again. An answer that no service is asked about: an empty one.
    """

    def __init__(
        self,
        service: Service,
        cache_file: Path,
        *,
        key: str | None = None,
        base_url: str | None = None,
        seconds_between: float = 1.0,
        seconds: float = 20.0,
    ) -> None:
        self.service = service
        self.base_url = (base_url or _PUBLIC[service]).rstrip("/")
        self._key = key
        self._between = seconds_between
        self._cache = DiskCache(cache_file)
        self._client = httpx.Client(timeout=seconds, headers={"User-Agent": _USER_AGENT})
        self._last = -seconds_between
        self._lock = Lock()

    def resolve(self, answers: Sequence[Fields]) -> NDArray[np.float64]:
        """Return (lat, lon) in degrees of each answer, [N, 2]; NaN where nothing is found.

        Raises:
            ServiceError: the service does not answer.
        """
        points = np.full((len(answers), 2), np.nan)
        for row, fields in enumerate(answers):
            known = [field for field in fields if field]
            while known:
                found = self._find_point(", ".join(reversed(known)))
                if found is not None:
                    points[row] = found
                    break
                known.pop()
        return points

    def names_one_country(self, text: str) -> bool:
        """Return True: a web service reads a list of countries as one name it does not know."""
        return bool(text)

    def english_country(self, name: str) -> str:
        """Return the English name for a country's code; any other text as it is."""
        return country_of_code(name)

    def lies_in(self, country: str, name: str) -> bool:  # noqa: ARG002
        """Return False: a web service finds something for any text."""
        return False

    def same_place(self, one: str, other: str) -> bool:
        """Say whether two texts are spellings of one name."""
        return bool(set(keys_of(one)) & set(keys_of(other)))

    def _find_point(self, text: str) -> tuple[float, float] | None:
        key = f"{self.service}:{text}"
        stored = self._cache.get(key)
        if stored is None:
            stored = self._ask_service(text)
            self._cache.put({key: stored})
        if not stored:
            return None
        lat, lon = stored.split(",")
        return float(lat), float(lon)

    def _ask_service(self, text: str) -> str:
        with self._lock:
            pause = self._last + self._between - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self._last = time.monotonic()
            try:
                reply = self._client.get(
                    self.base_url + self._search_path(), params=self._search_parameters(text)
                )
                reply.raise_for_status()
                return _first_point(reply.json())
            except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
                raise ServiceError(
                    f"the geocoder {self.service} at {self.base_url} failed on {text!r}: "
                    f"{type(error).__name__} {error}"
                ) from error

    def _search_path(self) -> str:
        return "/search" if self.service == "nominatim" else "/geocode/v1/json"

    def _search_parameters(self, text: str) -> dict[str, str]:
        if self.service == "nominatim":
            return {"q": text, "format": "jsonv2", "limit": "1"}
        return {"q": text, "limit": "1", "no_annotations": "1", "key": self._key or ""}


Resolver = PlaceResolver | WebGeocoder


def _first_point(reply: Any) -> str:
    """Return "lat,lon" of the first result, or an empty text where there is none."""
    results = reply if isinstance(reply, list) else reply["results"]
    if not results:
        return ""
    place = results[0].get("geometry", results[0])
    lat, lon = float(place["lat"]), float(place.get("lng", place.get("lon")))
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError(f"a position off the globe: {lat}, {lon}")
    return f"{lat},{lon}"
