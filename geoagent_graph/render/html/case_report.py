"""The report of a case: the answer's report, what people did, and how to verify it all."""

from collections.abc import Sequence
from typing import NamedTuple

from geoagent_graph.cases.trip.trip_view import TripView
from geoagent_graph.cases.view import CaseView
from geoagent_graph.questions import HumanInput, positions_in_force
from geoagent_graph.render.claim import answer_in
from geoagent_graph.render.html.html_report import html_report
from geoagent_graph.render.html.markup import Element, element, moment, own_words
from geoagent_graph.render.html.trace_check import check_section
from geoagent_graph.render.next_steps import case_words
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import gettext, mark

NOBODY = mark("Nobody steered this run.")
_DECIDES = ("veto", "reject", "map_region", "map_outline", "map_countries", "set")


def report_html(view: CaseView, photo: str | None = None) -> str:
    """Return the report as one HTML document; `photo` is a `data:image/jpeg` URI.

    Raises:
        InputError: the branch has no answer yet.
    """
    sections = (
        list_section(
            "people", gettext("What people did"), deeds_of_people(view) or [gettext(NOBODY)]
        ),
        *custody_section(view),
        list_section("verify", gettext("How to verify this report"), verification_steps(view)),
        *check_section(traces_of(view)),
    )
    answer = answer_in(view)
    answer = answer.model_copy(update={"warnings": (*warnings_of_steering(view), *answer.warnings)})
    return html_report(answer, photo, sections=sections, case=case_words(view))


class Deed(NamedTuple):
    """What somebody did: the time in UTC, ISO 8601, and the words for it."""

    time: str
    words: str

    @property
    def sentence(self) -> str:
        """Both as one sentence."""
        return f"{self.time[:19]} UTC, {self.words}"


def list_section(identity: str, title: str, said: Sequence[str | Deed]) -> Element:
    """Return a section that is a list of sentences; the times of deeds by the viewer's clock."""
    items = [
        element("li", {}, own_words(item, 2000))
        if isinstance(item, str)
        else element("li", {}, moment(item.time), ", ", own_words(item.words, 2000))
        for item in said
    ]
    return element(
        "section",
        {"aria-labelledby": identity},
        element("h2", {"id": identity}, title),
        element("ul", {"class": "limits"}, *items),
    )


def warnings_of_steering(view: CaseView) -> list[str]:
    """Return what must be known first: where a person, not the evidence, has decided."""
    return [
        gettext("A person {act}. Everything below is given that this is right.").format(
            act=say_stored(act.text)
        )
        for act in acts_in_force(view)
        if act.action in _DECIDES or (act.action == "accept" and act.place is not None)
    ]


def acts_in_force(view: CaseView) -> list[HumanInput]:
    """Return what people did and have not taken back, in order."""
    acts = [event.input for event in view.people]
    return [acts[position] for position in positions_in_force(acts)]


def acts_of_people(view: CaseView) -> list[str]:
    """Return what people did and noted, as sentences."""
    return [deed.sentence for deed in deeds_of_people(view)]


def deeds_of_people(view: CaseView) -> list[Deed]:
    """Return what people did and noted, in order."""
    said = []
    for event in view.events:
        if event.event == "human":
            act = say_stored(event.input.text)
            said.append(Deed(event.time, gettext("a person {act}").format(act=act)))
        elif event.event == "note":
            words = (
                gettext("note: {text}").format(text=event.text)
                if event.person is None
                else gettext("note by {person}: {text}").format(
                    person=event.person, text=event.text
                )
            )
            said.append(Deed(event.time, words))
    return said


def custody_section(*views: CaseView | TripView) -> list[Element]:
    """Return the section that says who had a case in hand; none where nobody is known."""
    said = sorted(deed for view in views for deed in acts_of_custody(view))
    return [list_section("custody", gettext("Who had this case in hand"), said)] if said else []


def acts_of_custody(view: CaseView | TripView) -> list[Deed]:
    """Return who began, viewed, took files of, renamed and signed a case."""
    said = []
    for event in view.events:
        if event.event == "case" and event.person is not None:
            words = gettext("{person} began the case, branch {branch}").format(
                person=event.person, branch=event.branch
            )
            said.append(Deed(event.time, words))
        elif event.event in ("custody", "signature"):
            said.append(Deed(event.time, say_stored(event.sentence)))
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
        gettext(
            "This report is drawn from the trace of case {case}, branch {branch}, {number} events. "
            "The hash of the last one is {hash}."
        ).format(case=view.case, branch=opened.branch, number=len(view.events), hash=view.head),
        gettext("The photo's file has the SHA-256 {digest}.").format(
            digest=opened.image.sha256.removeprefix("sha256:")
        ),
        gettext(
            "With the trace beside the photo: geoagent verify TRACE --photo PHOTO. It recomputes "
            "every hash; compare the last one with the hash above, from a copy that you trust."
        ),
        gettext(
            "Made with geoagent-graph {version}, LangGraph {langgraph}, Python {python}, policy "
            "{policy}; tables {tables}, index {index}."
        ).format(
            version=versions.get("geoagent-graph", gettext("(not installed)")),
            langgraph=versions.get("langgraph", "?"),
            python=opened.environment.python,
            policy=opened.environment.policy,
            tables=opened.environment.data_sha256[:16],
            index=(opened.environment.index_sha256 or gettext("none"))[:16],
        ),
    ]
