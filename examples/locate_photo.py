"""Where was a photo taken? The whole answer, printed.

    python examples/locate_photo.py [PHOTO]

Without a photo the street is located that `python tools/draw_street.py --out street.png` draws.
Nothing is downloaded.
"""

import sys
from pathlib import Path

from geoagent_graph import locate_sync

DRAWN = Path("street.png")


def main() -> None:
    photo = Path(sys.argv[1]) if len(sys.argv) > 1 else DRAWN
    if not photo.exists():
        raise SystemExit(f"{photo}: no such photo; python tools/draw_street.py --out street.png")
    answer = locate_sync(photo)
    place = answer.place
    print("stands for", answer.level, place.city or place.country or place.continent or "nothing")
    print(f"point {answer.lat_deg:.4f}, {answer.lon_deg:.4f}, within {answer.radius_km:.0f} km")
    for level, candidates in answer.levels.items():
        for candidate in candidates[:3]:
            print(f"{level:9} {candidate.probability:4.0%} {candidate.place.name}")
            for line in candidate.evidence[:3]:
                print(f"            {line.log_lr:+.1f} {line.reason}")


if __name__ == "__main__":
    main()
