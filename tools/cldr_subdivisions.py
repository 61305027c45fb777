"""Names and parts of ISO 3166-2 subdivisions, as the files of CLDR have them."""

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

# Not translations that people write: a script of few readers, and machine-made Cebuano.
SKIPPED_LOCALES = frozenset({"ccp", "ceb", "root"})


def subdivision_names(folder: Path) -> dict[str, list[str]]:
    """Return ISO 3166-2 code -> names, English first."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    paths = sorted(folder.glob("*.xml"), key=lambda path: path.stem != "en")
    for path in paths:
        if path.stem in SKIPPED_LOCALES:
            continue
        for item in ElementTree.parse(path).iter("subdivision"):
            if item.text and item.get("alt") is None:
                names[_iso_code(item.get("type", ""))].append(item.text.strip(" ¹²³"))
    return names


def subdivision_parts(path: Path) -> dict[str, tuple[str, ...]]:
    """Return ISO 3166-2 code -> codes of what it contains."""
    return {
        _iso_code(item.get("type", "")): tuple(
            _iso_code(part) for part in item.get("contains", "").split()
        )
        for item in ElementTree.parse(path).iter("subgroup")
        if len(item.get("type", "")) > 2
    }


def _iso_code(text: str) -> str:
    return f"{text[:2]}-{text[2:]}".upper()
