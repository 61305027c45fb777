"""The tree of errors is the one its docstring draws; exit codes tell mistakes from failures."""

import inspect

import pytest

from geoagent_graph import errors
from geoagent_graph.errors import GeoAgentError, InputError, PhotoError, StorageError


def drawn_bases() -> dict[str, str]:
    """Return error -> base as the docstring draws them."""
    bases: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        if "── " not in line:
            continue
        branch, _, rest = line.partition("── ")
        depth, name = len(branch) // 4, rest.split()[0]
        above[depth] = name
        bases[name] = above[depth - 1] if depth else "GeoAgentError"
    return bases


def test_the_docstring_draws_the_tree() -> None:
    defined = {
        name: kind.__bases__[0].__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if name != "GeoAgentError"
    }
    assert drawn_bases() == defined
    assert len(defined) >= 10


@pytest.mark.parametrize(
    ("kind", "code"), [(InputError, 2), (PhotoError, 1), (StorageError, 1), (GeoAgentError, 1)]
)
def test_only_wrong_arguments_exit_with_two(kind: type[GeoAgentError], code: int) -> None:
    assert kind("what was wrong").exit_code == code
    assert str(kind("what was wrong")) == "what was wrong"
