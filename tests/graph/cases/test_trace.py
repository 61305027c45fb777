"""A trace says what happened, holds as a chain, and is refused where it was changed."""

import json
import math
import shutil
from pathlib import Path

import pytest

from geoagent_graph.cases.events import canonical, digest_of, event_of, link, trace_schema
from geoagent_graph.cases.trace_file import read_trace
from geoagent_graph.cases.verification import verify_case, verify_file
from geoagent_graph.errors import CheckpointError
from geoagent_graph.protocols import TextLine
from geoagent_graph.testing import FixedEvidence, FixedTextReader, MeanColourEncoder
from geoagent_graph.types import Box
from tests.support.cases import begin, go_on, photo_bytes, store_in, tools

LINE = TextLine("Rua Augusta", Box(left=0, top=0, right=1, bottom=1), 0.9, "Latn", "pt", 0.8, "x")


def lines_of(folder: Path, branch: str = "main") -> list[dict]:
    return [json.loads(line) for line in store_in(folder).trace_text("one", branch).splitlines()]


def rewrite(folder: Path, events: list[dict]) -> Path:
    path = store_in(folder).trace_path("one")
    path.write_text("".join(canonical(event) + "\n" for event in events))
    return path


async def test_every_call_and_probability_is_in_it(tmp_path: Path) -> None:
    evidence = FixedEvidence({"country:PT": 0.05, "country:ES": -2.0})
    await begin(tmp_path, opened=tools(text_reader=FixedTextReader([LINE]), evidence=evidence))
    view = store_in(tmp_path).read("one")
    call = view.steps[0].tools[0]
    assert (call.tool, call.result) == ("text_reader", "1 lines")
    assert call.result_sha256 is not None
    judged = next(s for s in view.steps if s.node == "judge" and s.level == "country")
    before_after = [(h["prior"], h["probability"]) for h in judged.detail["hypotheses"]]
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


async def test_a_trace_holds_until_anything_in_it_changes(tmp_path: Path) -> None:
    await begin(tmp_path)
    events = lines_of(tmp_path)
    assert (await verify_case(store_in(tmp_path), "one", "main")).holds
    for number, event in enumerate(events):
        changed = json.loads(json.dumps(event))
        changed["time"] = "2001-01-01T00:00:00+00:00"
        path = rewrite(tmp_path, [*events[:number], changed, *events[number + 1 :]])
        with pytest.raises(CheckpointError, match=f"line {number + 1} "):
            read_trace(path)
        path = rewrite(tmp_path, [*events[:number], *events[number + 1 :]])
        if number < len(events) - 1:
            with pytest.raises(CheckpointError):
                read_trace(path)
    swapped = [*events[:3], events[4], events[3], *events[5:]]
    with pytest.raises(CheckpointError, match="line 4 does not follow"):
        read_trace(rewrite(tmp_path, swapped))


async def test_a_chain_written_anew_is_found_by_the_checkpoints(tmp_path: Path) -> None:
    await begin(tmp_path)
    events, prev = lines_of(tmp_path), "0" * 64
    forged = []
    for seq, event in enumerate(events):
        body = {k: v for k, v in event.items() if k not in ("seq", "prev", "hash")}
        if event["event"] == "answer":
            body["answer"]["place"]["city"] = "Paris"
        forged.append(link(body, seq, prev))
        prev = forged[-1]["hash"]
    path = rewrite(tmp_path, forged)
    assert verify_file(path).holds  # the chain alone cannot tell; its last hash can
    assert verify_file(path).head != events[-1]["hash"]
    found = await verify_case(store_in(tmp_path), "one", "main")
    assert found.problems == ("the trace says something else than the checkpoints",)
    with pytest.raises(CheckpointError, match="is not what the checkpoints say"):
        await go_on(tmp_path)


async def test_a_changed_photo_is_found(tmp_path: Path) -> None:
    await begin(tmp_path)
    store = store_in(tmp_path)
    digest = store.read("one").opened.image.sha256.removeprefix("sha256:")
    stored = tmp_path / "photos" / digest[:2] / digest
    stored.write_bytes(photo_bytes((1, 2, 3)))
    found = await verify_case(store_in(tmp_path), "one", "main")
    assert "the stored copy has changed" in found.problems[0]
    stored.unlink()
    assert not (await verify_case(store_in(tmp_path), "one", "main")).holds


async def test_a_trace_handed_on_is_verified_beside_its_photo(tmp_path: Path) -> None:
    await begin(tmp_path)
    copy, photo = tmp_path / "handed.geotrace.jsonl", tmp_path / "p.png"
    copy.write_text(store_in(tmp_path).trace_text("one"))
    photo.write_bytes(photo_bytes())
    assert verify_file(copy, photo).holds
    photo.write_bytes(photo_bytes((0, 0, 0)))
    assert verify_file(copy, photo).problems == (
        "the photo is not the one in the trace: another SHA-256",
    )


async def test_a_torn_last_line_does_not_count_and_is_mended(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = store_in(tmp_path).trace_path("one")
    whole = path.read_bytes()
    for cut in (1, 50, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        if b"\n" in whole[:cut]:
            assert len(read_trace(path)) == whole[:cut].count(b"\n")
        await go_on(tmp_path)
        assert path.read_bytes() == whole
    path.unlink()
    await go_on(tmp_path)
    assert path.read_bytes() == whole


async def test_other_versions_are_told_when_a_case_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    async with store.create(photo_bytes(), tools(), name="one") as case:
        async for _ in case.run(one_step=True):
            pass
    await go_on(tmp_path, opened=tools(visual_encoder=MeanColourEncoder()), one_step=True)
    await go_on(tmp_path, opened=tools(visual_encoder=MeanColourEncoder()))
    changes = [e for e in store.read("one").events if e.event == "environment"]
    assert [change.environment.encoder for change in changes] == ["mean-colour/1"]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"event":"case"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"event":"note","seq":0,"prev":"x","text":NaN}',
        b'{"seq":0,"n":1e999}',
        b'{"seq":' + b"9" * 10_000 + b"}",
        b"\x80\x04\x95 a pickle \x00.",
        b"\xff\xfe\x00",
        b'{"__class__":"os.system","args":["touch /tmp/owned"]}',
    ],
)
def test_crafted_lines_are_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "x.geotrace.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(CheckpointError, match=r"x\.geotrace\.jsonl"):
        read_trace(path)
    assert not verify_file(path).holds


def test_chained_nonsense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.geotrace.jsonl"
    for body in ({"event": "os.system"}, {"event": "note", "time": "", "text": "x"}):
        event = link(body, 0, "0" * 64)
        assert event["hash"] == digest_of(event)
        path.write_text(canonical(event) + "\n")
        with pytest.raises(CheckpointError, match="line 1"):
            read_trace(path)


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


async def test_a_copied_folder_is_a_whole_case(tmp_path: Path) -> None:
    await begin(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert (await verify_case(store_in(tmp_path / "b"), "one", "main")).holds
