"""The evidence model: observations to likelihood ratios, to a point and a radius."""

import copy
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.cities import CityMap
from geoagent_graph.evidence.country_shares import country_probabilities
from geoagent_graph.evidence.explanation import evidence_line, together_line
from geoagent_graph.evidence.extract import extract_clues, weigh_observations
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.point_estimate import best_point, points_with_masses
from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.search_area import (
    in_areas,
    point_of_area,
    towns_in_area,
    within_areas,
)
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.source_weights import source_weights
from geoagent_graph.evidence.sources import choose_sources
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.evidence.unobserved import Unobserved, UnobservedCache
from geoagent_graph.evidence.visual_weights import PhotoLook
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.protocols import NOTHING_RULED_OUT, Geocoder, PointEstimate, RuledOut
from geoagent_graph.types import Clue, Evidence, Place, Reference, SourceWeight

_MAX_KEPT_POSTERIORS = 6
MIN_POINT_SHARE = 1e-3
_SAME_POINT_KM = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Everything the model makes of one set of observations."""

    posterior: Posterior

    @property
    def exact_points(self) -> list[tuple[PointComponent, Likelihood]]:
        """The points that may be the truth to the metre, and the likelihoods they are part of."""
        return [
            (point, likelihood)
            for likelihood in self.posterior.likelihoods
            for point in likelihood.points
            if point.is_exact
        ]


class BayesEvidence:
    """A joint posterior over all towns of the gazetteer; an `EvidenceModel`.

    Every source gives P(observation | town); sources are independent given the town, and what is
    not (languages of several lines, one name read twice, similar photos) is one source. Cities,
    countries and continents are exact sums. Thread-safe.

    Args:
        gazetteer: the towns of the world.
        sources: the sources of evidence; None takes those that ship and those of plug-ins.
        without: names of sources to leave out.
        geocoder: says the country and the nearest town of a position in a file; None takes the
            nearest town of all.
        look: a model that sees photos, with the weights of what it says.

    Raises:
        InputError: two sources have one name or kind, `without` names none, or a plug-in is broken.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        sources: Sequence[Source] | None = None,
        without: Collection[str] = (),
        geocoder: Geocoder | None = None,
        look: PhotoLook | None = None,
    ) -> None:
        self.sources = choose_sources(sources, without)
        self.town_table = TownTable.of(gazetteer, geocoder, look)
        self.cities = CityMap(self.town_table)
        self._unobserved = UnobservedCache(self.town_table)
        self._kept: OrderedDict[tuple[object, ...], Weighed] = OrderedDict()
        self._lock = threading.Lock()

    def leave_out(self, names: Collection[str]) -> "BayesEvidence":
        """Return a model over the same towns without some of the sources; cheap.

        Raises:
            InputError: there is no source of such a name.
        """
        model = copy.copy(self)
        model.sources = choose_sources(self.sources, names)
        model._kept, model._lock = OrderedDict(), threading.Lock()
        return model

    @property
    def prior(self) -> Floats:
        """P(town) before anything was seen."""
        return prior_over_towns(self.town_table)

    @property
    def unobserved(self) -> Unobserved:
        """What is made of photos in which nothing tells places apart: the prior."""
        return self._unobserved.get()

    def extract(self, clues: Sequence[Clue]) -> list[Clue]:
        """Return the typed clues that the sources find in those of perception."""
        return extract_clues(clues, self.town_table, self.sources)

    def score(
        self,
        candidate: Place,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
    ) -> list[Evidence]:
        """Return what each source says about a candidate against the region it lies in.

        One line per source, by itself: log P(source | candidate) - log P(source | within). A last
        line, "together", corrects the sum to the joint ratio: sources that speak for the same towns
        overlap, and ones that rule out each other's alternatives reinforce one another.
        """
        posterior = self.weigh(clues, references).posterior
        region, whole = self.region(candidate), self.region(within)
        where = within.name if within else "the world"
        lines = []
        for likelihood in posterior.likelihoods:
            log_lr = posterior.single_log(likelihood, region) - posterior.single_log(
                likelihood, whole
            )
            lines.append(evidence_line(likelihood, candidate, where, log_lr))
        total = posterior.likelihood_log(region) - posterior.likelihood_log(whole)
        rest = total - sum(line.log_lr for line in lines)
        if len(lines) > 1:
            lines.append(together_line(lines, candidate, rest))
        return lines

    def locate(
        self,
        within: Place | None,
        clues: Sequence[Clue],
        references: Sequence[Reference],
        ruled_out: RuledOut = NOTHING_RULED_OUT,
    ) -> PointEstimate:
        """Return the best point inside `within`, its 90 % radius and the countries of the world.

        Where nothing of `within` is left, the point lies in what is left of the world.
        """
        weighed, unobserved = self.weigh(clues, references), self.unobserved
        is_prior = weighed.posterior is unobserved.posterior
        if is_prior and within is None and not ruled_out:
            return unobserved.point
        left = self.allowed_towns(ruled_out)
        inside = self.town_mask(within) & left
        if not inside.any():
            inside = left
        probability = np.where(inside, weighed.posterior.probability, 0.0)
        return replace(
            self.point_of(weighed, probability, inside, ruled_out),
            countries=country_probabilities(weighed.posterior, left),
            is_prior=is_prior,
            source_weights=self._source_weights(
                weighed.posterior, within, self.allowed_towns(_without_areas(ruled_out))
            ),
        )

    def _source_weights(
        self, posterior: Posterior, within: Place | None, left: NDArray[np.bool_]
    ) -> tuple[SourceWeight, ...]:
        """Return what each source weighs for a place; for the likeliest country where it is None.

        Nothing where no town is left.
        """
        if not posterior.likelihoods or not left.any():
            return ()
        place = within
        if place is None:
            mass = np.where(left, posterior.probability, 0.0)
            best = int(np.bincount(self.town_table.country, mass).argmax())
            place = self.town_table.gazetteer.country_place(self.town_table.codes[best])
        return source_weights(posterior, left, place, self.region(place))

    def allowed_towns(self, ruled_out: RuledOut) -> NDArray[np.bool_]:
        """Return which towns still come into question, shape [towns]."""
        inside = np.ones(len(self.town_table), dtype=bool)
        for place in ruled_out.places:
            inside &= ~self.town_mask(place)
        for area in ruled_out.every_area:
            inside &= towns_in_area(area, self.town_table)
        return inside

    def point_of(
        self,
        weighed: Weighed,
        probability: Floats,
        inside: NDArray[np.bool_],
        ruled_out: RuledOut = NOTHING_RULED_OUT,
    ) -> PointEstimate:
        """Return the best point and its radius for a probability of every town.

        Args:
            weighed: what the towns' probability was made from, points among it.
            probability: shape [towns], zero outside of `inside`; need not sum to 1.
            inside: towns that come into question.
            ruled_out: where the point must not lie.
        """
        areas, towns = ruled_out.every_area, np.flatnonzero(inside)
        if not len(towns):
            # nobody lives there: the middle of the area, or of the world where there is none
            return point_of_area(areas) or self.locate(None, (), ())
        points = [
            (point, share)
            for point, likelihood in weighed.exact_points
            if point.may_lie_in(inside) and in_areas(point, areas)
            if (share := _share_of_point(point, likelihood, probability, inside, self.town_table))
            > MIN_POINT_SHARE
        ]
        values = probability[towns]
        total = float(values.sum())
        if total <= 0.0:
            values, points = self.prior[towns], []
            total = float(values.sum())
        shares = [(point, share / total) for point, share in points]
        masses = points_with_masses(self.town_table, towns, values / total, shares)
        found = best_point(masses, only_settled=bool(ruled_out))
        return within_areas(_exact_coordinates(found, [point for point, _ in points]), areas)

    def probability(
        self, place: Place | None, clues: Sequence[Clue], references: Sequence[Reference]
    ) -> float:
        """Return P(place | all observations) over the whole world; 1.0 for None, the world."""
        return self.weigh(clues, references).posterior.mass(self.region(place))

    def weigh(self, clues: Sequence[Clue], references: Sequence[Reference]) -> Weighed:
        """Return the joint posterior; the last few are kept."""
        unobserved = self.unobserved
        key = (
            unobserved,  # other parameters make another one
            tuple((clue.id, clue.text, *sorted(clue.attributes.items())) for clue in clues),
            tuple(references),
        )
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            observations = Observations.of(clues, references)
            likelihoods = weigh_observations(observations, self.town_table, self.sources)
            self._kept[key] = Weighed(
                Posterior.of(self.town_table, self.prior, likelihoods)
                if likelihoods
                else unobserved.posterior
            )
            while len(self._kept) > _MAX_KEPT_POSTERIORS:
                self._kept.popitem(last=False)
            return self._kept[key]

    def region(self, place: Place | None) -> Region:
        """Return the towns a place stands for; a town stands for its city with the suburbs."""
        town_table = self.town_table
        if place is None:
            return Region(np.arange(len(town_table.codes)))
        if place.level == "continent":
            return Region(np.flatnonzero(town_table.continents == place.continent_code))
        number = town_table.number_of.get(place.country_code or "", -1)
        if number < 0:
            return Region(np.empty(0, dtype=np.int64))
        country = np.array([number])
        if place.level == "country":
            return Region(country)
        cities = self.cities.of(number)
        town = self._town_row(place, number)
        return Region(country, cities.towns_of(int(cities.city_of[town - cities.first])))

    def _town_row(self, place: Place, country: int) -> int:
        """Return the row of a town; the nearest one of its country for an unknown id."""
        towns = self.town_table.towns_of(country)
        first = int(self.town_table.starts[country])
        number = place.id.rpartition(":")[2]
        if place.id.startswith("geonames:") and number.isdigit():
            rows = np.flatnonzero(self.town_table.gazetteer.geonames_id[towns] == int(number))
            if len(rows):
                return first + int(rows[0])
        away_km = self.town_table.distances_km(place.lat_deg, place.lon_deg, towns)
        return first + int(np.argmin(away_km))

    def town_mask(self, place: Place | None) -> NDArray[np.bool_]:
        """Return which towns a place stands for, shape [towns]."""
        region = self.region(place)
        inside = np.zeros(len(self.town_table), dtype=bool)
        if region.towns is not None:
            inside[region.towns] = True
        else:
            for country in region.countries.tolist():
                inside[self.town_table.towns_of(country)] = True
        return inside


