"""What a helper loads before it listens: all that a photo with a sign needs."""

import tempfile
from pathlib import Path
from typing import Final

SECONDS_OF_MINUTE: Final = 60.0
_LINES: Final = ("Rua da Liberdade 12", "1250-096 LISBOA", "Restaurante", "Tel. 213 217 346")


def warm_up() -> None:
    """Locate a drawn sign as a command would, and show nobody.

    Raises:
        SystemExit: it cannot be located: the helper is of no use, and ends.
    """
    from geoagent_graph.cli import exit_codes
    from geoagent_graph.cli.app import main

    with tempfile.TemporaryDirectory(prefix="geoagent-warm-") as folder:
        sign = Path(folder) / "sign.png"
        draw_sign(sign)
        try:
            main(["locate", str(sign), "--json", "--quiet"])
        except SystemExit as ended:
            if ended.code not in (exit_codes.ANSWERED, exit_codes.ABSTAINED):
                raise


def draw_sign(path: Path) -> None:
    """Write a small picture with four lines of text."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (480, 310), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(36)
    for number, line in enumerate(_LINES):
        pen.text((24, 24 + 70 * number), line, fill="black", font=font)
    picture.save(path)


def idle_seconds() -> float:
    """Return how long a helper waits for the next command before it ends."""
    from geoagent_graph.settings import load_settings

    return SECONDS_OF_MINUTE * load_settings().keep_warm_minutes
