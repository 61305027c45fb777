"""Reports as Markdown, without pictures."""

from collections.abc import Mapping

from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView
from geoagent_graph.render import wording
from geoagent_graph.render.claim import answer_in, joint_result
from geoagent_graph.render.html import trip_report
from geoagent_graph.render.html.case_report import (
    NOBODY,
    acts_of_people,
    verification_steps,
    warnings_of_steering,
)
from geoagent_graph.render.html.trip_sections import fit_sentence, time_words, trip_headline
from geoagent_graph.render.next_steps import MISSING, TRIED, WAYS_ON, case_words, next_steps
from geoagent_graph.render.source_words import SOURCES_TITLE, weight_words, without_sentence
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import gettext
from geoagent_graph.types import Answer


def report_markdown(view: CaseView) -> str:
    """Return the report as Markdown, without pictures.

    Raises:
        InputError: the branch has no answer yet.
    """
    answer = answer_in(view)
    answer = answer.model_copy(update={"warnings": (*warnings_of_steering(view), *answer.warnings)})
    lines = [
        f"# {markdown_text(wording.headline(answer))}",
        "",
        markdown_text(wording.claim_sentence(answer)),
        "",
    ]
    lines += [f"* {markdown_text(say_stored(warning))}" for warning in answer.warnings]
    lines += _next_lines(answer, case_words(view))
    for level, candidates in answer.levels.items():
        if not candidates:
            continue
        lines += ["", f"## {gettext(wording.LEVEL_NAMES[level])}", ""]
        for candidate in candidates[:10]:
            name, share = (
                wording.place_name(candidate.place),
                wording.percent(candidate.probability),
            )
            lines.append(f"* **{markdown_text(name)}**, {share}")
            spoke_for, spoke_against = wording.for_and_against(candidate)
            joint = wording.joint_evidence(candidate)
            sides = (
                (gettext("for"), spoke_for),
                (gettext("against"), spoke_against),
                (gettext("together"), joint),
            )
            for side, spoken in sides:
                lines += [
                    f"  * {side}: {markdown_text(say_stored(evidence.reason))}"
                    for evidence in spoken
                ]
    if answer.source_weights:
        lines += ["", f"## {gettext(SOURCES_TITLE)}", ""]
        lines += [
            f"* {markdown_text(without_sentence(w, '→'))} ({markdown_text(weight_words(w))})"
            for w in answer.source_weights
        ]
    if answer.excluded:
        lines += ["", f"## {gettext('Excluded')}", ""]
        lines += [
            f"* {markdown_text(wording.place_word(e.place))}: {markdown_text(say_stored(e.reason))}"
            for e in answer.excluded
        ]
    lines += [
        "",
        f"## {gettext('What people did')}",
        "",
        *(f"* {markdown_text(words)}" for words in acts_of_people(view) or [gettext(NOBODY)]),
    ]
    lines += ["", f"## {gettext('Steps')}", ""]
    lines += [
        f"{s.index}. {markdown_text(s.node)}: {markdown_text(say_stored(s.summary))}"
        for s in view.steps
    ]
    lines += [
        "",
        f"## {gettext('How to verify')}",
        "",
        *(f"* {markdown_text(words)}" for words in verification_steps(view)),
        "",
    ]
    return "\n".join(lines)


def _next_lines(answer: Answer, case: str) -> list[str]:
    """Return what an answer without a claim leaves to do; nothing where something is claimed."""
    found = next_steps(answer, case)
    if found is None:
        return []
    lines = []
    for title, said in ((TRIED, found.tried), (MISSING, found.missing)):
        lines += ["", f"## {gettext(title)}", "", *(f"* {markdown_text(words)}" for words in said)]
    ways = [f"* {way.title}: `{visible(way.command).replace('`', '')}`" for way in found.ways]
    return [*lines, "", f"## {gettext(WAYS_ON)}", "", *ways]


def trip_markdown(trip: TripView, views: Mapping[str, CaseView]) -> str:
    """Return the report as Markdown, without pictures.

    Raises:
        InputError: the photos have not been weighed together.
    """
    joined, photos = joint_result(trip), trip_report.trip_photos(trip, views, {})
    lines = [f"# {markdown_text(trip_headline(photos))}", ""]
    lines += [f"* {markdown_text(': '.join((gettext('Fit'), fit_sentence(joined))))}"]
    warnings = trip_report.trip_warnings(trip, views, joined)
    lines += [f"* {markdown_text(warning)}" for warning in warnings]
    for photo in photos:
        title = gettext("Photo {number}").format(number=photo.number)
        lines += ["", f"## {title}: {markdown_text(photo.name)}", ""]
        lines.append(f"* {gettext('alone')}: {markdown_text(photo.alone)}")
        if photo.joined is None:
            why = say_stored(photo.left_out or "") or gettext("not weighed")
            lines.append(f"* {gettext('took no part')}: {markdown_text(why)}")
            continue
        lines.append(f"* {markdown_text(time_words(photo.joined.taken))}")
        share = wording.percent(photo.joined.together)
        lines.append(
            f"* {gettext('together')}: {markdown_text(wording.headline(photo.joined))}, {share}"
        )
        lines += [
            "* " + gettext("because {reason}").format(reason=markdown_text(say_stored(words)))
            for words in photo.joined.because
        ]
        for candidates in photo.joined.levels.values():
            for c in candidates[:4]:
                shares = gettext("{alone} alone, {together} together").format(
                    alone=wording.percent(c.prior), together=wording.percent(c.probability)
                )
                lines.append(f"  * {markdown_text(wording.place_name(c.place))}: {shares}")
    lines += ["", f"## {gettext('What people did')}", ""]
    lines += [f"* {markdown_text(words)}" for words in trip_report.acts_by_photo(trip, views)]
    lines += [
        "",
        f"## {gettext('How to verify')}",
        "",
        *(f"* {markdown_text(w)}" for w in trip_report.verification_steps(trip)),
        "",
    ]
    return "\n".join(lines)


def markdown_text(text: str) -> str:
    """Return text that stays text in Markdown and in the HTML that is made from it."""
    shown = visible(text)
    for character in "\\`*_{}[]()#+-!|>~":
        shown = shown.replace(character, "\\" + character)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace("://", "&#58;//")
