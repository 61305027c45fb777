"""A source of evidence from outside: one file, given in Python or installed as a plug-in."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.tree import Tree

from geoagent_graph import Answer, locate
from geoagent_graph.errors import InputError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.sources import BUILT_IN, choose_sources, source_names
from geoagent_graph.policies.evidence_policy import EvidencePolicy
from geoagent_graph.protocols import TextLine
from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.terminal.step_tree import add_step
from geoagent_graph.testing import FixedTextReader, scripted_toolbox
from geoagent_graph.types import Box
from tests.support import emergency_numbers
from tests.support.evidence_cases import model

NAME = "emergency_numbers"
GAZETTEER = model().town_table.gazetteer


def install(folder: Path, code: str, name: str = NAME, points_to: str = "") -> None:
    """Write a plug-in and the metadata that an installer would."""
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (folder / f"{name}.py").write_text(code)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    entry = f"[geoagent_graph.sources]\n{name} = {points_to or f'{name}:SOURCE'}\n"
    (metadata / "entry_points.txt").write_text(entry)


async def answer_of(evidence: BayesEvidence) -> Answer:
    box = Box(left=0.1, top=0.1, right=0.9, bottom=0.3)
    line = TextLine("In an emergency dial 000", box, 0.95, "Latn", "en", 0.9, "x")
    toolbox = scripted_toolbox(
        text_reader=FixedTextReader([line]),
        evidence=evidence,
        policy=EvidencePolicy(evidence),
    )
    return await locate(b"a photo", toolbox=toolbox)


def check(answer: Answer) -> None:
    clue = next(clue for clue in answer.clues if clue.kind == "emergency_number")
    assert clue.text == "emergency number 000"
    oceania = answer.levels["continent"][0]
    assert oceania.place.continent_code == "OC"
    weight = next(item for item in oceania.evidence if item.source == "emergency_number")
    assert weight.log_lr > 2
    assert weight.clue_ids == (clue.id,)
    assert "Emergency number" in html_report(answer)
    console, tree = Console(width=200), Tree("")
    add_step(tree, answer.trace[0], ascii_only=True)
    with console.capture() as capture:
        console.print(tree)
    assert "Emergency number: emergency number 000" in capture.get()


async def test_a_source_given_in_python() -> None:
    check(await answer_of(BayesEvidence(GAZETTEER, [*BUILT_IN, emergency_numbers.SOURCE])))


async def test_an_installed_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, inspect.getsource(emergency_numbers))
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert NAME in source_names()
    evidence = BayesEvidence(GAZETTEER)
    check(await answer_of(evidence))
    mute = await answer_of(BayesEvidence(GAZETTEER, without=(NAME,)))
    assert all(clue.kind != "emergency_number" for clue in mute.clues)
    australia = GAZETTEER.country_place("AU")
    clues = evidence.extract(mute.clues)
    assert evidence.probability(australia, clues, ()) > 10 * evidence.probability(australia, (), ())


def test_the_label_of_an_installed_source_reaches_who_only_reads(tmp_path: Path) -> None:
    install(tmp_path, inspect.getsource(emergency_numbers))
    install(tmp_path, "1 / 0\n", "broken")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from geoagent_graph.evidence.sources import clue_label\n"
        "print(clue_label('emergency_number'), '|', clue_label('broken'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "Emergency number | Broken"


@pytest.mark.parametrize(
    ("code", "points_to", "words"),
    [
        ("1 / 0\n", "", "cannot be loaded (ZeroDivisionError"),
        ("", "", "cannot be loaded (AttributeError"),
        ("SOURCE = 3\n", "", "is of type int, not a Source"),
        (
            inspect.getsource(emergency_numbers).replace('name="emergency', 'name="other'),
            "",
            "calls itself other_numbers",
        ),
        ("", "nowhere:SOURCE", "cannot be loaded (ModuleNotFoundError"),
    ],
)
def test_a_broken_plug_in_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, points_to: str, words: str
) -> None:
    install(tmp_path, code, "faulty_numbers", points_to)
    monkeypatch.delitem(sys.modules, "faulty_numbers", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError) as caught:
        choose_sources()
    said = str(caught.value)
    assert said.startswith("faulty_numbers: ")
    assert words in said
    assert "\n" not in said
    assert "faulty_numbers" not in [s.name for s in choose_sources(without=("faulty_numbers",))]
