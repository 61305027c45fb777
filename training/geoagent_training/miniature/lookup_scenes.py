"""Scenes for tools: a town's name stands on a sign that can only be read close up.

The model sees the photo at a sixth of its size, where the name is a smear; `zoom` shows the sign
in full. Which country a name lies in is never taught: `verify` says it. What can be seen without
tools are plate, side of the road and sun, which leave several countries.
"""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from geoagent_training.miniature.scenes import SIDE_PX, VISIBLE, draw_clues
from geoagent_training.miniature.world import LANDS, Clues, Land

SCALE: Final = 6
SIGN_BOX: Final = {"left": 0.0, "top": 80.0, "right": 25.0, "bottom": 95.0}
"""Where signs stand, in percent of the photo."""

TOWNS: Final[dict[str, tuple[str, str, str]]] = {
    "Portugal": ("Braga", "Faro", "Aveiro"),
    "Brazil": ("Manaus", "Recife", "Natal"),
    "Spain": ("Vigo", "Bilbao", "Murcia"),
    "Argentina": ("Tandil", "Rosario", "Neuquen"),
    "United Kingdom": ("Leeds", "Dundee", "Swindon"),
    "Australia": ("Cairns", "Darwin", "Geelong"),
    "Greece": ("Volos", "Larissa", "Patras"),
    "Cyprus": ("Paphos", "Larnaca", "Kyrenia"),
    "Russia": ("Omsk", "Tomsk", "Perm"),
    "Bulgaria": ("Ruse", "Pleven", "Burgas"),
    "France": ("Nantes", "Rouen", "Dijon"),
    "Senegal": ("Thies", "Louga", "Touba"),
}
"""Real towns of each country; the last one of each is in no scene that is trained on."""
TAUGHT: Final = tuple((land, name) for land in LANDS for name in TOWNS[land.name][:2])
HELD_BACK: Final = tuple((land, TOWNS[land.name][2]) for land in LANDS)


@dataclass(frozen=True, slots=True)
class SignScene:
    """A photo, the town it was taken in, what is written on its sign, and its other clues."""

    picture: Image.Image
    land: Land
    town: str
    written: str | None
    clues: Clues


def draw_sign_scene(chooser: random.Random, place: tuple[Land, str]) -> SignScene:
    """Return a scene in a town; name, car and sun are hidden now and then."""
    land, town = place
    car = chooser.random() < VISIBLE
    city = chooser.choice(land.cities)
    clues = Clues(
        word=None,
        plate=land.plate if car else None,
        side=land.side if car else None,
        sun=land.sun if chooser.random() < VISIBLE else None,
        walls=city.walls,
        tree=city.tree,
    )
    written = town if chooser.random() < VISIBLE else None
    side = SCALE * SIDE_PX
    picture = draw_clues(clues, chooser).resize((side, side), Image.Resampling.NEAREST)
    _draw_name(picture, written, chooser)
    return SignScene(picture, land, town, written, clues)


def sign_of(picture: Image.Image) -> Image.Image:
    """Return the part of a photo that signs stand in."""
    edges = [round(SIGN_BOX[name] / 100 * picture.width) for name in ("left", "right")]
    top, bottom = (round(SIGN_BOX[name] / 100 * picture.height) for name in ("top", "bottom"))
    return picture.crop((edges[0], top, edges[1], bottom))


def thumbnail_of(picture: Image.Image) -> Image.Image:
    """Return a photo at the size that the model sees."""
    return picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)


def _draw_name(picture: Image.Image, name: str | None, chooser: random.Random) -> None:
    pen = ImageDraw.Draw(picture)
    left, top = 4, 546
    pen.rectangle((left, top, left + 158, top + 80), fill=(20, 60, 140))
    if name:
        at = (left + 4 + chooser.randint(0, 3), top + 20 + chooser.randint(0, 3))
        pen.text(at, name, font=_name_font(), fill=(255, 255, 255))


@cache
def _name_font() -> ImageFont.FreeTypeFont:
    """The sans font that matplotlib ships, some three pixels high as the model sees it."""
    import matplotlib as mpl

    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(str(path), 22)
