"""The weights of how a photo looks: those that ship, and those that a user fitted."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.parameter_group import Group
from geoagent_graph.protocols import PhotoPlaces
from geoagent_graph.regular_files import read_regular

FILE_FORMAT: Final = "geoagent-visual/1"
MIN_TEMPERATURE: Final = 0.05
MAX_TEMPERATURE: Final = 100.0
MIN_UNINFORMATIVE: Final = 0.05
_MAX_SUM: Final = 1.001  # they are rounded in the file
_MAX_FILE_BYTES: Final = 100_000
_TEMPERATURES: Final = ("country_temperature", "city_temperature")
_SHARES: Final = ("region_share", "country_share", "continent_share", "uninformative")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisualWeights(Group):
    """A model that sees: what its scores are divided by; see `evidence.photo_look`."""

    country_temperature: float  # of what it says of regions, countries and continents
    city_temperature: float  # of its scores of towns
    region_share: float  # of photos whose town it misses, but not the region
    country_share: float  # ... whose region it misses, but not the country
    continent_share: float
    uninformative: float  # of photos whose look says nothing

    @property
    def shares(self) -> tuple[float, float, float, float, float]:
        """How often it tells towns, regions, countries, continents, nothing; they sum to 1."""
        rest = (self.region_share, self.country_share, self.continent_share, self.uninformative)
        return (max(0.0, 1.0 - sum(rest)), *rest)


@dataclass(frozen=True, eq=False)
class PhotoLook:
    """A model that sees and the weights of what it says; `weights` None takes those that ship."""

    places: PhotoPlaces
    weights: VisualWeights | None = None


def visual_file_text(weights: VisualWeights, places_id: str) -> str:
    """Return the file of weights that were fitted for one model."""
    fields = {"format": FILE_FORMAT, "places_id": places_id, "how": weights.how}
    numbers = {name: getattr(weights, name) for name in (*_TEMPERATURES, *_SHARES)}
    return json.dumps({**fields, **numbers}, ensure_ascii=False, indent=1) + "\n"


def read_visual_weights(path: Path, places_id: str) -> VisualWeights:
    """Return the weights of a file that `tools/fit_visual.py` wrote.

    Raises:
        InputError: it cannot be read, is none, or was fitted for another model than `places_id`.
    """
    try:
        stored = json.loads(read_regular(path, _MAX_FILE_BYTES))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON; fit it again with tools/fit_visual.py") from error
    if not isinstance(stored, dict) or stored.get("format") != FILE_FORMAT:
        raise InputError(f"{path}: is no file of tools/fit_visual.py ({FILE_FORMAT})")
    if stored.get("places_id") != places_id:
        raise InputError(
            f"{path}: was fitted for {stored.get('places_id')!r:.100}, but {places_id} is in use; "
            "fit it again with tools/fit_visual.py"
        )
    weights = VisualWeights(
        how=f"fitted, as {path.name} says",
        country_temperature=_read_temperature(stored, "country_temperature", path),
        city_temperature=_read_temperature(stored, "city_temperature", path),
        region_share=_read_number(stored, "region_share", path, 0.0, 1.0),
        country_share=_read_number(stored, "country_share", path, 0.0, 1.0),
        continent_share=_read_number(stored, "continent_share", path, 0.0, 1.0),
        uninformative=_read_number(stored, "uninformative", path, MIN_UNINFORMATIVE, 1.0),
    )
    if sum(weights.shares) > _MAX_SUM:
        raise InputError(f"{path}: its shares sum to more than 1; fit it again")
    return weights


def _read_temperature(stored: dict[str, Any], name: str, path: Path) -> float:
    return _read_number(stored, name, path, MIN_TEMPERATURE, MAX_TEMPERATURE)


def _read_number(stored: dict[str, Any], name: str, path: Path, low: float, high: float) -> float:
    value = stored.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{path}: {name} is {value!r:.40}, not {low} to {high}; fit it again")
    return float(value)
