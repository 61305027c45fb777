"""The state machine with scripted tools: every route, every bound, any checkpointer."""

import json
from typing import Any

import pytest

from geoagent_graph import (
    Answer,
    CheckpointError,
    PolicyError,
    RunOptions,
    Step,
    ToolError,
    Verdict,
    build_graph,
    investigate,
    locate,
    locate_many,
)
from geoagent_graph.protocols import FileClaims, TextLine
from geoagent_graph.state import answer_of, dump, require_current
from geoagent_graph.testing import (
    LISBON,
    PORTUGAL,
    FixedEvidence,
    FixedExifReader,
    FixedRetriever,
    FixedTextReader,
    MemoryImages,
    ScriptedPolicy,
    scripted_toolbox,
)
from geoagent_graph.types import Box, Clue, Reference

LINE = TextLine("Rua Augusta", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")


def nodes(answer: Answer) -> list[str]:
    return [step.node for step in answer.trace]


async def test_a_photo_goes_level_by_level_to_an_answer() -> None:
    answer = await locate(b"photo", toolbox=scripted_toolbox())
    level = ["propose", "retrieve", "ground", "judge"]
    assert nodes(answer) == ["observe", *level * 3, "answer"]
    assert (answer.level, answer.place.city, answer.place.country_code) == ("city", "Lisbon", "PT")
    assert answer.probability == pytest.approx(0.9**3)
    assert [step.index for step in answer.trace] == list(range(14))


async def test_evidence_moves_the_prior_by_its_likelihood_ratio() -> None:
    evidence = FixedEvidence(
        {"continent:EU": 0.05, "continent:AF": -2.0, PORTUGAL.id: -3.0, "country:ES": 2.0}
    )
    answer = await locate(b"photo", toolbox=scripted_toolbox(evidence=evidence))
    first, second = answer.levels["country"]
    assert first.place.id == "country:ES"
    # judged inside Europe, reported over the world
    europe = answer.levels["continent"][0].probability
    assert europe == pytest.approx(0.9 * 2.718281828**0.05)
    assert first.probability == pytest.approx(europe * 0.1 * 2.718281828**2.0)
    assert second.probability == pytest.approx(europe * 0.9 * 2.718281828**-3.0)
    assert second.evidence[0].log_lr == -3.0


async def test_probabilities_never_pass_one() -> None:
    evidence = FixedEvidence({PORTUGAL.id: 5.0, "country:ES": 500.0})
    answer = await locate(b"photo", toolbox=scripted_toolbox(evidence=evidence))
    assert sum(h.probability for h in answer.levels["country"]) <= 1.0


async def test_back_excludes_the_place_and_proposes_again() -> None:
    policy = ScriptedPolicy.towards_lisbon(
        verdicts=[
            Verdict(decision="accept", place_id="continent:EU", reason="first guess"),
            Verdict(decision="back", reason="the signs do not fit Europe"),
            Verdict(decision="accept", place_id="continent:AF", reason="second guess"),
            Verdict(decision="stop", reason="thin"),
        ]
    )
    answer = await locate(b"photo", toolbox=scripted_toolbox(policy=policy))
    assert [e.place.name for e in answer.excluded] == ["Europe"]
    assert answer.excluded[0].reason == "the signs do not fit Europe"
    assert policy.seen[2].excluded == {"continent:EU"}
    assert [h.place.name for h in answer.levels["continent"]] == ["Africa"]


async def test_retry_is_bounded() -> None:
    policy = ScriptedPolicy.towards_lisbon(
        verdicts=[Verdict(decision="retry", reason="look again")] * 50
    )
    answer = await locate(b"photo", toolbox=scripted_toolbox(policy=policy))
    assert nodes(answer).count("judge") == 3
    assert [situation.attempt for situation in policy.seen] == [0, 1, 2]
    assert answer.level == "none"
    assert "3 attempts" in answer.warnings[0]


async def test_back_at_the_top_stops() -> None:
    policy = ScriptedPolicy.towards_lisbon(verdicts=[Verdict(decision="back", reason="no")])
    answer = await locate(b"photo", toolbox=scripted_toolbox(policy=policy))
    assert (answer.level, nodes(answer)[-1]) == ("none", "answer")


@pytest.mark.parametrize(("budget", "level"), [(6, "continent"), (10, "country"), (14, "city")])
async def test_the_budget_ends_the_run_with_what_was_accepted(budget: int, level: str) -> None:
    answer = await locate(b"p", toolbox=scripted_toolbox(), options=RunOptions(budget=budget))
    assert answer.level == level
    assert len(answer.trace) <= budget
    assert any("budget" in warning for warning in answer.warnings) == (budget < 14)


async def test_an_answer_never_claims_what_is_more_likely_wrong() -> None:
    evidence = FixedEvidence({LISBON.id: -0.5, "geonames:2735943": 1.0})
    answer = await locate(b"photo", toolbox=scripted_toolbox(evidence=evidence))
    assert answer.levels["city"][0].probability < 0.5
    assert (answer.level, answer.place.city, answer.place.country) == ("country", None, "Portugal")


async def test_a_failed_tool_is_in_the_answer_and_stops_nothing() -> None:
    reader = FixedTextReader(error=ToolError("the model file is damaged"))
    answer = await locate(b"photo", toolbox=scripted_toolbox(text_reader=reader))
    assert answer.level == "city"
    assert "the model file is damaged" in answer.warnings[0]
    assert answer.tools[0].error == "the model file is damaged"


async def test_a_defect_in_a_tool_is_in_the_answer_and_stops_nothing() -> None:
    reader = FixedTextReader(error=ZeroDivisionError("bug"))
    answer = await locate(b"photo", toolbox=scripted_toolbox(text_reader=reader))
    assert answer.level == "city"
    said = "a defect of the tool (ZeroDivisionError); the log has more"
    assert answer.tools[0].error == said
    assert said in answer.warnings[0]


async def test_a_policy_cannot_accept_what_it_did_not_propose() -> None:
    verdict = Verdict(decision="accept", place_id="country:XX", reason="?")
    policy = ScriptedPolicy.towards_lisbon(verdicts=[verdict])
    with pytest.raises(PolicyError, match="country:XX"):
        await locate(b"photo", toolbox=scripted_toolbox(policy=policy))


async def test_no_candidates_is_an_answer_too() -> None:
    answer = await locate(b"photo", toolbox=scripted_toolbox(policy=ScriptedPolicy({})))
    assert answer.level == "none"
    assert answer.levels == {"continent": ()}


async def test_exif_is_a_claim_that_can_be_switched_off() -> None:
    claims = FileClaims(10.0, 20.0, None, None, "Camera", None)
    tools = scripted_toolbox(exif_reader=FixedExifReader(claims))
    with_exif = await locate(b"photo", toolbox=tools)
    kinds = [clue.kind for clue in with_exif.clues]
    assert kinds == ["exif_position", "exif_other"]
    assert "though nothing that the photo shows speaks against it" in with_exif.warnings[0]
    without = await locate(b"photo", toolbox=tools, options=RunOptions(use_exif=False))
    assert without.clues == ()


async def test_retrieval_is_limited_to_the_accepted_region() -> None:
    references = [
        Reference(id="pt", score=0.9, lat_deg=38, lon_deg=-9, country_code="PT"),
        Reference(id="es", score=0.8, lat_deg=40, lon_deg=-4, country_code="ES"),
        Reference(id="ma", score=0.7, lat_deg=34, lon_deg=-6, country_code="MA"),
    ]
    answer = await locate(
        b"photo",
        toolbox=scripted_toolbox(retriever=FixedRetriever(references)),
    )
    details: list[Any] = [step.detail for step in answer.trace if step.node == "retrieve"]
    found = [[reference["id"] for reference in detail["references"]] for detail in details]
    assert found == [["pt", "es", "ma"], ["pt", "es"], ["pt"]]


async def test_names_that_were_read_are_placed_on_the_map() -> None:
    clue = Clue(id="n", kind="place_name", text="Lisbon", source="policy")
    policy = ScriptedPolicy.towards_lisbon(clues=[clue])
    answer = await locate(b"photo", toolbox=scripted_toolbox(policy=policy))
    detail: Any = next(step.detail for step in answer.trace if step.node == "ground")
    assert [place["id"] for place in detail["names"]["Lisbon"]] == [LISBON.id]


async def test_steps_arrive_one_by_one_and_then_the_answer() -> None:
    seen = [item async for item in investigate(b"photo", toolbox=scripted_toolbox())]
    assert all(isinstance(item, Step) for item in seen[:-1])
    assert isinstance(seen[-1], Answer)
    assert [item.index for item in seen if isinstance(item, Step)] == list(range(14))


async def test_many_photos_keep_their_order_and_one_failure_stops_nothing(tmp_path: Any) -> None:
    from geoagent_graph.errors import PhotoError

    class Images(MemoryImages):
        def open(self, source: Any, name: str | None = None) -> Any:
            if source == b"bad":
                raise PhotoError(f"{name}: not a photo")
            return super().open(source, name)

    photos = [b"a", b"bad", b"c", b"d", b"e"]
    tools = scripted_toolbox(images=Images())
    outcomes = [o async for o in locate_many(photos, toolbox=tools, concurrency=2)]
    assert [outcome.index for outcome in outcomes] == [0, 1, 2, 3, 4]
    assert [outcome.error is None for outcome in outcomes] == [True, False, True, True, True]


async def test_the_state_is_plain_json_under_a_checkpointer() -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    saver = InMemorySaver()
    graph = build_graph(checkpointer=saver)
    tools = scripted_toolbox(text_reader=FixedTextReader([LINE]))
    image = tools.images.open(b"photo").image
    config: Any = {"configurable": {"thread_id": "1"}}
    result: Any = await graph.ainvoke({"image": dump(image)}, config, context=tools)
    assert set(result) == {"done", "answer"}
    assert answer_of(result).place.city == "Lisbon"
    state = (await graph.aget_state(config)).values
    assert json.loads(json.dumps(state)) == state
    assert "pixels" not in json.dumps(state)


async def test_a_run_resumes_where_it_stopped() -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    graph = build_graph(checkpointer=InMemorySaver())
    broken = scripted_toolbox(policy=ScriptedPolicy.towards_lisbon(verdicts=[None]))
    image = broken.images.open(b"photo").image
    config: Any = {"configurable": {"thread_id": "1"}}
    with pytest.raises(AttributeError):
        await graph.ainvoke({"image": dump(image)}, config, context=broken)
    tools = scripted_toolbox(images=broken.images)
    result: Any = await graph.ainvoke(None, config, context=tools)
    answer = answer_of(result)
    assert nodes(answer).count("observe") == 1
    assert answer.level == "city"


def test_a_run_of_another_graph_version_is_refused() -> None:
    with pytest.raises(CheckpointError, match="version 999"):
        require_current({"graph_version": 999})


async def test_the_graph_is_a_subgraph_of_another() -> None:
    from langgraph.graph import END, START, StateGraph
    from typing_extensions import TypedDict

    class Outer(TypedDict, total=False):
        image: dict[str, Any]
        answer: dict[str, Any]
        caption: str

    tools = scripted_toolbox()
    outer = StateGraph(Outer, context_schema=type(tools))
    outer.add_node("where", build_graph())
    outer.add_node("caption", lambda s: {"caption": f"taken in {s['answer']['place']['city']}"})
    outer.add_edge(START, "where")
    outer.add_edge("where", "caption")
    outer.add_edge("caption", END)
    image = tools.images.open(b"photo").image
    result = await outer.compile().ainvoke({"image": dump(image)}, context=tools)
    assert result["caption"] == "taken in Lisbon"
