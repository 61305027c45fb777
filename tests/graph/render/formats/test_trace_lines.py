"""A trace is handed on byte for byte, without a line that is still being written."""

from dataclasses import replace
from pathlib import Path

import pytest

from geoagent_graph.errors import StorageError
from geoagent_graph.render.formats.trace_lines import ROW
from tests.support.views import case_view, trip_view


def test_whole_lines_come_out_as_they_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "main.geotrace.jsonl"
    path.write_bytes(b'{"a" : 1}\n{"b":2}\n{"half')
    assert ROW.case_content(replace(case_view(), trace_path=path)) == '{"a" : 1}\n{"b":2}\n'
    trip = replace(trip_view({}), trace_path=path)
    assert ROW.trip_content(trip, {}) == '{"a" : 1}\n{"b":2}\n'


def test_a_trace_can_be_had_before_there_is_an_answer() -> None:
    assert not ROW.needs_answer
    assert not ROW.works_for("photo")


def test_a_trace_that_is_gone_is_an_error_of_storage(tmp_path: Path) -> None:
    view = replace(case_view(), trace_path=tmp_path / "main.geotrace.jsonl")
    with pytest.raises(StorageError, match=r"main\.geotrace\.jsonl"):
        ROW.case_content(view)
