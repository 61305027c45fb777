"""A small world map for the terminal, in braille dots."""

import functools
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM
from geoagent_graph.render.maps.world_shapes import flat_rings, world_shapes

NORTH_DEG, SOUTH_DEG = 84.0, -58.0
# Unicode numbers the eight dots of a braille cell column by column, the lowest row last.
_DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.int64)

Dots = NDArray[np.bool_]


def world_map(lat_deg: float, lon_deg: float, radius_km: float, columns: int) -> Text:
    """Return the world with a point and the circle around it, `columns` characters wide.

    Land is drawn thin, what lies inside the circle full, the point as an X; colours only help.
    """
    rows = max(6, round(columns * 2 * (NORTH_DEG - SOUTH_DEG) / 360.0 / 4))
    circle = _circle_dots(rows, columns, lat_deg, lon_deg, radius_km)
    thin = np.indices(circle.shape).sum(axis=0) % 2 == 0
    cells = _braille_numbers((_land_dots(rows, columns) & thin) | circle)
    inside = _braille_numbers(circle) > 0
    row, column = _cell_of(lat_deg, lon_deg, rows, columns)
    drawn = Text(no_wrap=True)
    for y in range(rows):
        styles = np.where(inside[y], "yellow", "dim").tolist()
        characters = [chr(0x2800 + number) for number in cells[y].tolist()]
        if y == row:
            styles[column], characters[column] = "bold red", "X"
        for style, run in groupby(zip(styles, characters, strict=True), key=lambda cell: cell[0]):
            drawn.append("".join(character for _, character in run), style)
        drawn.append("\n")
    drawn.rstrip()
    return drawn


@functools.lru_cache(maxsize=4)
def _land_dots(rows: int, columns: int) -> Dots:
    from PIL import Image, ImageDraw

    height, width = rows * 4, columns * 2
    image = Image.new("1", (width, height))
    pencil = ImageDraw.Draw(image)
    for country in world_shapes("110m"):
        for ring in (part for whole in country.rings for part in flat_rings(whole)):
            x = (ring[:, 0] + 180.0) / 360.0 * width
            y = (NORTH_DEG - ring[:, 1]) / (NORTH_DEG - SOUTH_DEG) * height
            pencil.polygon(list(zip(x.tolist(), y.tolist(), strict=True)), fill=1)
    return np.asarray(image, dtype=np.bool_)


def _circle_dots(rows: int, columns: int, lat_deg: float, lon_deg: float, radius_km: float) -> Dots:
    height, width = rows * 4, columns * 2
    lats = NORTH_DEG - (np.arange(height) + 0.5) / height * (NORTH_DEG - SOUTH_DEG)
    lons = (np.arange(width) + 0.5) / width * 360.0 - 180.0
    lat, lon = np.radians(lats)[:, None], np.radians(lons)[None, :]
    lat0, lon0 = np.radians(lat_deg), np.radians(lon_deg)
    cosine = np.sin(lat) * np.sin(lat0) + np.cos(lat) * np.cos(lat0) * np.cos(lon - lon0)
    inside: Dots = np.arccos(np.clip(cosine, -1.0, 1.0)) * EARTH_RADIUS_KM <= radius_km
    return inside


def _cell_of(lat_deg: float, lon_deg: float, rows: int, columns: int) -> tuple[int, int]:
    share = (NORTH_DEG - lat_deg) / (NORTH_DEG - SOUTH_DEG)
    row = min(rows - 1, max(0, int(share * rows)))
    return row, min(columns - 1, int((lon_deg + 180.0) / 360.0 * columns))


def _braille_numbers(dots: Dots) -> NDArray[np.int64]:
    rows, columns = dots.shape[0] // 4, dots.shape[1] // 2
    blocks = dots.reshape(rows, 4, columns, 2)
    numbers: NDArray[np.int64] = np.einsum("ricj,ij->rc", blocks, _DOT_BITS)
    return numbers
