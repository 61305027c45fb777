"""What each source of evidence said of a photo and what that did to the truth's probability."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from geoagent_evaluation.contract import run_folder
from geoagent_evaluation.runs.journal import read_rows, replace_rows
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.extract import weigh_observations
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.evidence.source import Source
from geoagent_graph.protocols import Geocoder
from geoagent_graph.state import load
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Place, Reference

MIN_LISTED_PROBABILITY = 0.01
MAX_LISTED_COUNTRIES = 30
MAX_SAID_CHARS = 200
_LEAST_MASS = 1e-300


@dataclass(frozen=True, slots=True)
class TruePlace:
    """Where a photo was taken, as towns of the gazetteer; `city` is None where it is not known."""

    code: str
    country: Region
    city: Region | None


@dataclass(frozen=True, slots=True)
class EvidenceAudit:
    """The evidence model of a run, asked source by source."""

    model: BayesEvidence
    geocoder: Geocoder

    @classmethod
    def of(cls, toolbox: Toolbox) -> Self | None:
        """Return the audit of a toolbox; None for an evidence model that has no sources."""
        if not isinstance(toolbox.evidence, BayesEvidence):
            return None
        return cls(toolbox.evidence, toolbox.geocoder)

    def rows(
        self, clues: Sequence[Clue], references: Sequence[Reference], truth: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Yield a row for each source that spoke; none where the true country is not known.

        `log_lr_...` is log P(truth | this source alone) - log P(truth | nothing); `gain_...` is
        log P(truth | all sources) - log P(truth | all but this one), in nats.
        """
        place = self.true_place(truth)
        if place is None:
            return
        observations = Observations.of(clues, references)
        said = {
            source.name: found
            for source in self.model.sources
            if (found := weigh_observations(observations, self.model.town_table, [source]))
        }
        whole = self._posterior([one for found in said.values() for one in found])
        for source in self.model.sources:
            if source.name in said:
                others = [
                    one for name, found in said.items() if name != source.name for one in found
                ]
                without = self._posterior(others)
                yield {
                    "id": truth["id"],
                    "cluster": truth.get("cluster") or truth["id"],
                    **self._row_of(source, said[source.name], place, whole, without),
                }

    def true_place(self, truth: Mapping[str, Any]) -> TruePlace | None:
        """Return the true country, and the nearest city in it to the true point."""
        lat_deg, lon_deg = truth.get("lat_deg"), truth.get("lon_deg")
        code = truth.get("country")
        if code is None and lat_deg is not None and lon_deg is not None:
            code = self.geocoder.reverse(lat_deg, lon_deg).country_code
        number = self.model.town_table.number_of.get(code or "", -1)
        if code is None or number < 0:
            return None
        country = Region(np.array([number]))
        if lat_deg is None or lon_deg is None:
            return TruePlace(code, country, None)
        nearest = Place(
            id="truth",
            level="city",
            name=code,
            continent_code=str(self.model.town_table.continents[number]),
            country_code=code,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
        )
        return TruePlace(code, country, self.model.region(nearest))

    def _row_of(
        self,
        source: Source,
        likelihoods: Sequence[Likelihood],
        truth: TruePlace,
        whole: Posterior,
        without: Posterior,
    ) -> dict[str, Any]:
        alone = self._posterior(likelihoods)
        countries = self._listed_countries(alone)
        row: dict[str, Any] = {
            "source": source.name,
            "said": "; ".join(one.description for one in likelihoods)[:MAX_SAID_CHARS],
            "true_country": truth.code,
            "countries": countries,
            "unlisted": max(0.0, round(1.0 - math.fsum(countries.values()), 7)),
        }
        for level, region in (("country", truth.country), ("city", truth.city)):
            if region is not None:
                prior = math.log(max(alone.prior_mass(region), _LEAST_MASS))
                gain = _log_mass(whole, region) - _log_mass(without, region)
                row[f"log_lr_{level}"] = round(_log_mass(alone, region) - prior, 9)
                row[f"gain_{level}"] = round(gain, 9)
        return row

    def _posterior(self, likelihoods: Sequence[Likelihood]) -> Posterior:
        return Posterior.of(self.model.town_table, self.model.prior, likelihoods)

    def _listed_countries(self, posterior: Posterior) -> dict[str, float]:
        order = np.argsort(-posterior.country_probability, kind="stable")[:MAX_LISTED_COUNTRIES]
        codes = self.model.town_table.codes
        return {
            codes[number]: round(float(posterior.country_probability[number]), 7)
            for number in order.tolist()
            if posterior.country_probability[number] >= MIN_LISTED_PROBABILITY
        }


def write_evidence(folder: Path, toolbox: Toolbox) -> None:
    """Write `evidence.jsonl` from what was observed; nothing where the model has no sources."""
    audit = EvidenceAudit.of(toolbox)
    if audit is None:
        return
    truth = {row["id"]: row for row in read_rows(folder / run_folder.TRUTH)}
    replace_rows(folder / run_folder.EVIDENCE, _all_rows(folder, audit, truth))


def _all_rows(
    folder: Path, audit: EvidenceAudit, truth: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for seen in read_rows(folder / run_folder.OBSERVATIONS):
        if seen["id"] in truth:
            clues, references = load(Clue, seen["clues"]), load(Reference, seen["references"])
            yield from audit.rows(clues, references, truth[seen["id"]])


def _log_mass(posterior: Posterior, region: Region) -> float:
    return math.log(max(posterior.mass(region), _LEAST_MASS))
