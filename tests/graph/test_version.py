"""The version is that of the installed distribution, "0" without one."""

from importlib import metadata

import pytest

from geoagent_graph.version import package_version


def test_it_is_that_of_the_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"geoagent-graph": "1.2.3"}
    monkeypatch.setattr(metadata, "version", versions.__getitem__)
    assert package_version() == "1.2.3"


def test_code_that_is_not_installed_has_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert package_version() == "0"
