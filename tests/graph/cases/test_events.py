"""Each event has one form, and fits the schema."""

import json
from pathlib import Path

from geoagent_graph.cases.events import canonical, event_of, trace_schema
from tests.support.cases import (
    begin,
    store_in,
)


async def test_each_event_fits_its_schema_and_one_form(tmp_path: Path) -> None:
    await begin(tmp_path, ask="always")
    kinds = set()
    for line in store_in(tmp_path).trace_text("one").splitlines():
        event = json.loads(line)
        assert canonical(event) == line
        kinds.add(event_of(event).event)
    assert kinds == {"case", "step", "question"}
    listed = {
        kind.rsplit("/", 1)[1] for kind in trace_schema()["discriminator"]["mapping"].values()
    }
    assert {"CaseOpened", "StepTaken", "QuestionAsked", "Answered"} <= listed
