"""The joint posterior over towns, and exact sums of it over cities, countries and continents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.towns import Floats, Indices, TownTable


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A set of towns: whole countries, or single towns of one country (sorted)."""

    countries: Indices
    towns: Indices | None = None


@dataclass(frozen=True, eq=False)
class Posterior:
    """P(town | all signals); `town_log` is log(prior x likelihood), not normalised."""

    town_table: TownTable
    prior: Floats
    likelihoods: tuple[Likelihood, ...]
    probability: Floats
    country_probability: Floats
    country_prior: Floats
    scale_log: float

    @classmethod
    def of(
        cls, town_table: TownTable, prior: Floats, likelihoods: Sequence[Likelihood]
    ) -> "Posterior":
        """Return the posterior after all signals, taken as independent given the town."""
        by_country = np.zeros(len(town_table.codes))
        for likelihood in likelihoods:
            by_country += likelihood.country
        likelihood_log = by_country[town_table.country]
        for likelihood in likelihoods:
            likelihood_log[likelihood.towns] += likelihood.town_log
        top = float(likelihood_log.max())
        weights = prior * np.exp(likelihood_log - top)
        total = float(weights.sum())
        number = len(town_table.codes)
        return cls(
            town_table=town_table,
            prior=prior,
            likelihoods=tuple(likelihoods),
            probability=weights / total,
            country_probability=np.bincount(town_table.country, weights, number) / total,
            country_prior=np.bincount(town_table.country, prior, number).astype(np.float64),
            scale_log=top + float(np.log(total)),
        )

    def mass(self, region: Region) -> float:
        """Return P(region | all signals)."""
        if region.towns is not None:
            return float(self.probability[region.towns].sum())
        return float(self.country_probability[region.countries].sum())

    def prior_mass(self, region: Region) -> float:
        """Return P(region) before anything was seen."""
        if region.towns is not None:
            return float(self.prior[region.towns].sum())
        return float(self.country_prior[region.countries].sum())

    def likelihood_log(self, region: Region) -> float:
        """Return log P(all signals | region), up to a constant shared by all regions."""
        mass, prior = self.mass(region), self.prior_mass(region)
        return float(np.log(max(mass, 1e-300) / max(prior, 1e-300)) + self.scale_log)

    def single_log(self, likelihood: Likelihood, region: Region) -> float:
        """Return log P(one observation | region), up to a constant of its own."""
        prior_mass = max(self.prior_mass(region), 1e-300)
        if region.towns is not None:
            numbers = self.town_table.country[region.towns]
            values = likelihood.at(region.towns, numbers)
            top = float(values.max())
            total = float(self.prior[region.towns] @ np.exp(values - top))
            return top + float(np.log(total / prior_mass))
        inside = np.zeros(len(self.country_prior), dtype=bool)
        inside[region.countries] = True
        numbers = self.town_table.country[likelihood.towns]
        here = inside[numbers]
        towns, extra, numbers = likelihood.towns[here], likelihood.town_log[here], numbers[here]
        top = float(likelihood.country[region.countries].max(initial=-np.inf))
        top = max(top, float((extra + likelihood.country[numbers]).max(initial=-np.inf)))
        plain = self.country_prior[region.countries] @ np.exp(
            likelihood.country[region.countries] - top
        )
        base = likelihood.country[numbers] - top
        more = self.prior[towns] @ (np.exp(base + extra) - np.exp(base))
        return top + float(np.log(max(float(plain + more), 1e-300) / prior_mass))
