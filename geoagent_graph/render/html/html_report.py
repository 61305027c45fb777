"""The report: one HTML file that shows the photo, the answer and everything that led there."""

from collections.abc import Sequence
from importlib.resources import files

from geoagent_graph.render import wording
from geoagent_graph.render.claim import deepest_candidates
from geoagent_graph.render.html.markup import (
    Element,
    element,
    html_text,
    own_words,
    pieces,
    unbroken,
    untrusted,
)
from geoagent_graph.render.html.photo_figure import photo_figure
from geoagent_graph.render.html.report_levels import levels_section
from geoagent_graph.render.html.report_steps import steps_section
from geoagent_graph.render.html.report_tables import (
    clues_section,
    exclusions_section,
    references_section,
    sources_section,
)
from geoagent_graph.render.html.trace_check import script_policy
from geoagent_graph.render.maps.viewport_svg import MAX_RADIUS_KM, viewport_svg
from geoagent_graph.render.maps.world_svg import world_svg
from geoagent_graph.render.next_steps import MISSING, TRIED, WAYS_ON, next_steps
from geoagent_graph.render.photo_name import photo_name
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import current_language, gettext, local_number, mark
from geoagent_graph.types import Answer
from geoagent_graph.version import package_version

SECURITY_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_LIMITS = (
    mark(
        "This report says what the evidence is consistent with. It does not prove where the photo "
        "was taken, and it says nothing about when, by whom, or whether the scene is real."
    ),
    mark("Text on a sign can name a place far away: restaurants, streets and products do."),
    mark("What a file claims about its position can be missing, wrong or forged."),
    mark("The circle should hold the true place nine times out of ten; once in ten it does not."),
    mark(
        "Borders and place names on the maps are those of Natural Earth and GeoNames. They show no "
        "position on disputed territory."
    ),
)


def html_report(
    answer: Answer,
    photo: str | None = None,
    *,
    sections: Sequence[Element] = (),
    case: str | None = None,
) -> str:
    """Return the report as one HTML document that loads nothing from anywhere.

    Args:
        answer: the answer to report.
        photo: the photo as a `data:image/jpeg` URI; None leaves the picture out.
        sections: more to say before the limits, such as what people did in a case.
        case: its name in the commands that are proposed where nothing is claimed.
    """
    numbers = {clue.id: number for number, clue in enumerate(answer.clues, start=1)}
    main = element(
        "main",
        {"class": "page"},
        _answer_header(answer),
        *warnings_box(answer.warnings),
        *_next_section(answer, case),
        _photo_and_viewport(answer, photo, numbers),
        _world_section(answer),
        levels_section(answer, numbers),
        *sources_section(answer.source_weights),
        clues_section(answer.clues, numbers),
        exclusions_section(answer.excluded),
        references_section(answer.references),
        steps_section(answer.trace, answer.seconds),
        *sections,
        limits_section(),
        _report_footer(answer),
    )
    asked = gettext("Where was {photo} taken?").format(photo=photo_name(answer))
    return html_page(f"{asked} {wording.headline(answer)}", main)


def html_page(title: str, main: Element) -> str:
    """Return a report's page as one HTML document that loads nothing from anywhere."""
    has_script = main.find(".//script") is not None
    body = element("body", {}, main)
    language = current_language()
    spoken = {"lang": language.tag, "dir": language.direction}
    return html_text(element("html", spoken, _document_head(title, has_script), body))


def _document_head(title: str, has_script: bool) -> Element:
    style = element("style", {})
    # ElementTree writes style text as it is: this is the package's own file and nothing else.
    style.text = (files("geoagent_graph") / "render" / "html" / "report.css").read_text("utf-8")
    allowed = f"{SECURITY_POLICY}; {script_policy()}" if has_script else SECURITY_POLICY
    policy = {"http-equiv": "Content-Security-Policy", "content": allowed}
    return element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", policy),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "referrer", "content": "no-referrer"}),
        element("title", {}, title),
        style,
    )


def _answer_header(answer: Answer) -> Element:
    asked = element("p", {"class": "eyebrow"}, gettext("Where was this photo taken?"), " ")
    asked.append(untrusted(photo_name(answer)))
    return element(
        "header",
        {},
        asked,
        element("h1", {}, own_words(wording.headline(answer))),
        element("p", {"class": "claim"}, own_words(unbroken(wording.claim_sentence(answer)))),
        element("dl", {"class": "figures"}, *_figure_rows(answer)),
    )


