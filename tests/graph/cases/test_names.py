"""Names of cases and branches are safe as names of files."""

import pytest

from geoagent_graph.cases.names import check_name, name_for, split_name
from geoagent_graph.errors import InputError


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "-a", ".", "con", "x" * 65, "ä", "a\n"])
def test_names_that_could_be_paths_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        check_name(name)


def test_names_come_from_photos_and_branches_after_a_slash() -> None:
    assert (name_for("IMG 01.JPG"), name_for("東京.png"), name_for("CON.jpg")) == (
        "img-01", "case", "case",
    )  # fmt: skip
    assert split_name("one") == ("one", "main")
    assert split_name("one/two") == ("one", "two")
