"""Names on a map: the more important comes first, and none lies on another or leaves the map."""

from geoagent_graph.render.maps.map_labels import Labels


def drawn(labels: Labels) -> list[str | None]:
    return [name.text for name in labels.drawn]


def test_a_name_without_room_is_left_out() -> None:
    labels = Labels(400, 300, [])
    labels.add("Porto", 100, 100, "candidate")
    labels.add("Gaia", 110, 105, "candidate")
    labels.add("Braga", 100, 200, "candidate")
    assert drawn(labels) == ["Porto", "Braga"]


def test_a_name_does_not_lie_on_what_is_there_before_it() -> None:
    taken = (80.0, 80.0, 120.0, 120.0)
    labels = Labels(400, 300, [taken])
    labels.add("Porto", 100, 100, "candidate")
    labels.add("Porto", 300, 100, "candidate")
    assert [name.get("x") for name in labels.drawn] == ["300.0"]


def test_a_name_over_the_edge_is_left_out() -> None:
    labels = Labels(400, 300, [])
    for x, y in ((5, 100), (395, 100), (200, 10), (200, 299)):
        labels.add("Porto", x, y, "candidate")
    assert drawn(labels) == []


def test_wide_letters_need_twice_the_room() -> None:
    def fits(text: str) -> bool:
        labels = Labels(64, 300, [])
        labels.add(text, 32, 100, "country")
        return bool(labels.drawn)

    assert fits("Tokio")
    assert not fits("東京東京東")


def test_a_name_is_text() -> None:
    labels = Labels(400, 300, [])
    labels.add("<b>", 100, 100, "country")
    (name,) = labels.drawn
    assert (name.get("class"), name.text, len(name)) == ("label country", "<b>", 0)
