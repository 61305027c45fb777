"""Rows of CSV stay bounded whatever the process's parser was told to accept."""

import csv
from collections.abc import Iterator

import pytest
from geoagent_evaluation import csv_bounds
from geoagent_evaluation.csv_bounds import bounded_rows


@pytest.fixture(params=[131_072, 2**31 - 1])
def parser_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set the process's limit: its own, or as libraries raise it."""
    before = csv.field_size_limit(request.param)
    yield
    csv.field_size_limit(before)


@pytest.mark.usefixtures("parser_limit")
def test_a_field_is_bounded() -> None:
    with pytest.raises(csv.Error, match="field larger than field limit"):
        list(bounded_rows(["1," + "x" * 200_000 + "\n"]))


def test_a_quote_that_never_ends_does_not_collect_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_bounds, "MAX_ROW_CHARACTERS", 1000)
    taken = []

    def endless_lines() -> Iterator[str]:
        yield '"\n'
        while True:
            taken.append(1)
            yield "more\n"

    with pytest.raises(csv.Error, match="row larger than row limit"):
        list(bounded_rows(endless_lines()))
    assert len(taken) < 1000


def test_the_bound_is_of_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_bounds, "MAX_ROW_CHARACTERS", 8)
    assert list(bounded_rows(["1,2\n"] * 9)) == [(number, ["1", "2"]) for number in range(1, 10)]


def test_a_row_is_numbered_by_its_last_line() -> None:
    assert list(bounded_rows(['1,"a\n', 'b"\n', "2,c\n"])) == [
        (2, ["1", "a\nb"]),
        (3, ["2", "c"]),
    ]
