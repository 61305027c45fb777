"""The levels of a report: every candidate, how likely it is, what spoke for and against it."""

from collections.abc import Mapping, Sequence

from geoagent_graph.render import wording
from geoagent_graph.render.claim import best_candidate
from geoagent_graph.render.html.markup import Element, element, own_words, unbroken, untrusted
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import counted, gettext, mark
from geoagent_graph.types import LEVELS, Answer, Evidence, Hypothesis, Level

MAX_OPEN_CANDIDATES = 5
_TITLES: dict[Level, str] = {
    "continent": mark("Which continent?"),
    "country": mark("Which country?"),
    "city": mark("Which city or town?"),
}
_SIDES = {"for": mark("For"), "against": mark("Against"), "together": mark("Together")}


def levels_section(answer: Answer, numbers: Mapping[str, int]) -> Element:
    """Return the section on continent, country and city; `numbers` numbers the clues by id."""
    section = element(
        "section",
        {"aria-labelledby": "levels"},
        element("h2", {"id": "levels"}, gettext("Places that were weighed")),
        element(
            "p",
            {"class": "lead"},
            gettext(
                "Shares are over the whole world; what is missing to 100 % lies somewhere else. "
                "A clue speaks weakly where it is 2 to 10 times more to be expected at the place "
                "(or less, where it speaks against it) than in the region at large, moderately "
                "from 10 times, strongly from 100, very strongly from 10,000."
            ),
        ),
    )
    for level in LEVELS:
        if level in answer.levels:
            section.append(_level_part(answer, level, numbers))
    if not answer.levels:
        section.append(element("p", {}, gettext("No level was looked at before the run ended.")))
    return section


def _level_part(answer: Answer, level: Level, numbers: Mapping[str, int]) -> Element:
    ranked = sorted(answer.levels[level], key=lambda candidate: -candidate.probability)
    chosen = name_at_level(answer, level)
    part = element("div", {"class": "level"}, element("h3", {}, gettext(_TITLES[level])))
    if not ranked:
        part.append(element("p", {"class": "quiet"}, gettext("No place came into question.")))
        return part
    shown = [
        _candidate_item(candidate, candidate.place.name == chosen, numbers)
        for candidate in ranked[:MAX_OPEN_CANDIDATES]
    ]
    part.append(element("ol", {"class": "candidates"}, *shown))
    if len(ranked) > MAX_OPEN_CANDIDATES:
        rest = [
            _candidate_item(candidate, False, numbers) for candidate in ranked[MAX_OPEN_CANDIDATES:]
        ]
        part.append(
            element(
                "details",
                {},
                element(
                    "summary",
                    {},
                    counted("{count} less likely place", "{count} less likely places", len(rest)),
                ),
                element("ol", {"class": "candidates"}, *rest),
            )
        )
    return part


def name_at_level(answer: Answer, level: Level) -> str | None:
    """Return the name that the answer stands for at a level; None where it stops above it."""
    if level == answer.level:
        best = best_candidate(answer)
        return best.place.name if best else None
    names = {
        "continent": answer.place.continent,
        "country": answer.place.country,
        "city": answer.place.city,
    }
    return names[level]


def _candidate_item(candidate: Hypothesis, chosen: bool, numbers: Mapping[str, int]) -> Element:
    share = wording.percent(candidate.probability)
    accepted = {"data-accepted": gettext("accepted")} if chosen else {}
    fill = {"style": f"width:{candidate.probability * 100:.2f}%"}
    row = element(
        "div",
        {"class": "row"},
        element(
            "span", {"class": "name", **accepted}, untrusted(wording.place_name(candidate.place))
        ),
        element("div", {"class": "bar", "aria-hidden": "true"}, element("span", fill)),
        element("span", {"class": "share"}, share),
    )
    spoke_for, spoke_against = wording.for_and_against(candidate)
    item = element("li", {"class": "chosen"} if chosen else {}, row)
    if spoke_for or spoke_against:
        sides = [_evidence_item("for", one, numbers) for one in spoke_for]
        sides += [_evidence_item("against", one, numbers) for one in spoke_against]
        joint = wording.joint_evidence(candidate)
        sides += [_evidence_item("together", one, numbers) for one in joint]
        item.append(element("ul", {"class": "spoken"}, *sides))
    else:
        prior = wording.percent(candidate.prior)
        words = gettext(
            "Nothing observed speaks for or against it; {share} before the evidence."
        ).format(share=prior)
        item.append(element("p", {"class": "quiet"}, unbroken(words)))
    return item


def _evidence_item(side: str, evidence: Evidence, numbers: Mapping[str, int]) -> Element:
    weight = f" · {wording.strength(evidence.log_lr)}"
    return element(
        "li",
        {},
        element("span", {"class": f"side {side}"}, gettext(_SIDES[side])),
        own_words(say_stored(evidence.reason)),
        element("span", {"class": "weight"}, weight),
        *clue_links(evidence.clue_ids, numbers),
    )


def clue_links(clue_ids: Sequence[str], numbers: Mapping[str, int]) -> list[Element]:
    """Return links to the rows of the clue table, where a clue is in it."""
    known = sorted({numbers[clue_id] for clue_id in clue_ids if clue_id in numbers})
    links = []
    for position, number in enumerate(known[:8]):
        name = f"{number}" if position else gettext("clue {number}").format(number=number)
        link = element("a", {"href": f"#clue-{number}"}, name)
        links.append(element("span", {"class": "weight"}, ", " if position else " · ", link))
    return links
