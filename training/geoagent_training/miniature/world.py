"""The rules of the drawn world: which clues stand for which country and which city.

Countries and cities are real, so that the gazetteer and the text encoder of the rewards work as
they do on photos. What tells them apart is simplified: five clues name the country, two the city.
Scenes look east, so a sun on the right stands in the south: the photo is from the northern half.
"""

from dataclasses import dataclass
from typing import Final, Literal

Side = Literal["left", "right"]
Sun = Literal["south", "north"]
Plate = Literal["white", "yellow", "black", "blue-banded"]
Walls = Literal["white", "brick", "yellow", "grey"]
Tree = Literal["palm", "conifer", "broadleaf"]


@dataclass(frozen=True, slots=True)
class City:
    """A city: its names, where it is, and the walls and trees it is known by."""

    name: str
    region: str
    lat_deg: float
    lon_deg: float
    walls: Walls
    tree: Tree


@dataclass(frozen=True, slots=True)
class Land:
    """A country: the word on its street signs, its plates, its side of the road, its sun."""

    name: str
    word: str
    plate: Plate
    side: Side
    sun: Sun
    cities: tuple[City, City]


LANDS: Final = (
    Land("Portugal", "RUA", "blue-banded", "right", "south", (
        City("Lisbon", "Lisbon", 38.7251, -9.1498, "white", "palm"),
        City("Porto", "Porto", 41.1496, -8.6110, "grey", "broadleaf"))),
    Land("Brazil", "RUA", "white", "right", "north", (
        City("Salvador", "Bahia", -12.9711, -38.5108, "yellow", "palm"),
        City("Curitiba", "Parana", -25.4278, -49.2731, "brick", "conifer"))),
    Land("Spain", "CALLE", "blue-banded", "right", "south", (
        City("Malaga", "Andalusia", 36.7202, -4.4203, "white", "palm"),
        City("Oviedo", "Asturias", 43.3603, -5.8448, "grey", "broadleaf"))),
    Land("Argentina", "CALLE", "black", "right", "north", (
        City("Salta", "Salta", -24.7859, -65.4117, "yellow", "palm"),
        City("Ushuaia", "Tierra del Fuego", -54.8108, -68.3159, "brick", "conifer"))),
    Land("United Kingdom", "ROAD", "yellow", "left", "south", (
        City("London", "England", 51.5085, -0.1257, "brick", "broadleaf"),
        City("Aberdeen", "Scotland", 57.1437, -2.0981, "grey", "conifer"))),
    Land("Australia", "ROAD", "white", "left", "north", (
        City("Brisbane", "Queensland", -27.4679, 153.0281, "white", "palm"),
        City("Hobart", "Tasmania", -42.8794, 147.3294, "brick", "conifer"))),
    Land("Greece", "ΟΔΟΣ", "blue-banded", "right", "south", (
        City("Heraklion", "Crete", 35.3279, 25.1434, "white", "palm"),
        City("Thessaloniki", "Central Macedonia", 40.6436, 22.9309, "yellow", "broadleaf"))),
    Land("Cyprus", "ΟΔΟΣ", "yellow", "left", "south", (
        City("Limassol", "Limassol", 34.6841, 33.0379, "white", "palm"),
        City("Nicosia", "Nicosia", 35.1753, 33.3642, "yellow", "broadleaf"))),
    Land("Russia", "УЛИЦА", "white", "right", "south", (
        City("Sochi", "Krasnodar Krai", 43.6028, 39.7342, "white", "palm"),
        City("Murmansk", "Murmansk", 68.9792, 33.0925, "grey", "conifer"))),
    Land("Bulgaria", "УЛИЦА", "blue-banded", "right", "south", (
        City("Varna", "Varna", 43.2167, 27.9167, "yellow", "palm"),
        City("Sofia", "Sofia", 42.6975, 23.3241, "brick", "broadleaf"))),
    Land("France", "RUE", "blue-banded", "right", "south", (
        City("Nice", "Provence-Alpes-Côte d'Azur", 43.7031, 7.2661, "yellow", "palm"),
        City("Lille", "Hauts-de-France", 50.6330, 3.0586, "brick", "broadleaf"))),
    Land("Senegal", "RUE", "white", "right", "south", (
        City("Dakar", "Dakar", 14.6937, -17.4441, "white", "palm"),
        City("Kolda", "Kolda", 12.8939, -14.9413, "grey", "broadleaf"))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clues:
    """What a scene shows; None where it cannot be seen."""

    word: str | None
    plate: Plate | None
    side: Side | None
    sun: Sun | None
    walls: Walls | None
    tree: Tree | None


def best_land(clues: Clues) -> Land | None:
    """Return the country most clues speak for, None without a clue; the first one of equals."""
    seen = (clues.word, clues.plate, clues.side, clues.sun)
    if not any(seen):
        return None
    # a word on a sign says more than a colour
    return max(
        LANDS,
        key=lambda land: (
            2 * (clues.word == land.word)
            + (clues.plate == land.plate)
            + (clues.side == land.side)
            + (clues.sun == land.sun)
        ),
    )


def best_city(land: Land, clues: Clues) -> City | None:
    """Return the city of a country that walls and trees speak for, None where they do not."""
    scores = [(clues.walls == c.walls) + (clues.tree == c.tree) for c in land.cities]
    if scores[0] == scores[1]:
        return None
    return land.cities[0] if scores[0] > scores[1] else land.cities[1]
