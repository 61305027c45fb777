"""The same policy without tools, with each source of evidence alone, and without each of them.

The photo was read once, in the run: its text is replayed. A setting in which the sources find and
say what they did in another one has the other's answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from geoagent_evaluation.contract import run_folder
from geoagent_evaluation.runs.agent import Agent
from geoagent_evaluation.runs.evidence_rows import EvidenceAudit
from geoagent_evaluation.runs.journal import read_rows, replace_rows
from geoagent_evaluation.runs.manifest import ManifestPhoto
from geoagent_evaluation.runs.prediction_row import failure_row, prediction_row
from geoagent_evaluation.runs.replayed_text import ReplayedText
from geoagent_evaluation.runs.table_baselines import baseline_file
from geoagent_graph.api import locate
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.extract import weigh_observations
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.policies.evidence_policy import EvidencePolicy
from geoagent_graph.policies.open_policy import with_policy
from geoagent_graph.state import load
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Reference

WITHOUT_TOOLS = "without_tools"
_SEARCH = "similar_photos"
Said = tuple[frozenset[str], frozenset[str]]
"""The clues that the sources have found, by id, and the names of those that weigh the towns."""

_NOTHING: Said = (frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Setting:
    """A name for people, and the evidence model with the sources that are left."""

    name: str
    model: BayesEvidence

    def said(self, photo: "SeenPhoto") -> Said:
        """Return what its sources find and which of them speak: what an answer depends on."""
        found = self.model.extract(photo.clues)
        references = photo.references if self.searches() else ()
        observed = Observations.of([*photo.clues, *found], references)
        ids = frozenset(clue.id for clue in found)
        speaking = (
            source.name
            for source in self.model.sources
            if photo.speaks(source, observed, (source.name, ids), self.model.town_table)
        )
        return ids, frozenset(speaking)

    def searches(self) -> bool:
        """Say whether similar photos are looked for at all."""
        return any(source.name == _SEARCH for source in self.model.sources)


@dataclass(frozen=True, slots=True)
class SeenPhoto:
    """A photo, what was seen in it without any source, and the run's row."""

    photo: ManifestPhoto
    clues: tuple[Clue, ...]
    references: tuple[Reference, ...]
    row: Mapping[str, Any]
    heard: dict[tuple[str, frozenset[str]], bool] = field(default_factory=dict)

    def speaks(
        self,
        source: Source,
        observed: Observations,
        key: tuple[str, frozenset[str]],
        town_table: TownTable,
    ) -> bool:
        """Say whether a source weighs the towns; asked once for the same clues."""
        if key not in self.heard:
            self.heard[key] = bool(weigh_observations(observed, town_table, [source]))
        return self.heard[key]


def settings_of(model: BayesEvidence) -> list[Setting]:
    """Return the settings of a model: none of its sources, each alone, all but each."""
    names = [source.name for source in model.sources]
    alone = {f"only_{name}": [other for other in names if other != name] for name in names}
    without = {f"without_{name}": [name] for name in names}
    left_out = {WITHOUT_TOOLS: names, **alone, **without}
    return [Setting(name, model.leave_out(out)) for name, out in left_out.items()]


def write_source_baselines(
    folder: Path, agent: Agent, photos: Sequence[ManifestPhoto]
) -> list[str]:
    """Write `baselines/NAME.jsonl` for every setting that changes an answer; return the names.

    Of sources that spoke of no photo there is neither `only_NAME`, which would be `without_tools`,
    nor `without_NAME`, which would be the run. Nothing is written for an evidence model that has no
    sources.

    Args:
        folder: a run's.
        agent: the agent of the run.
        photos: those of the run's manifest.
    """
    audit = EvidenceAudit.of(agent.toolbox)
    if audit is None:
        return []
    settings = settings_of(audit.model)
    answered = asyncio.run(_answer_all(folder, agent, audit.model, settings, photos))
    run = [row for row, _ in answered]
    columns = {setting.name: [rows[setting.name] for _, rows in answered] for setting in settings}
    silent = columns[WITHOUT_TOOLS]
    written = []
    for name, rows in columns.items():
        same = silent if name.startswith("only_") else run
        if name == WITHOUT_TOOLS or any(map(_differ, rows, same)):
            replace_rows(baseline_file(folder, name), rows)
            written.append(name)
    return written


async def _answer_all(
    folder: Path,
    agent: Agent,
    model: BayesEvidence,
    settings: Sequence[Setting],
    photos: Sequence[ManifestPhoto],
) -> list[tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]]:
    """Return the run's row of each photo with its rows in all settings."""
    whole = Setting("", model)
    seen = {row["id"]: row for row in read_rows(folder / run_folder.OBSERVATIONS)}
    by_id = {photo.id: photo for photo in photos}
    answered: list[tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]] = []
    blank: dict[str, Any] = {}
    for row in read_rows(folder / run_folder.PREDICTIONS):
        name = row["id"]
        if name in seen and name in by_id:
            photo = _seen_photo(by_id[name], seen[name], row, model)
            rows = await _answer_one(photo, agent, whole, settings, blank)
        else:
            rows = {setting.name: row for setting in settings}  # it failed, whatever the sources
        answered.append((row, rows))
    await agent.toolbox.aclose()
    return answered


async def _answer_one(
    photo: SeenPhoto,
    agent: Agent,
    whole: Setting,
    settings: Sequence[Setting],
    blank: dict[str, Any],
) -> dict[str, Mapping[str, Any]]:
    """Return the rows of a photo by setting.

    `blank` keeps the answer of the policy `evidence` where no source speaks: that of every photo.
    """
    known: dict[Said, Mapping[str, Any]] = {whole.said(photo): photo.row}
    if blank:
        known.setdefault(_NOTHING, {**blank, "id": photo.row["id"]})
    rows = {}
    for setting in settings:
        said = setting.said(photo)
        if said not in known:
            known[said] = await _locate_again(photo, agent, setting)
        rows[setting.name] = known[said]
    if agent.toolbox.policy.name == EvidencePolicy.name and "error" not in known.get(_NOTHING, ()):
        blank.update(known.get(_NOTHING, {}))
    return rows


async def _locate_again(photo: SeenPhoto, agent: Agent, setting: Setting) -> dict[str, Any]:
    toolbox = toolbox_of(setting, agent, photo.clues)
    try:
        answer = await locate(photo.photo.path, toolbox=toolbox, options=agent.options)
    except GeoAgentError as error:
        return failure_row(photo.photo.id, str(error))
    return prediction_row(photo.photo.id, answer)


def toolbox_of(setting: Setting, agent: Agent, clues: Sequence[Clue]) -> Toolbox:
    """Return the tools of a setting, which have read the photo before."""
    model = setting.model
    tools = replace(
        agent.toolbox,
        evidence=model,
        policy=EvidencePolicy(model),
        text_reader=ReplayedText(clues),
        retriever=agent.toolbox.retriever if setting.searches() else None,
        joint=None,
        fallback=None,
    )
    return with_policy(tools, agent.policy)


def _seen_photo(
    photo: ManifestPhoto, seen: Mapping[str, Any], row: Mapping[str, Any], model: BayesEvidence
) -> SeenPhoto:
    extracted = {source.kind for source in model.sources if source.extract is not None}
    clues = tuple(clue for clue in load(Clue, seen["clues"]) if clue.kind not in extracted)
    return SeenPhoto(photo, clues, load(Reference, seen["references"]), row)


def _differ(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two rows say something else, however long it took."""
    return row is not other and {**row, "seconds": 0} != {**other, "seconds": 0}
