"""Names that are of a whole and not of its parts: map data gives "Toscane" to each province."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from geoagent_graph.geo.region_names import region_keys

MIN_PARTS: Final = 3  # fewer are often a town and the district around it


class _Bearer(NamedTuple):
    radius_km: float
    id: str
    own_key: str


def names_of_wholes(
    regions: Iterable[tuple[str, str, float, list[str]]],
) -> Mapping[str, set[str]]:
    """Return id -> keys of names that are of a larger region, and not of this one.

    A name is of a whole where at least `MIN_PARTS` regions bear it beside the largest of its
    bearers in a country, first called something else, each differently. A region whose own name is
    borne by those others is the one that they are named after, and keeps its names.

    Args:
        regions: id, country, radius in kilometres and names (the own one first) of each region.
    """
    bearers: defaultdict[tuple[str, str], list[_Bearer]] = defaultdict(list)
    for number, country, radius_km, names in regions:
        bearer = _Bearer(radius_km, number, region_keys(names[0])[0])
        for key in {key for name in names for key in region_keys(name)}:
            bearers[country, key].append(bearer)
    wrong: defaultdict[str, set[str]] = defaultdict(set)
    for (country, key), found in bearers.items():
        for part in _parts(key, found):
            if _shared_by(found, bearers[country, part.own_key]) <= MIN_PARTS:
                wrong[part.id].add(key)
    return wrong


def _parts(key: str, found: list[_Bearer]) -> list[_Bearer]:
    largest = max(found)
    parts = [bearer for bearer in found if bearer is not largest and bearer.own_key != key]
    differ = {bearer.own_key for bearer in parts} - {largest.own_key}
    return parts if len(differ) >= MIN_PARTS else []


def _shared_by(found: list[_Bearer], others: list[_Bearer]) -> int:
    return len({bearer.id for bearer in found} & {bearer.id for bearer in others})
