"""Lines that are laid over a picture: marks of rights, dates, programmes, captions."""

import pytest

from geoagent_graph.evidence.overlays import OverlayKind, is_date, kind_of_text, overlay_kinds
from geoagent_graph.types import Box, Clue


def line(number: int, text: str, *, left: float = 0.1, top: float = 0.1, wide: float = 0.2) -> Clue:
    """Return a line, 0.05 high."""
    box = Box(left=left, top=top, right=left + wide, bottom=top + 0.05)
    return Clue(id=f"text:{number}", kind="text", text=text, source="reader", box=box)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("© 2021 Google", "maps"),
        ("Google", "maps"),
        ("Image capture: Aug 2017 © 2022 Google", "maps"),
        ("Map data ©2020 TomTom", "maps"),
        ("Яндекс Карты", "maps"),
        ("Getty Images", "stock"),
        ("Alamy Stock Photo", "stock"),
        ("Reuters", "stock"),
        ("© 2016 Lena Braun", "credit"),
        ("(c) 2015 Kim Wells Photography", "credit"),
        ("Photo: Sofia Marin", "credit"),
        ("Foto: Roma Weber", "credit"),
        ("Bildnachweis: Paul Wien", "credit"),
        ("Crédit photo : Nancy Martin", "credit"),
        ("Фото: Иван Петров", "credit"),
        ("写真：山本", "credit"),
        ("2016/05/12 14:33", "date"),
        ("12.05.2016", "date"),
        ("MAY 12 2009 3:15 PM", "date"),
        ("'07 5 12", "date"),
    ],
)
def test_words_that_are_laid_over(text: str, kind: OverlayKind) -> None:
    assert kind_of_text(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Photo Studio London",
        "Foto Müller",
        "Google Street Grill",
        "March 12 Street",
        "10-12-14",
        "Tel. 12 34 56",
        "SALE 2016",
        "Bild und Rahmen",
        "Save",
        "80331 München",
        "",
    ],
)
def test_words_that_may_stand_on_signs(text: str) -> None:
    assert kind_of_text(text) is None


def test_dates_are_whole_lines() -> None:
    assert is_date("3 May 2014")
    assert not is_date("3 Mai Street 2014")
    assert not is_date("2014")


@pytest.mark.parametrize(
    "texts",
    [
        ("Directions", "Nearby", "Lyon"),
        ("Instagram", "1,204 likes", "Barcelona"),
        ("r/pics", "2.3k upvotes", "Milan"),
        ("Leaflet", "Toulouse"),
        ("© OpenStreetMap contributors", "Turin"),
        ("Gefällt mir", "Kommentieren", "Köln"),
    ],
    ids="/".join,
)
def test_every_line_of_a_screenshot_is_set_aside(texts: tuple[str, ...]) -> None:
    lines = [line(number, text, top=0.1 * number) for number, text in enumerate(texts)]
    assert overlay_kinds(lines) == {one.id: "screen" for one in lines}


def test_one_word_of_a_programme_is_a_shop_sign() -> None:
    assert overlay_kinds([line(0, "Save"), line(1, "Bakery")]) == {}


def test_the_name_below_a_mark_of_rights_belongs_to_it() -> None:
    lines = [line(0, "© 2016"), line(1, "Sofia Marin", top=0.16), line(2, "Braga", top=0.6)]
    assert overlay_kinds(lines) == {"text:0": "credit", "text:1": "credit"}


def test_a_text_strewn_over_the_picture_is_a_mark() -> None:
    strewn = [
        line(number, "Verona", left=left, top=top)
        for number, (left, top) in enumerate(((0.0, 0.1), (0.4, 0.4), (0.7, 0.8)))
    ]
    assert set(overlay_kinds(strewn).values()) == {"repeated"}
    on_one_wall = [line(number, "Verona", left=0.3 * number) for number in range(3)]
    assert overlay_kinds(on_one_wall) == {}


def test_everyday_words_at_the_rim_are_a_caption() -> None:
    caption = line(0, "when you are finally in London", left=0.2, top=0.9, wide=0.6)
    sign = line(1, "Bakery", top=0.5)
    assert overlay_kinds([caption, sign]) == {"text:0": "caption"}
    in_the_middle = line(0, caption.text, left=0.2, top=0.5, wide=0.6)
    assert overlay_kinds([in_the_middle, sign]) == {}
    aside = line(0, caption.text, left=0.0, top=0.9, wide=0.6)
    assert overlay_kinds([aside, sign]) == {}
