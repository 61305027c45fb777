"""What version 0.1 stored opens, shows, resumes, forks, exports and verifies in this version.

`stored_by_0_1.tar.xz` is a folder of cases with what was made of them:

* `answered`, `waiting` (asks about the country), `steered` (a note, a veto, the branch `spain`) and
  `trip` (two photos) were run with scripted tools;
* `fallback` asks about the continent, after its policy `lost` failed and `scripted` took over;
* `street` was run with the real tools on a drawn street, its report is `street.html`;
* `investigate.ipynb` is the example notebook with its outputs.
"""

import json
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest

from geoagent_graph.cases.trip.trip_case import PhotoIn, Trip
from geoagent_graph.cases.verification import verify_case, verify_file, verify_trip
from geoagent_graph.errors import PolicyError
from geoagent_graph.protocols import Situation
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Hypothesis, Verdict
from tests.support.cases import go_on, photo_bytes, store_in, tools
from tests.support.paths import ROOT, TEST_DATA
from tests.support.scripted_cli import install, run
from tests.support.warm_notebook import run_notebook

STORED = TEST_DATA / "stored_by_0_1.tar.xz"
BRANCHES = {
    "answered": ["main"],
    "fallback": ["main"],
    "steered": ["main", "spain"],
    "street": ["main", "spain"],
    "trip": ["main", "photo-2"],
    "waiting": ["main"],
}
FORMATS = ("html", "geojson", "kml", "jsonl", "md")
MOVED = {
    "geoagent_graph.cases.report": "geoagent_graph.render.html.case_report",
    "draw_street.py": "tools/draw_street.py",
}
"""What cells of the notebook name that was never public, and where it is now."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that version 0.1 left behind; the command line works on it."""
    with tarfile.open(STORED) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # 3.11.4 and later
        archive.extractall(tmp_path)
    monkeypatch.setenv("GEOAGENT_HOME", str(tmp_path))
    install(monkeypatch)
    return tmp_path


async def test_all_of_it_is_read_and_verified_as_it_is(home: Path) -> None:
    store = store_in(home)
    before = _files(home)
    assert {entry.name: entry.problem for entry in store.entries()} == dict.fromkeys(BRANCHES)
    for name, branches in BRANCHES.items():
        assert store.branches(name) == branches
        for branch in branches:
            found = await verify_case(store, name, branch)
            assert found.holds, found.problems
            assert "every event is what the checkpoints say" in found.checked
    steered = store.read("steered").answer
    assert steered is not None
    assert [(exclusion.place.name, exclusion.by) for exclusion in steered.excluded] == [
        ("Lisbon", "person")
    ]
    joint = await verify_trip(store, "trip")
    assert joint.holds, joint.problems
    assert _files(home) == before


def test_the_command_line_shows_and_exports_all_of_it(home: Path, capsys: Any) -> None:
    for name, branches in BRANCHES.items():
        for branch in branches:
            assert run("show", f"{name}/{branch}") == 0
            if name in ("fallback", "waiting"):
                continue  # no answer yet
            files = {kind: home / f"{name}-{branch}.{kind}" for kind in FORMATS}
            options = [f"--{kind}={path}" for kind, path in files.items()]
            assert run("export", f"{name}/{branch}", *options) == 0
            json.loads(files["geojson"].read_text())
            ElementTree.fromstring(files["kml"].read_text())
            assert verify_file(files["jsonl"]).holds
    shown = capsys.readouterr().out
    assert "a person vetoes Lisbon: no tram in the photo" in shown
    assert "note: a person looked at the tiles" in shown
    assert run("show", "trip") == 0
    assert "photo 2, photo-2: b.png, a person says 2024-05-01T11:30" in capsys.readouterr().out
    assert run("compare", "steered", "spain") == 0
    assert run("export", "trip", f"--jsonl={home / 'handed.geojoint.jsonl'}") == 0
    assert run("verify", home / "handed.geojoint.jsonl") == 0


async def test_a_case_that_waits_is_answered(home: Path) -> None:
    store = store_in(home)
    trace = store.trace_text("waiting")
    question = store.read("waiting").question
    assert question is not None
    assert question.level == "country"
    await go_on(home, "waiting", reply={"kind": "accept"})
    await go_on(home, "waiting", reply={"kind": "accept"})
    answer = store.read("waiting").answer
    assert answer is not None
    assert answer.place.city == "Lisbon"
    assert store.trace_text("waiting").startswith(trace)
    assert (await verify_case(store, "waiting", "main")).holds