def _without_areas(ruled_out: RuledOut) -> RuledOut:
    """Return what is ruled out but for the areas that are evidence as well."""
    circle = None if ruled_out.circle in ruled_out.areas else ruled_out.circle
    return RuledOut(ruled_out.places, circle)


def _exact_coordinates(found: PointEstimate, points: Sequence[PointComponent]) -> PointEstimate:
    """Return the estimate with a claimed point's own digits where it is that point."""
    for point in points:
        away_km = distance_km(point.lat_deg, point.lon_deg, found.lat_deg, found.lon_deg)
        if float(away_km) < _SAME_POINT_KM:
            return replace(found, lat_deg=point.lat_deg, lon_deg=point.lon_deg)
    return found


def _share_of_point(
    point: PointComponent,
    likelihood: Likelihood,
    probability: Floats,
    inside: NDArray[np.bool_],
    town_table: TownTable,
) -> float:
    """Return P(the truth lies inside and is this very point | all observations).

    At a town it is P(town | all) * weight * ratio(town) / L(town), with the likelihood L of the
    mixture that the point is part of.
    """
    towns = point.towns
    mixture = np.exp(likelihood.at(towns, town_table.country[towns]))
    true = np.minimum(1.0, point.weight * point.ratio / mixture)
    return float((probability[towns] * true)[inside[towns]].sum())
