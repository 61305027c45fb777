"""Draws street scenes of the world: the same seed gives the same pixels."""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from geoagent_training.miniature.world import LANDS, City, Clues, Land

SIDE_PX: Final = 112
VISIBLE: Final = 0.85
_HORIZON: Final = 62
_WALLS: Final = {
    "white": (236, 232, 224),
    "brick": (172, 74, 52),
    "yellow": (232, 190, 84),
    "grey": (140, 142, 146),
}
_PLATES: Final = {"white": (245, 245, 245), "yellow": (250, 214, 20), "black": (20, 20, 20)}
_CARS: Final = ((190, 30, 40), (30, 80, 160), (90, 90, 95), (20, 110, 70))


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawn photo, where it was taken, and the clues that are really in it."""

    picture: Image.Image
    land: Land
    city: City
    clues: Clues


PLACES: Final = tuple((land, city) for land in LANDS for city in land.cities)


def draw_scene(chooser: random.Random, place: tuple[Land, City] | None = None) -> Scene:
    """Return a scene somewhere in the world, or at a place; each clue is hidden now and then."""
    if place is None:
        land = chooser.choice(LANDS)
        place = (land, chooser.choice(land.cities))
    land, city = place
    car = chooser.random() < VISIBLE
    clues = Clues(
        word=land.word if chooser.random() < VISIBLE else None,
        plate=land.plate if car else None,
        side=land.side if car else None,
        sun=land.sun if chooser.random() < VISIBLE else None,
        walls=city.walls if chooser.random() < VISIBLE else None,
        tree=city.tree if chooser.random() < VISIBLE else None,
    )
    return Scene(draw_clues(clues, chooser), land, city, clues)


def draw_clues(clues: Clues, chooser: random.Random) -> Image.Image:
    """Return a picture that shows these clues."""
    sky = tuple(chooser.randint(low, low + 25) for low in (140, 180, 215))
    picture = Image.new("RGB", (SIDE_PX, SIDE_PX), sky)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, _HORIZON, SIDE_PX, SIDE_PX), fill=(120, 130, 100))
    pen.polygon([(40, SIDE_PX), (72, SIDE_PX), (60, _HORIZON), (52, _HORIZON)], fill=(70, 70, 74))
    if clues.sun:
        x = (92 if clues.sun == "south" else 12) + chooser.randint(-4, 4)
        y = 12 + chooser.randint(-4, 4)
        pen.ellipse((x - 8, y - 8, x + 8, y + 8), fill=(255, 240, 120))
    _draw_house(pen, clues, chooser)
    _draw_tree(pen, clues, chooser)
    _draw_sign(pen, clues, chooser)
    _draw_car(pen, clues, chooser)
    return picture


def _draw_house(pen: ImageDraw.ImageDraw, clues: Clues, chooser: random.Random) -> None:
    """A house; one that is overgrown shows no walls."""
    left, top = 64 + chooser.randint(-3, 3), 34 + chooser.randint(-3, 3)
    fill = _WALLS[clues.walls] if clues.walls else (60, 110, 60)
    pen.rectangle((left, top, left + 42, _HORIZON + 4), fill=fill)
    pen.polygon([(left - 3, top), (left + 45, top), (left + 21, top - 14)], fill=(110, 60, 50))
    for x in (left + 6, left + 26):
        pen.rectangle((x, top + 8, x + 9, top + 18), fill=(70, 90, 110))


def _draw_tree(pen: ImageDraw.ImageDraw, clues: Clues, chooser: random.Random) -> None:
    if clues.tree is None:
        return
    x, foot = 14 + chooser.randint(-4, 4), _HORIZON + 8
    pen.rectangle((x - 2, foot - 30, x + 2, foot), fill=(100, 70, 40))
    green = (30 + chooser.randint(0, 20), 110 + chooser.randint(-15, 15), 50)
    if clues.tree == "conifer":
        pen.polygon([(x - 12, foot - 8), (x + 12, foot - 8), (x, foot - 46)], fill=green)
    elif clues.tree == "broadleaf":
        pen.ellipse((x - 13, foot - 46, x + 13, foot - 20), fill=green)
    else:
        for dx, dy in ((-14, 2), (-10, -9), (0, -13), (10, -9), (14, 2)):
            pen.line((x, foot - 32, x + dx, foot - 32 + dy), fill=green, width=4)


def _draw_sign(pen: ImageDraw.ImageDraw, clues: Clues, chooser: random.Random) -> None:
    left, top = 4 + chooser.randint(0, 6), 84 + chooser.randint(-2, 4)
    pen.rectangle((left, top, left + 44, top + 20), fill=(20, 60, 140))
    if clues.word:
        pen.text((left + 3, top + 3), clues.word, font=_sign_font(), fill=(255, 255, 255))


def _draw_car(pen: ImageDraw.ImageDraw, clues: Clues, chooser: random.Random) -> None:
    """A car seen from behind, on the side of the road it keeps to."""
    if clues.side is None or clues.plate is None:
        return
    x = (78 if clues.side == "right" else 52) + chooser.randint(-3, 3)
    y = 86 + chooser.randint(-2, 4)
    pen.rectangle((x, y, x + 26, y + 16), fill=chooser.choice(_CARS))
    pen.rectangle((x + 4, y - 7, x + 22, y), fill=(180, 210, 225))
    fill = _PLATES.get(clues.plate, _PLATES["white"])
    pen.rectangle((x + 6, y + 6, x + 20, y + 12), fill=fill)
    if clues.plate == "blue-banded":
        pen.rectangle((x + 6, y + 6, x + 10, y + 12), fill=(20, 50, 190))


@cache
def _sign_font() -> ImageFont.FreeTypeFont:
    """The sans font that matplotlib ships: Latin, Greek and Cyrillic on every machine."""
    import matplotlib as mpl

    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"
    return ImageFont.truetype(str(path), 11)
