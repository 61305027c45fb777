"""The gazetteer's two ways to find the place of a point: borders, and the nearest town."""

import numpy as np
from geoagent_evaluation.runs.gazetteer_places import ByNearestTown, ByPolygon

from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.settings import load_settings


def test_points_beside_a_border_differ_and_no_point_lies_nowhere() -> None:
    geocoder: OfflineGeocoder = open_geocoder(load_settings())
    # Lisbon, nothing, and a Norwegian valley whose nearest town is Kiruna in Sweden
    lat, lon = np.array([38.72, np.nan, 68.25]), np.array([-9.14, np.nan, 18.0])
    polygon = ByPolygon(geocoder).codes(lat, lon)
    town = ByNearestTown(geocoder).codes(lat, lon)
    assert polygon.country[:2] == town.country[:2] == ["PT", None]
    assert polygon.city[0] == town.city[0] == str(geocoder.reverse(38.72, -9.14).geonames_id)
    assert polygon.region[1] is town.city[1] is None
    reversed_point = geocoder.reverse(68.25, 18.0)
    assert polygon.country[2] == reversed_point.country_code
    nearest = geocoder.nearest([68.25], [18.0])[0][0, 0]
    assert town.city[2] == str(geocoder.gazetteer.geonames_id[nearest])
