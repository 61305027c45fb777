"""An answer as KML."""

from xml.etree import ElementTree

from geoagent_graph.render.formats.kml import kml_document
from geoagent_graph.types import Answer
from tests.support.answers import BRAGA, hypothesis, porto_answer, unknown_answer

KML = "{http://www.opengis.net/kml/2.2}"


def parsed(*answers: Answer) -> ElementTree.Element:
    return ElementTree.fromstring(kml_document(answers))


def test_an_answer_is_a_folder_with_its_point_circle_and_candidates() -> None:
    root = parsed(porto_answer())
    (folder,) = root.findall(f"{KML}Document/{KML}Folder")
    point, circle = folder.findall(f"{KML}Placemark")
    assert point.findtext(f"{KML}Point/{KML}coordinates") == "-8.611000,41.149600"
    (ring,) = circle.iter(f"{KML}coordinates")
    points = [tuple(map(float, pair.split(","))) for pair in (ring.text or "").split()]
    assert points[0] == points[-1]
    assert len(points) > 100
    assert len(folder.findall(f"{KML}Folder/{KML}Placemark")) == 6


def test_elements_stand_in_the_order_of_the_schema() -> None:
    order = ["name", "visibility", "description", "styleUrl", "Point", "MultiGeometry"]
    for mark in parsed(porto_answer()).iter(f"{KML}Placemark"):
        tags = [child.tag.removeprefix(KML) for child in mark]
        assert tags == sorted(tags, key=order.index)


def test_a_circle_across_the_date_line_is_two_polygons() -> None:
    root = parsed(porto_answer(lat_deg=-16.8, lon_deg=-179.99, radius_km=300.0))
    assert len(list(root.iter(f"{KML}Polygon"))) == 2


def test_no_claim_draws_no_circle_and_no_answer() -> None:
    root = parsed(unknown_answer())
    assert not list(root.iter(f"{KML}Polygon"))
    assert not root.findall(f"{KML}Document/{KML}Folder/{KML}Placemark")


def test_text_from_outside_is_text() -> None:
    bad = BRAGA.model_copy(update={"name": "]]><b>&\x00\x0b\x1b[2J\u202e\ud7ff"})
    image = porto_answer().image.model_copy(update={"name": "C:\\a<script>&.jpg"})
    root = parsed(porto_answer(image=image, levels={"city": (hypothesis(bad, 0.5),)}))
    names = [name.text or "" for name in root.iter(f"{KML}name")]
    assert "a<script>&.jpg" in names
    assert any(
        name.startswith("]]><b>&\ufffd\ufffd\ufffd[2J\ufffd") or "]]><b>&" in name for name in names
    )
    assert not list(root.iter(f"{KML}script"))
    assert not list(root.iter("script"))
