"""Draws a street scene with shop signs and a direction sign: a photo to try the agent on.

    python tools/draw_street.py --out street.jpg

Needs Pillow alone. The letters are Pillow's built-in ones (plain ASCII), so the street is in a town
whose names need no accents: Braga in Portugal, as its signs, phone numbers and domain agree.
"""

import argparse
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 1600, 1066
GROUND = 760  # where the houses stand
FACADES = ("#e8dcc4", "#d9c2a3", "#c9d3d6", "#e6d0c3")
SHOPS = (
    ("Padaria do Souto", "Tel. 253 217 346", "#7a2318", "#fff4dc"),
    ("Livraria Central", "www.livrariacentral-braga.pt", "#123d2b", "#f4f0dd"),
    ("Sapataria Moderna", "Tel. 253 264 118", "#1d2f57", "#ffffff"),
)
DIRECTIONS = ("Barcelos  22", "Viana do Castelo  61", "Porto  55")
TOWN, STREET = "Posto de Turismo de Braga", "Rua do Souto"


def draw_sky(rng: random.Random) -> Image.Image:
    """Return a sky with a few soft clouds."""
    sky = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(sky)
    for y in range(GROUND):
        share = y / GROUND
        color = tuple(
            int(top + (low - top) * share) for top, low in ((96, 205), (150, 222), (208, 236))
        )
        draw.line((0, y, WIDTH, y), fill=color)
    for _ in range(14):
        x, y = rng.randint(-100, WIDTH), rng.randint(0, 220)
        draw.ellipse((x, y, x + rng.randint(160, 340), y + rng.randint(30, 60)), fill="#eef3f6")
    return sky.filter(ImageFilter.GaussianBlur(12))


def draw_house(draw: ImageDraw.ImageDraw, left: int, width: int, top: int, color: str) -> None:
    """Draw a facade with a roof, windows and a dark shop front."""
    draw.polygon(
        [
            (left - 12, top),
            (left + width + 12, top),
            (left + width - 30, top - 60),
            (left + 30, top - 60),
        ],
        fill="#9c4a2f",
    )
    draw.rectangle((left, top, left + width, GROUND), fill=color, outline="#8a7d6a", width=3)
    for row in range(top + 30, GROUND - 330, 150):
        for column in range(left + 40, left + width - 90, 130):
            draw.rectangle((column - 8, row - 8, column + 78, row + 112), fill="#f6f1e6")
            draw.rectangle((column, row, column + 70, row + 104), fill="#48606e")
            draw.line((column + 35, row, column + 35, row + 104), fill="#f6f1e6", width=5)
    draw.rectangle((left + 30, GROUND - 170, left + width - 30, GROUND), fill="#2f3b40")
    draw.rectangle(
        (left + width // 2 - 45, GROUND - 160, left + width // 2 + 45, GROUND), fill="#5b3a22"
    )


def write_centred(
    draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], text: str, size: int, color: str
) -> None:
    """Write a line in the middle of a box, smaller where it does not fit."""
    left, top, right, bottom = box
    while True:
        font = ImageFont.load_default(size)
        if font.getlength(text) <= right - left - 24 or size <= 14:
            break
        size -= 1
    middle = ((left + right) / 2, (top + bottom) / 2)
    draw.text(middle, text, font=font, fill=color, anchor="mm")


def draw_shop_sign(draw: ImageDraw.ImageDraw, left: int, width: int, shop: tuple[str, ...]) -> None:
    """Draw a shop's board with its name, and its phone or domain below."""
    name, contact, board, ink = shop
    box = (left + 14, GROUND - 300, left + width - 14, GROUND - 180)
    draw.rectangle(box, fill=board, outline=ink, width=4)
    write_centred(draw, (box[0], box[1] + 6, box[2], box[1] + 76), name, 58, ink)
    write_centred(draw, (box[0], box[1] + 72, box[2], box[3] - 6), contact, 32, ink)


def draw_street_signs(draw: ImageDraw.ImageDraw) -> None:
    """Draw the post with directions, the street's name and the tourist office."""
    draw.rectangle((1418, 400, 1432, GROUND + 150), fill="#6d7478")
    for row, text in enumerate(DIRECTIONS):
        top = 400 + 74 * row
        draw.polygon(
            [(1266, top), (1550, top), (1590, top + 32), (1550, top + 64), (1266, top + 64)],
            fill="#ffffff",
            outline="#1b1b1b",
        )
        write_centred(draw, (1262, top, 1562, top + 64), text, 36, "#151515")
    draw.rectangle((40, 396, 380, 452), fill="#17407f", outline="#ffffff", width=4)
    write_centred(draw, (40, 396, 380, 452), STREET, 40, "#ffffff")
    draw.rectangle((1000, 880, 1014, 1010), fill="#6d7478")
    draw.rectangle((740, 800, 1270, 884), fill="#6b3e1f", outline="#fdf6e3", width=4)
    write_centred(draw, (740, 800, 1270, 884), TOWN, 40, "#fdf6e3")


def draw_street(seed: int) -> Image.Image:
    """Return the finished scene."""
    rng = random.Random(seed)
    photo = draw_sky(rng)
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, GROUND, WIDTH, GROUND + 60), fill="#b9b3a7")
    draw.rectangle((0, GROUND + 60, WIDTH, HEIGHT), fill="#56585b")
    for x in range(-40, WIDTH, 190):
        draw.polygon([(x, 990), (x + 100, 990), (x + 88, 1004), (x - 14, 1004)], fill="#e7e4da")
    for index, (shop, width) in enumerate(zip(SHOPS, (410, 410, 386), strict=True)):
        left = 20 + index * 420
        draw_house(draw, left, width, (210, 160, 240)[index], FACADES[index])
        draw_shop_sign(draw, left, width, shop)
    draw_house(draw, 1290, 400, 190, FACADES[3])
    draw_street_signs(draw)
    grain = Image.effect_noise((WIDTH, HEIGHT), 26).convert("RGB")
    return Image.blend(photo.filter(ImageFilter.GaussianBlur(0.7)), grain, 0.06)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="photo to write: .jpg or .png")
    parser.add_argument("--seed", type=int, default=0, help="another seed moves the clouds")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    draw_street(options.seed).save(options.out, quality=88)
    print(options.out)


if __name__ == "__main__":
    main()
