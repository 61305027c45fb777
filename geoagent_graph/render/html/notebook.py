"""Answers and cases in a notebook: a picture and a map, as HTML that any notebook lets through.

Maps and photo are `<img>` with a `data:` URI and everything else is styled in place: styles cannot
leak into the notebook, nothing is loaded, and what viewers strip (scripts, inline SVG, `<style>`)
is not there.
"""

import base64
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from geoagent_graph.cases.view import CaseView
from geoagent_graph.display import register_display
from geoagent_graph.errors import PhotoError
from geoagent_graph.evidence.sources import clue_label
from geoagent_graph.render import wording
from geoagent_graph.render.claim import deepest_candidates
from geoagent_graph.render.html.markup import (
    Element,
    element,
    own_words,
    pieces,
    unbroken,
    untrusted,
)
from geoagent_graph.render.html.photo_data import jpeg_data_uri
from geoagent_graph.render.html.photo_figure import photo_figure
from geoagent_graph.render.html.report_tables import clue_words
from geoagent_graph.render.maps.viewport_svg import MAX_RADIUS_KM, viewport_svg
from geoagent_graph.render.maps.world_svg import world_svg
from geoagent_graph.render.photo_name import short_name
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import SOURCE_LANGUAGE, counted, current_language, gettext
from geoagent_graph.types import Answer, Clue, Hypothesis, ImageRef

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pixels = Callable[[ImageRef, int], "NDArray[np.uint8]"]
PHOTO_SIDE = 720
MAX_CANDIDATES = 5
MAX_CLUES = 60
_CARD = "max-width:62rem;font-family:system-ui,sans-serif;line-height:1.45;color:inherit"
ROW = "display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start;margin:.6rem 0"
_PICTURE = "flex:1 1 18rem;min-width:0;max-width:30rem;margin:0"
_IMAGE = (
    "display:block;width:100%;height:auto;max-height:24rem;margin:0;"
    "object-fit:contain;object-position:left top"
)
QUIET = "opacity:.75;font-size:.85em;margin:.3rem 0 0"
HEAD = "font-size:1.35em;font-weight:600;margin:.1rem 0"
TABLE = "border-collapse:collapse;margin:.4rem 0;font-size:.95em"
CELL = "text-align:left;padding:.15rem .9rem .15rem 0;border:0;background:none"
_BAR = "display:inline-block;height:.65em;background:#5b87a0;border-radius:2px"


def answer_html(answer: Answer) -> str:
    """Return an answer as a map, its claim in words and its candidates."""
    name = short_name(answer.image)
    return card_html(
        make_paragraph(QUIET, *pieces("Where was {photo} taken?", photo=untrusted(name))),
        make_paragraph(HEAD, untrusted(wording.headline(answer))),
        make_paragraph("margin:.2rem 0", own_words(unbroken(wording.claim_sentence(answer)))),
        *warning_lines(answer.warnings),
        element("div", {"style": ROW}, _map_picture(answer, deepest_candidates(answer.levels))),
        *_candidate_table(deepest_candidates(answer.levels)),
        *_clue_list(answer.clues),
    )


def case_html(view: CaseView, pixels: Pixels | None) -> str:
    """Return a case as its photo with the marked clues, a map, and where it stands.

    `pixels` returns the photo; without it, or where the photo is gone, the picture is left out.
    """
    opened, answer, question = view.opened, view.answer, view.question
    candidates = deepest_candidates(answer.levels if answer else view.candidates)
    steps = counted("{count} step", "{count} steps", len(view.steps))
    heading = wording.headline(answer) if answer else f"{view.status}, {steps}"
    said = []
    if answer is not None:
        said.append(own_words(unbroken(wording.claim_sentence(answer))))
    elif question is not None:
        said.append(untrusted(gettext("Question: {text}").format(text=say_stored(question.text))))
    return card_html(
        make_paragraph(
            QUIET,
            *pieces(
                "Case {case}, photo {photo}",
                case=untrusted(f"{view.case}/{opened.branch}"),
                photo=untrusted(short_name(opened.image)),
            ),
        ),
        make_paragraph(HEAD, untrusted(heading)),
        *(make_paragraph("margin:.2rem 0", words) for words in said),
        *warning_lines(answer.warnings if answer else opened.warnings),
        element(
            "div", {"style": ROW}, *_photo_picture(view, pixels), _map_picture(answer, candidates)
        ),
        *_candidate_table(candidates),
        *_clue_list(_clues_so_far(view)),
        make_paragraph(
            QUIET,
            *pieces(
                "{number} events, hash of the last one {hash}…",
                number=str(len(view.events)),
                hash=element("code", {}, view.head[:16]),
            ),
        ),
    )


def card_html(*children: Element) -> str:
    """Return what a notebook shows, in the language that is spoken."""
    language = current_language()
    is_source = language.tag == SOURCE_LANGUAGE
    spoken = {} if is_source else {"lang": language.tag, "dir": language.direction}
    card = element("div", {"style": _CARD, **spoken}, *children)
    html: str = ElementTree.tostring(card, encoding="unicode", method="html")
    return html


def make_paragraph(style: str, *words: Element | str) -> Element:
    """Return a paragraph that is styled in place."""
    return element("p", {"style": style}, *words)


def warning_lines(warnings: Sequence[str]) -> list[Element]:
    """Return stored warnings, marked as such."""
    style = "margin:.4rem 0;padding:.3rem .7rem;border-left:4px solid #d39e22"
    return [make_paragraph(style, own_words(say_stored(warning))) for warning in warnings]


