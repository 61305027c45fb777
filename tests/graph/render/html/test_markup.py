"""Text and attributes cannot become markup, nor reorder what stands around them."""

import pytest

from geoagent_graph.render.html.markup import add, element, html_text, unbroken, untrusted
from tests.support.answers import HOSTILE


def test_text_is_escaped_and_an_attribute_cannot_be_left() -> None:
    page = html_text(element("p", {"title": '"><script>'}, "<script>a & b</script>"))
    assert page == (
        '<!DOCTYPE html>\n<p title="&quot;&gt;<script&gt;">'
        "&lt;script&gt;a &amp; b&lt;/script&gt;</p>\n"
    )


def test_text_between_elements_keeps_its_place() -> None:
    node = element("p", {}, "one", element("b", {}, "two"), "three")
    add(node, "four")
    assert "<p>one<b>two</b>threefour</p>" in html_text(node)


def test_hostile_text_is_set_apart_and_holds_no_control_character() -> None:
    page = html_text(untrusted(HOSTILE, 2000))
    assert "<bdi>&lt;/style&gt;" in page
    assert "<script" not in page
    assert not {"\x1b", "\x9b", "\u202e", "\u2066"} & set(page)


@pytest.mark.parametrize(("length", "shown"), [(0, 0), (5, 5), (6, 5)])
def test_text_of_others_is_bounded(length: int, shown: int) -> None:
    text = untrusted("x" * length, 5).text or ""
    assert len(text) == shown
    assert text.endswith("…") == (length > 5)


def test_numbers_stay_with_their_units() -> None:
    assert unbroken("25 km or 90 %, 3 kmh, a km") == "25\u00a0km or 90\u00a0%, 3 kmh, a km"
