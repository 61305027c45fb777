"""Every call, probability and changed version of a run is in its trace, once."""

import math
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import FixedEvidence, FixedRetriever, FixedTextReader
from geoagent_graph.types import Box
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools

LINE = TextLine("Rua Augusta", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")


async def test_every_call_and_probability_is_in_it(tmp_path: Path) -> None:
    evidence = FixedEvidence({"country:PT": 0.05, "country:ES": -2.0})
    await begin(tmp_path, opened=tools(text_reader=FixedTextReader([LINE]), evidence=evidence))
    view = store_in(tmp_path).read("one")
    call = view.steps[0].tools[0]
    assert (call.tool, call.result) == ("text_reader", "1 line")
    assert call.result_sha256 is not None
    judged = next(s for s in view.steps if s.node == "judge" and s.level == "country")
    hypotheses: Any = judged.detail["hypotheses"]
    before_after = [(h["prior"], h["probability"]) for h in hypotheses]
    assert before_after == [
        (0.9, pytest.approx(0.9 * math.exp(0.05))),
        (0.1, pytest.approx(0.1 * math.exp(-2.0))),
    ]
    opened = view.opened
    assert opened.environment.policy == "scripted"
    assert opened.environment.packages["langgraph"]
    assert len(opened.environment.data_sha256) == 64


async def test_the_same_result_has_the_same_digest(tmp_path: Path) -> None:
    digests = []
    for number, text in enumerate(["Rua Augusta", "Rua Augusta", "Rua Augustb"]):
        line = TextLine(text, LINE.box, 0.9, "Latn", "pt", 0.8, "x")
        folder = tmp_path / str(number)
        await begin(folder, opened=tools(text_reader=FixedTextReader([line])))
        digests.append(store_in(folder).read("one").steps[0].tools[0].result_sha256)
    assert digests[0] == digests[1] != digests[2]


async def test_other_versions_are_told_when_a_case_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        async for _ in case.run(one_step=True):
            pass
    await go_on(
        tmp_path,
        opened=tools(retriever=FixedRetriever(identified_by={"encoder": "mean-colour/1"})),
        one_step=True,
    )
    await go_on(
        tmp_path, opened=tools(retriever=FixedRetriever(identified_by={"encoder": "mean-colour/1"}))
    )
    changes = [e for e in store.read("one").events if e.event == "environment"]
    assert [change.environment.encoder for change in changes] == ["mean-colour/1"]