def _photo_picture(view: CaseView, pixels: Pixels | None) -> list[Element]:
    image = view.opened.image
    if pixels is None:
        return []
    try:
        uri = jpeg_data_uri(pixels(image, PHOTO_SIDE))
    except PhotoError as error:
        return [make_paragraph(_PICTURE, untrusted(str(error)))]
    clues = _clues_so_far(view)
    numbers = {clue.id: number for number, clue in enumerate(clues, start=1)}
    size = (image.width, image.height)
    drawn = photo_figure(uri, size, clues, numbers).find("./div/svg")
    assert drawn is not None
    place = {"width": str(image.width), "height": str(image.height)}
    drawn.insert(0, element("image", {"href": uri, **place}))
    boxes = (
        gettext("The photo. The numbers are those of the clues.")
        if clues
        else gettext("The photo.")
    )
    said = gettext("The photo, {width} by {height} pixels")
    text = said.format(width=image.width, height=image.height)
    return [picture_figure(drawn, text, boxes)]


def _clues_so_far(view: CaseView) -> tuple[Clue, ...]:
    """Return the clues so far; a step's detail holds those that it added."""
    if view.answer is not None:
        return view.answer.clues
    dumped = (clues for step in view.steps if isinstance(clues := step.detail.get("clues"), list))
    found = (Clue.model_validate(clue) for clues in dumped for clue in clues)
    return tuple({clue.id: clue for clue in found}.values())


def _map_picture(answer: Answer | None, candidates: Sequence[Hypothesis]) -> Element:
    claimed = answer is not None and answer.level != "none"
    if answer is not None and claimed and answer.radius_km <= MAX_RADIUS_KM:
        within = wording.distance(answer.radius_km)
        text = gettext("Map around {place} with a circle of {distance}").format(
            place=wording.headline(answer), distance=within
        )
        drawn = viewport_svg(answer, candidates, answer.references, text)
        caption = gettext(
            "The circle, {distance} around the best point, should hold the true place nine times "
            "out of ten. Dots are candidates."
        ).format(distance=within)
        return picture_figure(drawn, text, unbroken(caption))
    text = gettext("World map: {place}").format(
        place=wording.headline(answer) if answer else gettext("the candidates")
    )
    caption = (
        gettext("The best point and its circle.") if claimed else gettext("No place is claimed.")
    )
    caption = caption if answer else gettext("There is no answer yet.")
    drawn = world_svg(answer, candidates, text)
    return picture_figure(
        drawn, text, f"{caption} {gettext('Dots are candidates; larger ones are likelier.')}"
    )


def picture_figure(svg: Element, alternative: str, caption: str) -> Element:
    """Return a drawing as an `<img>` with words for who does not see it, and a caption."""
    image = element("img", {"src": svg_uri(svg), "alt": alternative, "style": _IMAGE})
    words = element("figcaption", {"style": QUIET}, caption)
    return element("figure", {"style": _PICTURE}, image, words)


def svg_uri(svg: Element) -> str:
    """Return a drawing as a picture of its own (`data:` URI), in the colours of the report."""
    _, _, width, height = (float(part) for part in svg.attrib["viewBox"].split())
    svg.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": f"{width:g}",
        "height": f"{height:g}",
    }
    style = element("style", {})
    style.text = (files("geoagent_graph") / "render" / "html" / "report.css").read_text("utf-8")
    svg.insert(0, style)
    written = ElementTree.tostring(svg, encoding="utf-8")
    return "data:image/svg+xml;base64," + base64.b64encode(written).decode("ascii")


def _candidate_table(candidates: Sequence[Hypothesis]) -> list[Element]:
    ranked = sorted(candidates, key=lambda candidate: -candidate.probability)[:MAX_CANDIDATES]
    rows = [element("tr", {"style": "background:none"}, *_candidate_cells(one)) for one in ranked]
    return [element("table", {"style": TABLE}, element("tbody", {}, *rows))] if rows else []


def _clue_list(clues: Sequence[Clue]) -> list[Element]:
    if not clues:
        return []
    items = [
        element("li", {}, f"{gettext(clue_label(clue.kind))}: ", clue_words(clue, 200))
        for clue in clues[:MAX_CLUES]
    ]
    left_out = len(clues) - len(items)
    more = (
        [make_paragraph(QUIET, gettext("{number} more are in `clues`.").format(number=left_out))]
        if left_out
        else []
    )
    words = counted("{count} clue", "{count} clues", len(clues))
    heading = element("summary", {"style": "cursor:pointer"}, words)
    listed = element("ol", {"style": "margin:.3rem 0"}, *items)
    return [element("details", {"style": "font-size:.95em"}, heading, listed, *more)]


def _candidate_cells(candidate: Hypothesis) -> list[Element]:
    width = f"{_BAR};width:{8 * candidate.probability:.2f}em"
    return [
        element("td", {"style": CELL}, untrusted(wording.place_name(candidate.place))),
        element("td", {"style": CELL}, unbroken(wording.percent(candidate.probability))),
        element("td", {"style": CELL}, element("span", {"style": width})),
    ]


register_display(
    Answer, html=answer_html, text=lambda answer: f"<Answer: {wording.claim_sentence(answer)}>"
)
register_display(CaseView, html=lambda view: case_html(view, view.pixels))
