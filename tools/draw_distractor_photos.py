"""Draws photos that must not be believed, each with a twin that has neutral words in their place.

    python tools/draw_distractor_photos.py --out DIR [--seed N] [--each N]

Brands that are names of towns, shops and hotels named after places, instructions to the reader,
watermarks, screenshots of maps, jerseys, posters, airline advertisements, date stamps. Half of them
stand beside a true sign of a town. Writes `DIR/*.jpg` and `DIR/metadata.jsonl`, a manifest for
`geoagent eval run`: `id`, `file`, `kind`, `words`, `right_countries` (a claim of another country is
wrong; with none of them every claim of a country is), `decoys`, `neutral` (the twin's id).
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tools.distractor_words import KINDS, neutral_words_of, words_of
from tools.draw_signs import (
    HEIGHT,
    STYLES,
    TOWNS,
    WIDTH,
    draw_line,
    draw_panel,
    find_fonts,
    textured_background,
)

DEFAULT_EACH = 10
MAX_LINES = 4
STAMP_COLOR = "#ff8c1a"
_SHIRTS = ("#8c1c13", "#123d7a", "#145a32", "#f2c318")
Font = tuple[Path, int]


@dataclass(frozen=True, slots=True)
class TrueSign:
    """A sign that tells the truth: a town, a street, a telephone number or domain."""

    country_code: str
    town: str
    street: str
    contact: str


@dataclass(frozen=True, slots=True)
class Distractor:
    """One photo to draw: its kind, its words, and the true sign beside them, if any."""

    id: str
    kind: str
    words: tuple[str, ...]
    right_countries: tuple[str, ...]
    decoys: tuple[str, ...]
    seed: str
    sign: TrueSign | None
    neutral: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the row of the manifest."""
        row: dict[str, Any] = {
            "id": self.id,
            "file": f"{self.id}.jpg",
            "kind": self.kind,
            "words": list(self.words),
            "right_countries": list(self.right_countries),
            "decoys": list(self.decoys),
            "beside_a_true_sign": self.sign is not None,
        }
        if self.neutral:
            row["neutral"] = self.neutral
        if self.sign is not None:
            row["country"] = self.sign.country_code
        return row


def draw_distractors(seed: int, each: int, kinds: Sequence[str] = KINDS) -> list[Distractor]:
    """Return photos of every kind, each followed by its neutral twin."""
    signs = latin_signs()
    drawn: list[Distractor] = []
    for kind in kinds:
        rng = random.Random(f"{seed} {kind}")
        numbers = rng.sample(range(each), each)
        for place, number in enumerate(numbers):
            drawn += _pair(kind, place, number, f"{seed} {kind} {place}", signs)
    return drawn


def latin_signs() -> list[TrueSign]:
    """Return the signs of `draw_signs` in Latin script."""
    rows = [row.split("|") for row in TOWNS.strip().splitlines()]
    return [
        TrueSign(country, town, street, contact)
        for script, _, country, _, town, street, contact in rows
        if script == "Latn"
    ]


def _pair(
    kind: str, place: int, number: int, seed: str, signs: Sequence[TrueSign]
) -> tuple[Distractor, Distractor]:
    words, right, decoys = words_of(kind, number)
    name = f"{kind}_{place:03d}"
    sign = random.Random(seed).choice(signs) if place % 2 else None
    truth = (sign.country_code,) if sign is not None else tuple(right)
    first = Distractor(
        name, kind, words, truth, tuple(decoys), seed, sign, neutral=f"{name}_neutral"
    )
    twin = replace(
        first,
        id=f"{name}_neutral",
        kind="neutral",
        words=neutral_words_of(kind, number, len(words)),
        right_countries=truth if sign is not None else (),
        decoys=(),
        neutral=None,
    )
    return first, twin


def draw_distractor(one: Distractor, font: Font, kind: str) -> Image.Image:
    """Return the photo; the twin of another one differs in its words alone."""
    rng = random.Random(one.seed)
    blur_px = rng.uniform(0.0, 0.8)
    photo = textured_background(rng).convert("RGBA")
    if kind == "map_screenshot":
        photo = _map_background(rng)
    if one.sign is not None:
        _paste_true_sign(photo, one.sign, font, rng)
    top = HEIGHT // 2 if one.sign is not None else rng.randint(80, 240)
    _WRITERS.get(kind, _write_on_panel)(photo, one.words, font, rng, top)
    return photo.convert("RGB").filter(ImageFilter.GaussianBlur(blur_px))


