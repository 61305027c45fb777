"""The public names of the package: all there, listed, and no others."""

import subprocess
import sys

import geoagent_graph


def test_every_public_name_is_there() -> None:
    assert geoagent_graph.__all__ == sorted(geoagent_graph.__all__)
    for name in geoagent_graph.__all__:
        assert getattr(geoagent_graph, name).__name__ == name, name


def test_every_name_has_a_home_and_is_listed() -> None:
    homes = {name for names in geoagent_graph._HOMES.values() for name in names}
    assert homes == set(geoagent_graph.__all__)


def test_star_import_brings_exactly_the_public_names() -> None:
    code = "from geoagent_graph import *; print(sorted(n for n in dir() if n[0] != '_'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted(geoagent_graph.__all__))


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(geoagent_graph, "no_such_name")
