"""Names planted far from the places they name."""

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names.planted import (
    common_origin,
    country_means,
    mean_over_countries,
    names_that_agree,
    planted_by_country,
    planted_shares,
    prior_of_countries,
)
from tests.support.evidence_cases import model


def name_of(code: str, gain: float = 5.0) -> Likelihood:
    """Return a name that is so many nats likelier in one country."""
    town_table = model().town_table
    values = np.zeros(len(town_table.codes))
    values[town_table.number_of[code]] = gain
    return Likelihood("place_name", code, (code,), values)


def test_what_is_planted_in_a_country_sums_to_one() -> None:
    town_table = model().town_table
    assert np.allclose(planted_shares(town_table).sum(axis=1), 1.0)
    assert np.isclose(prior_of_countries(town_table).sum(), 1.0)


def test_a_name_is_planted_more_where_its_language_is_spoken() -> None:
    town_table = model().town_table
    planted = planted_by_country(town_table, name_of("MZ"))
    number_of = town_table.number_of
    assert planted[number_of["PT"]] > planted[number_of["PL"]]


def test_a_text_about_anywhere_names_all_places_alike() -> None:
    town_table = model().town_table
    name = name_of("PE")
    anywhere = mean_over_countries(town_table, name)
    assert np.ptp(anywhere) == 0.0
    means = country_means(town_table, name)
    assert means.min() < anywhere[0] < means.max()


def test_one_name_has_no_common_origin_and_two_of_a_country_have() -> None:
    town_table = model().town_table
    assert common_origin([name_of("PE")], 2.0, town_table) is None
    assert common_origin([name_of("PE"), name_of("JP")], 2.0, town_table) is None
    together = common_origin([name_of("PE"), name_of("PE")], 2.0, town_table)
    assert together is not None
    number = town_table.number_of["PE"]
    assert together.country[number] < np.median(together.country)  # it takes some of them back


def test_names_that_agree_speak_for_one_country() -> None:
    names = [name_of("PE"), name_of("PE", 4.0), name_of("JP", 2.0)]
    assert names_that_agree(names, model().town_table) == names[:2]
    assert names_that_agree([], model().town_table) == []
