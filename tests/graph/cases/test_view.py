"""A trace says what the run said."""

from pathlib import Path

from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import FixedTextReader
from geoagent_graph.types import Box
from tests.support.cases import begin, store_in, tools

LINE = TextLine("Rua Augusta", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")


async def test_the_answer_of_the_trace_is_the_answer_of_the_run(tmp_path: Path) -> None:
    from geoagent_graph.cases.database import open_database
    from geoagent_graph.types import Answer

    await begin(tmp_path, opened=tools(text_reader=FixedTextReader([LINE])))
    store = store_in(tmp_path)
    async with open_database(store.database_path("one"), "one", read_only=True) as database:
        states = [checkpoint.state async for checkpoint in database.checkpoints("main")]
    answer = store.read("one").answer
    assert answer == Answer.model_validate(states[-1]["answer"])
    assert list(answer.levels) == ["continent", "country", "city"]