class LostPolicy(ScriptedPolicy):
    """Never answers, as a server that is gone."""

    name = "lost"

    async def judge(self, situation: Situation, candidates: Sequence[Hypothesis]) -> Verdict:
        """Fail."""
        raise AssertionError("a policy that failed for good is not asked again")


async def test_a_case_whose_policy_failed_goes_on_with_its_fallback(home: Path) -> None:
    scripted = ScriptedPolicy.towards_lisbon()

    def with_fallback() -> Toolbox:
        return replace(tools()(), policy=LostPolicy({}), fallback=scripted)

    with pytest.raises(PolicyError, match="went on without its policy"):
        await go_on(home, "fallback", opened=lambda: replace(with_fallback(), fallback=None),
                    reply={"kind": "accept"})  # fmt: skip
    await go_on(home, "fallback", opened=with_fallback)
    for _ in range(2):
        await go_on(home, "fallback", opened=with_fallback, reply={"kind": "accept"})
    answer = store_in(home).read("fallback").answer
    assert answer is not None
    assert answer.policy == "scripted (without lost)"
    assert any("decided without the policy" in warning for warning in answer.warnings)
    assert (await verify_case(store_in(home), "fallback", "main")).holds


async def test_a_steered_case_is_forked_vetoed_and_noted_again(home: Path) -> None:
    store = store_in(home)
    async with store.hold("steered", tools()) as case:
        await case.note("looked again")
        assert await case.fork(4, {"country": "Portugal"}, name="again") == "again"
        await case.veto("Spain", "no")
        async for _ in case.run():
            pass
    assert store.branches("steered") == ["main", "again", "spain"]
    for branch in store.branches("steered"):
        assert (await verify_case(store, "steered", branch)).holds


async def test_a_case_of_the_real_tools_is_forked_and_vetoed(home: Path) -> None:
    store = store_in(home)
    async with store.hold("street", tools()) as case:
        assert await case.fork(5, {"country": "Spain"}) == "spain-2"
        await case.veto("Braga", "another town hall")
    assert (await verify_case(store, "street", "main")).holds
    answer = store.read("street", "spain").answer
    assert answer is not None
    kinds = {clue.kind for clue in answer.clues}
    assert len(kinds) >= 3


async def test_a_trip_gets_another_photo(home: Path) -> None:
    store = store_in(home)
    joint = store.trip_text("trip")
    async with store.hold("trip", tools()) as case:
        trip = Trip(case)
        await trip.add(await store.open_photo(PhotoIn(photo_bytes((1, 2, 3)), "more.png")))
        async for _ in trip.run():
            pass
    assert store.trip_text("trip").startswith(joint)
    found = store.read_trip("trip")
    assert found is not None
    assert [photo.image.name for photo in found.photos] == ["a.png", "b.png", "more.png"]
    assert (await verify_trip(store, "trip")).holds


def test_a_report_loads_nothing_and_names_the_trace_it_was_made_from(home: Path) -> None:
    html = (home / "street.html").read_text("utf-8")
    sources: list[str] = []

    class Sources(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            named = dict(attrs)
            sources.extend(named[key] for key in ("src", "href") if tag != "a" and named.get(key))

    Sources().feed(html)
    assert any(source.startswith("data:image/jpeg") for source in sources)
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert store_in(home).read("street").head in html


def test_the_notebook_shows_what_it_showed_and_runs(
    home: Path, warm_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(home / "investigate.ipynb", as_version=4)
    nbformat.validate(notebook)
    before = _displays(notebook)
    for cell in notebook.cells:
        for old, new in MOVED.items():
            cell.source = cell.source.replace(old, new)
    run_notebook(notebook, ROOT, warm_python, monkeypatch, tmp_path)
    assert len(_displays(notebook)) == len(before) == 5
    streams = [o["text"] for c in notebook.cells for o in c.get("outputs", []) if "text" in o]
    assert any(text.startswith("True ") for text in streams)  # the trace verifies


def _files(folder: Path) -> dict[Path, bytes]:
    kinds = ("*.sqlite", "*.jsonl", "photos/*/*")
    return {path: path.read_bytes() for kind in kinds for path in folder.rglob(kind)}


def _displays(notebook: Any) -> list[str]:
    return [
        output["data"]["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
