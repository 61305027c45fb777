"""uv.lock, constraints.txt and pyproject.toml say the same, and name the public index alone."""

import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.paths import ROOT

PROJECT = "geoagent-graph"
# Added to the requirements of an editable installation by the build backend.
BY_THE_BACKEND = {"editables"}
NOT_IN_THE_BASE = ("torch", "triton", "nvidia-", "cuda-")
Row = tuple[str, frozenset[str], str, str]


@pytest.fixture(scope="module")
def packages() -> list[dict[str, Any]]:
    """Return the rows of uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return list(lock["package"])


@pytest.fixture(scope="module")
def project(packages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of the project itself."""
    (row,) = (package for package in packages if package["name"] == PROJECT)
    return row


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def constraints() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def constrained_version(row: Requirement) -> tuple[str, Version]:
    (specifier,) = row.specifier
    assert specifier.operator == "==", row
    return canonicalize_name(row.name), Version(specifier.version)


def test_constraints_are_the_locked_versions(packages: list[dict[str, Any]]) -> None:
    locked = {(p["name"], Version(p["version"])) for p in packages if p["name"] != PROJECT}
    constrained = {constrained_version(row) for row in constraints()}
    assert constrained <= locked, "run `make lock`"
    # vLLM pins older versions of what the rest has newer: it is installed from the lock alone
    others = {name for name, _ in locked - constrained}
    assert others <= needed_by("vllm", packages), "run `make lock`"


def needed_by(name: str, packages: list[dict[str, Any]]) -> set[str]:
    """Return the names of a package and of everything below it, whatever the version."""
    below: dict[str, set[str]] = {}
    for package in packages:
        lists = [
            package.get("dependencies", []),
            *package.get("optional-dependencies", {}).values(),
        ]
        below.setdefault(package["name"], set()).update(
            one["name"] for some in lists for one in some
        )
    found, waiting = {name}, [name]
    while waiting:
        fresh = below[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


def test_pip_takes_the_constraints() -> None:
    rows = constraints()
    assert len(rows) > 100
    assert not [str(row) for row in rows if row.extras or row.url]
    assert not [str(row) for row in rows if constrained_version(row)[1].local]


def test_two_versions_of_a_package_exclude_each_other() -> None:
    seen: dict[str, list[Requirement]] = {}
    for row in constraints():
        seen.setdefault(row.name, []).append(row)
    for rows in seen.values():
        assert sum(row.marker is None or row.marker.evaluate() for row in rows) <= 1, rows


def test_the_lock_names_the_public_index_alone(packages: list[dict[str, Any]]) -> None:
    for package in packages:
        if package["name"] == PROJECT:
            assert package["source"] == {"editable": "."}
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        assert files, package["name"]
        for file in files:
            assert urlsplit(file["url"])[:2] == ("https", "files.pythonhosted.org"), file["url"]
            assert file["hash"].startswith("sha256:")


def stated_requirements(pyproject: dict[str, Any]) -> Iterator[Row]:
    extras = pyproject["project"]["optional-dependencies"]
    for extra, lines in {"": pyproject["project"]["dependencies"], **extras}.items():
        for row in requirements_of(lines, extras):
            name, specifier = canonicalize_name(row.name), canonical_specifier(str(row.specifier))
            yield name, frozenset(row.extras), specifier, extra


def requirements_of(lines: list[str], extras: dict[str, list[str]]) -> Iterator[Requirement]:
    """Yield the requirements, those of the project's own extras in place of their names."""
    for row in map(Requirement, lines):
        if canonicalize_name(row.name) != PROJECT:
            yield row
        for extra in row.extras if canonicalize_name(row.name) == PROJECT else ():
            yield from requirements_of(extras[extra], extras)


def locked_requirements(project: dict[str, Any]) -> Iterator[Row]:
    for row in project["metadata"]["requires-dist"]:
        if row["name"] in BY_THE_BACKEND:
            continue
        extra = row.get("marker", "").partition("extra == '")[2].rstrip("'")
        specifier = canonical_specifier(row.get("specifier", ""))
        yield row["name"], frozenset(row.get("extras", [])), specifier, extra


def canonical_specifier(text: str) -> str:
    return ",".join(sorted(part.strip() for part in text.split(",")))


def test_the_lock_was_made_for_these_requirements(
    project: dict[str, Any], pyproject: dict[str, Any]
) -> None:
    stated, locked = set(stated_requirements(pyproject)), set(locked_requirements(project))
    assert locked == stated, "run `make lock`"


def test_the_base_brings_no_torch(packages: list[dict[str, Any]], project: dict[str, Any]) -> None:
    rows = {package["name"]: package for package in packages}
    reached: set[str] = set()
    waiting = list(project["dependencies"])
    while waiting:
        dependency = waiting.pop()
        key = str(dependency)
        if key in reached:
            continue
        reached.add(key)
        row = rows[dependency["name"]]
        waiting += row.get("dependencies", [])
        for extra in dependency.get("extra", []):
            waiting += row.get("optional-dependencies", {}).get(extra, [])
        assert not dependency["name"].startswith(NOT_IN_THE_BASE), dependency
    assert len(reached) > 30