def _paste_true_sign(photo: Image.Image, sign: TrueSign, font: Font, rng: random.Random) -> None:
    panel_color, ink, *_ = rng.choice(STYLES)
    lines = [
        draw_line(sign.town, font, 96, ink),
        draw_line(sign.street, font, 50, ink),
        draw_line(sign.contact, font, 44, ink),
    ]
    panel = draw_panel(lines, panel_color, ink, rng)
    panel.thumbnail((WIDTH - 80, HEIGHT // 2 - 40))
    photo.alpha_composite(panel, (rng.randint(20, 60), 16))


def _write_on_panel(
    photo: Image.Image, words: Sequence[str], font: Font, rng: random.Random, top: int
) -> None:
    color, ink, *_ = rng.choice(STYLES)
    sizes = [rng.randint(84, 104), *(rng.randint(46, 54) for _ in range(MAX_LINES - 1))]
    lines = [draw_line(text, font, size, ink) for text, size in zip(words, sizes, strict=False)]
    panel = draw_panel(lines, color, ink, rng)
    panel.thumbnail((WIDTH - 160, HEIGHT - top - 20))
    photo.alpha_composite(panel, (120, top))


def _write_corner(
    photo: Image.Image, words: Sequence[str], font: Font, rng: random.Random, top: int
) -> None:
    del top
    size = rng.randint(34, 44)
    for row, text in enumerate(reversed(words)):
        line = draw_line(text, font, size, "#ffffffd0")
        photo.alpha_composite(line, (WIDTH - line.width - 24, HEIGHT - (row + 1) * (size + 16) - 8))


def _write_stamp(
    photo: Image.Image, words: Sequence[str], font: Font, rng: random.Random, top: int
) -> None:
    del top
    line = draw_line(words[0], font, rng.randint(40, 52), STAMP_COLOR)
    photo.alpha_composite(line, (WIDTH - line.width - 60, HEIGHT - 100))


def _write_jersey(
    photo: Image.Image, words: Sequence[str], font: Font, rng: random.Random, top: int
) -> None:
    draw = ImageDraw.Draw(photo)
    color = rng.choice(_SHIRTS)
    left, height = 330, HEIGHT - top
    body = (left, top, left + 620, HEIGHT)
    draw.polygon(
        [(left, top), (left - 160, top + 200), (left - 60, top + 260), (left, top + 200)],
        fill=color,
    )
    draw.polygon(
        [
            (left + 620, top),
            (left + 780, top + 200),
            (left + 680, top + 260),
            (left + 620, top + 200),
        ],
        fill=color,
    )
    draw.rectangle(body, fill=color)
    name = draw_line(words[0], font, 92, "#ffffff")
    photo.alpha_composite(name, (left + (620 - name.width) // 2, top + 60))
    if len(words) > 1 and height > 420:
        number = draw_line(words[1], font, 200, "#ffffff")
        photo.alpha_composite(number, (left + (620 - number.width) // 2, top + 190))


def _write_map_labels(
    photo: Image.Image, words: Sequence[str], font: Font, rng: random.Random, top: int
) -> None:
    for row, text in enumerate(words):
        size = 64 if row == 0 else 36
        line = draw_line(text, font, size, "#303030")
        left = rng.randint(80, WIDTH - 480)
        photo.alpha_composite(line, (left, min(top + row * 130, HEIGHT - 90)))


def _map_background(rng: random.Random) -> Image.Image:
    """Return land, water and roads as a map on a screen has them."""
    photo = Image.new("RGBA", (WIDTH, HEIGHT), "#f2efe9")
    draw = ImageDraw.Draw(photo)
    river = [(x, 500 + rng.randint(-120, 120)) for x in range(-50, WIDTH + 200, 160)]
    draw.line(river, fill="#aad3df", width=70, joint="curve")
    for _ in range(14):
        ends = [(rng.randint(0, WIDTH), rng.randint(0, HEIGHT)) for _ in range(3)]
        draw.line(
            ends, fill=rng.choice(("#ffffff", "#f9d29d", "#e892a2")), width=rng.randint(5, 14)
        )
    return photo


_WRITERS = {
    "watermark": _write_corner,
    "date_stamp": _write_stamp,
    "jersey": _write_jersey,
    "map_screenshot": _write_map_labels,
}


def write_photos(folder: Path, distractors: Sequence[Distractor]) -> None:
    """Draw the photos into a folder, and the manifest beside them."""
    fonts = [font for font in find_fonts("pl") if _has_letters(font)]
    if not fonts:
        raise SystemExit("No fonts: fontconfig and a font are needed (Debian: fonts-noto-core).")
    folder.mkdir(parents=True, exist_ok=True)
    kind = ""
    for one in distractors:
        kind = one.kind if one.kind != "neutral" else kind  # a twin follows what it is of
        draw_distractor(one, fonts[0], kind).save(folder / f"{one.id}.jpg", quality=88)
    rows = (json.dumps(one.row(), ensure_ascii=False) + "\n" for one in distractors)
    (folder / "metadata.jsonl").write_text("".join(rows), encoding="utf-8")


def _has_letters(font: Font) -> bool:
    """Say whether a font draws Latin letters with accents, each as its own."""
    loaded = ImageFont.truetype(str(font[0]), 40, index=font[1])
    masks = {bytes(loaded.getmask(letter)) for letter in "AaÉäżã©"}
    return len(masks) == 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the photos")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws them differently")
    parser.add_argument("--each", type=int, default=DEFAULT_EACH, help="photos of every kind")
    options = parser.parse_args()
    drawn = draw_distractors(options.seed, options.each)
    write_photos(options.out, drawn)
    print(f"{len(drawn)} photos of {len(KINDS)} kinds, half of them twins: {options.out}")


if __name__ == "__main__":
    main()
