"""Cities with their suburbs."""

from tests.support.evidence_cases import model


def test_cities_take_their_suburbs_and_never_overlap() -> None:
    cities = model().cities.of(model().town_table.number_of["PT"])
    assert (cities.city_of >= 0).all()
    assert sum(len(cities.towns_of(city)) for city in range(len(cities.centre))) == len(
        cities.city_of
    )
    gazetteer = model().town_table.gazetteer
    lisbon = model().region(gazetteer.place(int(gazetteer.matches("lisboa")[0]))).towns
    almada = int(gazetteer.matches("almada")[0])
    assert lisbon is not None
    assert almada in lisbon