def _figure_rows(answer: Answer) -> list[Element]:
    clues, steps = str(len(answer.clues)), str(len(answer.trace))
    seconds = local_number(answer.seconds, 1)
    if answer.level == "none":
        rows = [
            (gettext("Claim"), gettext("none"), gettext("no place is likely enough")),
            (gettext("Clues"), clues, gettext("found in the photo and its file")),
            (gettext("Steps"), steps, gettext("in {seconds} s").format(seconds=seconds)),
            (gettext("Policy"), answer.policy, ""),
        ]
    else:
        sure = wording.probability_words(answer.probability)
        point = wording.coordinates(answer.lat_deg, answer.lon_deg, answer.radius_km)
        rows = [
            (gettext("Claim"), wording.level_words(answer.level), ""),
            (gettext("Probability"), wording.percent(answer.probability), sure),
            (gettext("Best point"), point, ""),
            (
                gettext("Within"),
                wording.distance(answer.radius_km),
                gettext("nine times out of ten"),
            ),
        ]
    return [figure_row(name, words, note) for name, words, note in rows]


def figure_row(name: str, words: str, note: str) -> Element:
    """Return one of the figures below the headline."""
    value = element("dd", {}, untrusted(words))
    if note:
        value.append(element("span", {"class": "note"}, note))
    return element("div", {}, element("dt", {}, name), value)


def warnings_box(warnings: Sequence[str]) -> list[Element]:
    """Return the box that is read first; nothing without warnings."""
    if not warnings:
        return []
    items = [element("li", {}, own_words(say_stored(warning))) for warning in warnings]
    title = element("h2", {}, gettext("Read this first"))
    return [element("div", {"class": "warnings", "role": "note"}, title, element("ul", {}, *items))]


def _next_section(answer: Answer, case: str | None) -> list[Element]:
    """Return what an answer without a claim leaves to do; nothing where something is claimed."""
    found = next_steps(answer, case)
    if found is None:
        return []
    section = element("section", {"aria-labelledby": "next"})
    section.append(element("h2", {"id": "next"}, gettext(WAYS_ON)))
    ways = [
        element(
            "li", {}, f"{way.title}: ", element("code", {"dir": "ltr"}, untrusted(way.command, 400))
        )
        for way in found.ways
    ]
    section.append(element("ul", {"class": "limits"}, *ways))
    for title, said in ((TRIED, found.tried), (MISSING, found.missing)):
        items = [element("li", {}, own_words(words)) for words in said]
        section.append(element("h3", {}, gettext(title)))
        section.append(element("ul", {"class": "limits"}, *items))
    return [section]


def _photo_and_viewport(answer: Answer, photo: str | None, numbers: dict[str, int]) -> Element:
    pair = element("div", {"class": "pair"})
    if photo is not None:
        size = (answer.image.width, answer.image.height)
        pair.append(photo_figure(photo, size, answer.clues, numbers))
    if answer.level != "none" and answer.radius_km <= MAX_RADIUS_KM:
        within = wording.distance(answer.radius_km)
        described = gettext("Map around {place} with a circle of {distance}").format(
            place=wording.headline(answer), distance=within
        )
        drawn = viewport_svg(
            answer, deepest_candidates(answer.levels), answer.references, described
        )
        caption = gettext(
            "The surroundings. The circle, {distance} around the best point, should hold the true "
            "place nine times out of ten. Dots are candidates, rings reference photos."
        ).format(distance=within)
        figcaption = element("figcaption", {}, unbroken(caption))
        pair.append(element("figure", {"class": "map"}, drawn, figcaption))
    return pair


def _world_section(answer: Answer) -> Element:
    candidates = deepest_candidates(answer.levels)
    if answer.level == "none":
        caption = gettext(
            "Candidates that remain open; larger dots are likelier. No place is claimed."
        )
    else:
        caption = gettext(
            "The best point, its circle and the candidates; larger dots are likelier."
        )
    described = gettext("World map: {place}").format(place=wording.headline(answer))
    return element(
        "section",
        {"aria-labelledby": "world"},
        element("h2", {"id": "world"}, gettext("On the world map")),
        element(
            "figure",
            {"class": "map"},
            world_svg(answer, candidates, described),
            element("figcaption", {}, caption),
        ),
    )


def limits_section() -> Element:
    """Return what no report can say."""
    return element(
        "section",
        {"aria-labelledby": "limits"},
        element("h2", {"id": "limits"}, gettext("What this report cannot say")),
        element(
            "ul", {"class": "limits"}, *(element("li", {}, gettext(limit)) for limit in _LIMITS)
        ),
    )


def _report_footer(answer: Answer) -> Element:
    image = answer.image
    digest = image.sha256.removeprefix("sha256:")
    file = gettext("{format}, {width} × {height} pixels, SHA-256").format(
        format=image.format, width=image.width, height=image.height
    )
    made = pieces(
        "Made by geoagent {version} with the policy {policy} in {seconds} s.",
        version=package_version(),
        policy=untrusted(answer.policy, 60),
        seconds=local_number(answer.seconds, 1),
    )
    return element(
        "footer",
        {},
        element("p", {}, own_words(file), " ", element("code", {}, digest)),
        element("p", {}, *made),
        element("p", {}, gettext(wording.ATTRIBUTION)),
    )
