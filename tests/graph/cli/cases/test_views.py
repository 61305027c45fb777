"""Cases are listed, also where one cannot be read."""

from pathlib import Path
from typing import Any

from tests.support.scripted_cli import printed, run


def test_a_changed_trace_is_listed_as_such(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    trace = photo.parent / "home" / "cases" / "street" / "main.geotrace.jsonl"
    trace.write_text(trace.read_text().replace("Lisbon", "London"))
    status, out = printed(capsys, "cases")
    assert status == 0
    assert "was changed: its hash does not hold" in out
    assert printed(capsys, "verify", "street")[0] == 1
