"""The report of a case: the answer's report, what people did, and how to verify it all."""

from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView
from geoagent_graph.questions import HumanInput, positions_in_force
from geoagent_graph.render.claim import answer_in
from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.html.markup import Element, element, untrusted
from geoagent_graph.render.html.trace_check import check_section
from geoagent_graph.render.next_steps import case_words

NOBODY = "Nobody steered this run."
_DECIDES = ("veto", "reject", "map_region", "map_outline", "map_countries", "set")


def report_html(view: CaseView, photo: str | None = None) -> str:
    """Return the report as one HTML document; `photo` is a `data:image/jpeg` URI.

    Raises:
        InputError: the branch has no answer yet.
    """
    sections = (
        list_section("people", "What people did", acts_of_people(view) or [NOBODY]),
        *custody_section(view),
        list_section("verify", "How to verify this report", verification_steps(view)),
        *check_section(traces_of(view)),
    )
    answer = answer_in(view)
    answer = answer.model_copy(update={"warnings": (*warnings_of_steering(view), *answer.warnings)})
    return html_report(answer, photo, sections=sections, case=case_words(view))


def list_section(identity: str, title: str, words: list[str]) -> Element:
    """Return a section that is a list of sentences."""
    items = [element("li", {}, untrusted(sentence, 2000)) for sentence in words]
    return element(
        "section",
        {"aria-labelledby": identity},
        element("h2", {"id": identity}, title),
        element("ul", {"class": "limits"}, *items),
    )


def warnings_of_steering(view: CaseView) -> list[str]:
    """Return what must be known first: where a person, not the evidence, has decided."""
    return [
        f"A person {act.text}. Everything below is given that this is right."
        for act in acts_in_force(view)
        if act.action in _DECIDES or (act.action == "accept" and act.place is not None)
    ]


def acts_in_force(view: CaseView) -> list[HumanInput]:
    """Return what people did and have not taken back, in order."""
    acts = [event.input for event in view.people]
    return [acts[position] for position in positions_in_force(acts)]


def acts_of_people(view: CaseView) -> list[str]:
    """Return what people did and noted, as sentences."""
    said = []
    for event in view.events:
        if event.event == "human":
            said.append(f"{event.time[:19]} UTC, a person {event.input.text}")
        elif event.event == "note":
            by = f" by {event.person}" if event.person is not None else ""
            said.append(f"{event.time[:19]} UTC, note{by}: {event.text}")
    return said


def custody_section(*views: CaseView | TripView) -> list[Element]:
    """Return the section that says who had a case in hand; none where nobody is known."""
    said = sorted(words for view in views for words in acts_of_custody(view))
    return [list_section("custody", "Who had this case in hand", said)] if said else []


def acts_of_custody(view: CaseView | TripView) -> list[str]:
    """Return who began, viewed, took files of, renamed and signed a case, as sentences."""
    said = []
    for event in view.events:
        when = f"{event.time[:19]} UTC, "
        if event.event == "case" and event.person is not None:
            said.append(f"{when}{event.person} began the case, branch {event.branch}")
        elif event.event in ("custody", "signature"):
            said.append(f"{when}{event.sentence}")
    return said


def traces_of(view: CaseView) -> list[tuple[str, str]]:
    """Return the trace of a branch by its name, none where it is no file."""
    if view.trace_path is None:
        return []
    return [(f"{view.case}/{view.opened.branch}", view.trace_text())]


def verification_steps(view: CaseView) -> list[str]:
    """Return how a report can be checked against its trace and its photo, as sentences."""
    opened = view.opened
    versions = opened.environment.packages
    return [
        f"This report is drawn from the trace of case {view.case}, branch {opened.branch}, "
        f"{len(view.events)} events. The hash of the last one is {view.head}.",
        f"The photo's file has the SHA-256 {opened.image.sha256.removeprefix('sha256:')}.",
        "With the trace beside the photo: geoagent verify TRACE --photo PHOTO. It recomputes every "
        "hash; compare the last one with the hash above, from a copy that you trust.",
        f"Made with geoagent-graph {versions.get('geoagent-graph', '(not installed)')}, LangGraph "
        f"{versions.get('langgraph', '?')}, Python {opened.environment.python}, policy "
        f"{opened.environment.policy}; tables {opened.environment.data_sha256[:16]}, index "
        f"{(opened.environment.index_sha256 or 'none')[:16]}.",
    ]
