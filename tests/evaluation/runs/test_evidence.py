"""What each source did to the truth, and the answers without some of them, on the real towns."""

import asyncio
import math
from dataclasses import replace
from pathlib import Path

import pytest
from geoagent_evaluation.runs.agent import Agent
from geoagent_evaluation.runs.evidence_rows import EvidenceAudit
from geoagent_evaluation.runs.replayed_text import ReplayedText
from geoagent_evaluation.runs.run_photos import RunChoice, run_photos
from geoagent_evaluation.runs.source_baselines import write_source_baselines
from geoagent_evaluation.runs.table_baselines import write_table_baselines
from geoagent_evaluation.scoring.audit import audit_sources, read_evidence

from geoagent_graph.api import locate
from geoagent_graph.perception.clues import text_clues
from geoagent_graph.policies.evidence_policy import EvidencePolicy
from geoagent_graph.protocols import TextLine
from geoagent_graph.state import load
from geoagent_graph.testing import FixedRetriever, FixedTextReader
from geoagent_graph.types import Box, Clue, Reference
from tests.support.evaluation_runs import (
    photos_of,
    rows_of,
    scripted_agent,
    silent_progress,
    write_manifest,
)
from tests.support.evidence_cases import model

_BRAGA = {"id": "a", "lat_deg": 41.55, "lon_deg": -8.42, "country": "PT"}
_LINES = tuple(
    TextLine(
        text, Box(left=0.1, top=top, right=0.9, bottom=top + 0.1), 0.95, "Latn", "pt", 0.9, "x"
    )
    for text, top in (("Posto de Turismo de Braga", 0.1), ("www.padaria-central.pt", 0.4))
)
_REFERENCE = Reference(id="r", score=0.9, lat_deg=41.55, lon_deg=-8.42, country_code="PT")


def _agent() -> Agent:
    return scripted_agent(
        EvidencePolicy(model()),  # type: ignore[arg-type]
        evidence=model(),
        joint=None,
        text_reader=FixedTextReader(_LINES),
        retriever=FixedRetriever([_REFERENCE]),
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run over one photo with two lines and one that nobody can open."""
    folder = tmp_path_factory.mktemp("run")
    rows = [
        {"id": "a", "file": "a.jpg", "lat": 41.55, "lon": -8.42, "country": "PT"},
        {"id": "b", "file": "b.jpg", "lat": 41.55, "lon": -8.42, "country": "PT"},
    ]
    manifest = write_manifest(folder, rows)
    photos, agent = photos_of(manifest), _agent()
    run_photos(photos, manifest, agent, RunChoice(folder / "out"), silent_progress)
    write_table_baselines(folder / "out", agent)
    write_source_baselines(folder / "out", agent, photos)
    return folder / "out"


def test_every_source_that_spoke_has_a_row(finished: Path) -> None:
    rows = [row for row in read_evidence(finished / "evidence.jsonl") if row["id"] == "a"]
    by_source = {row["source"]: row for row in rows}
    assert by_source.keys() == {"languages", "place_names", "domains", "similar_photos"}
    names = by_source["place_names"]
    assert names["true_country"] == "PT"
    assert math.fsum(names["countries"].values()) + names["unlisted"] == pytest.approx(1.0)
    assert names["gain_city"] > 0
    audits = {one["source"]: one for one in audit_sources(rows, photos=2)}
    assert (
        audits["place_names"]["gain_city"]["mean"] > 0.0
    )  # little: a photo of the same place speaks too
    assert audits["similar_photos"]["gain_city"]["mean"] > 0.0
    assert not any(one["flagged"] for one in audits.values())


def test_a_gain_is_what_leaving_the_likelihood_out_changes(finished: Path) -> None:
    seen = rows_of(finished / "observations.jsonl")[0]
    audit = EvidenceAudit(model(), _agent().toolbox.geocoder)
    clues, references = load(Clue, seen["clues"]), load(Reference, seen["references"])
    rows = {row["source"]: row for row in audit.rows(clues, references, _BRAGA)}
    portugal = model().town_table.gazetteer.country_place("PT")
    with_all = model().probability(portugal, clues, references)
    without = model().probability(portugal, clues, ())
    gain = math.log(with_all) - math.log(without)
    assert rows["similar_photos"]["gain_country"] == pytest.approx(gain, abs=1e-6)


def test_without_a_true_country_there_is_nothing_to_audit() -> None:
    audit = EvidenceAudit(model(), _agent().toolbox.geocoder)
    assert list(audit.rows((), (), {"id": "a", "country": "XX"})) == []
    assert list(audit.rows((), (), {"id": "a"})) == []
    place = audit.true_place({"id": "a", "country": "PT"})
    assert place is not None
    assert place.city is None


def test_leaving_a_source_out_is_what_the_option_does(finished: Path) -> None:
    baselines = {file.stem: rows_of(file) for file in (finished / "baselines").iterdir()}
    run = rows_of(finished / "predictions.jsonl")
    assert run[0]["city"] == "Braga"
    assert "without_place_names" in baselines
    assert "without_phones" not in baselines  # it never spoke
    assert "only_phones" not in baselines
    assert all(row["abstained"] for row in baselines["without_tools"])
    agent = _agent()
    smaller = model().leave_out(["place_names"])
    tools = replace(agent.toolbox, evidence=smaller, policy=EvidencePolicy(smaller))
    answer = asyncio.run(locate(b"a.jpg", toolbox=tools, options=agent.options))
    said = baselines["without_place_names"][0]
    assert (said["level"], said.get("city")) == (answer.level, answer.place.city)
    assert said["lat_deg"] == pytest.approx(answer.lat_deg, abs=1e-5)


def test_baselines_that_look_at_no_photo(finished: Path) -> None:
    baselines = {file.stem: rows_of(file) for file in (finished / "baselines").iterdir()}
    assert (
        "best_constant_left_out" not in baselines or len(baselines["best_constant_left_out"]) == 2
    )
    assert baselines["nearest_reference"][0]["lat_deg"] == 41.55
    assert baselines["population_prior"][0]["abstained"]
    run = rows_of(finished / "predictions.jsonl")[0]
    points = {(one["lat_deg"], one["lon_deg"]) for one in run["candidates"]}
    oracle = baselines["oracle_candidate"][0]
    assert (oracle["lat_deg"], oracle["lon_deg"]) in points


def test_replayed_text_gives_the_clues_of_the_first_reading() -> None:
    clues = text_clues(_LINES)
    again = text_clues(ReplayedText(clues).read(None))  # type: ignore[arg-type]
    assert again == clues


def test_a_model_with_fewer_sources_shares_the_towns() -> None:
    smaller = model().leave_out(["phones", "languages"])
    assert smaller.town_table is model().town_table
    assert {source.name for source in model().sources} - {
        source.name for source in smaller.sources
    } == {"phones", "languages"}
