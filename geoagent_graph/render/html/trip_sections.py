"""The parts of a report on several photos of one trip: the map of the way, each photo's change."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoagent_graph.render import wording
from geoagent_graph.render.html.html_report import figure_row
from geoagent_graph.render.html.markup import (
    Element,
    element,
    isolate_numbers,
    own_words,
    pieces,
    unbroken,
    untrusted,
)
from geoagent_graph.render.maps.trip_svg import Station, trip_svg
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.translation import counted, gettext, local_number, mark
from geoagent_graph.trip_types import Joined, JoinedPhoto, Taken
from geoagent_graph.types import Hypothesis

MAX_CANDIDATES = 4
MIN_ABS_TRIP_LOG_LR = 0.7  # a likelihood ratio of two
ASKED = mark("Where were these photos taken?")
_TITLES = {
    "continent": mark("Continent"),
    "country": mark("Country"),
    "city": mark("City or town"),
}


@dataclass(frozen=True, slots=True)
class TripPhoto:
    """One photo of a trip as its report shows it.

    `alone` is the headline of its own answer, `joined` None for a photo that took no part, for the
    reason in `left_out`. `picture` is a `data:image/jpeg` URI, `report` how to get its own report.
    """

    number: int
    name: str
    alone: str
    joined: JoinedPhoto | None
    on_way: bool
    report: str
    picture: str | None = None
    left_out: str | None = None


def trip_headline(photos: Sequence[TripPhoto]) -> str:
    """Return where the photos were taken in a few words."""
    return wording.trip_headline([photo.joined for photo in photos if photo.joined])


def trip_header(photos: Sequence[TripPhoto], joined: Joined) -> Element:
    """Return the headline, what it claims, and how well the photos fit together."""
    sentence = counted(
        "{count} photo of one trip, weighed for itself.",
        "{count} photos of one trip, each weighed for itself and then together: how far one "
        "can come in the time between two of them bounds where they can be.",
        len(photos),
    )
    timed = sum(photo.on_way for photo in photos)
    return element(
        "header",
        {},
        element("p", {"class": "eyebrow"}, gettext(ASKED)),
        element("h1", {}, own_words(trip_headline(photos))),
        element("p", {"class": "claim"}, sentence),
        element(
            "dl",
            {"class": "figures"},
            figure_row(
                gettext("Photos"),
                str(len(photos)),
                gettext("{number} with a time that counts").format(number=timed),
            ),
            figure_row(gettext("Fit"), *fit_words(joined)),
            figure_row(gettext("Times"), *_trust_in_times(joined)),
            figure_row(
                gettext("Travel model"), joined.formula, gettext("speeds chosen, not fitted")
            ),
        ),
    )


def fit_words(joined: Joined) -> tuple[str, str]:
    """Return how well the photos fit together, and what that means."""
    if joined.fit is None:
        return gettext("contradiction"), gettext("no way is possible at these times")
    ratio = 10.0 ** min(abs(joined.fit), 9.0)
    if ratio < 2.0:
        return gettext("neither way"), gettext("no better or worse than unrelated places")
    better = gettext("{number} times better") if joined.fit > 0 else gettext("{number} times worse")
    shown = local_number(ratio) if ratio < 1e6 else gettext("over a million")
    return better.format(number=shown), gettext("than photos of unrelated places")


def fit_sentence(joined: Joined) -> str:
    """Return the same as one sentence."""
    if joined.fit is None:
        return say_stored("contradiction, no way is possible at these times")
    ratio = 10.0 ** min(abs(joined.fit), 9.0)
    if ratio < 2.0:
        return say_stored("neither way, no better or worse than unrelated places")
    shown = f"{ratio:,.0f}" if ratio < 1e6 else "over a million"
    better = "better" if joined.fit > 0 else "worse"
    return say_stored(f"{shown} times {better} than photos of unrelated places")


def way_map(photos: Sequence[TripPhoto]) -> Element | None:
    """Return the map of the way as a drawing; None where no photo has a place."""
    stations = [
        Station(
            p.number,
            p.joined.lat_deg,
            p.joined.lon_deg,
            p.joined.radius_km,
            p.on_way,
            p.joined.place.city or "",
        )
        for p in photos
        if p.joined is not None and p.joined.level != "none"
    ]
    if not stations:
        return None
    ordered = [*(s for s in stations if s.on_way), *(s for s in stations if not s.on_way)]
    numbers = [gettext("photo {number}").format(number=s.number) for s in ordered if s.on_way]
    named = gettext(", then ").join(numbers) or gettext("photos without times")
    return trip_svg(ordered, gettext("Map of the trip: {photos}").format(photos=named))


def way_caption() -> str:
    """Return what the map of the way shows."""
    return gettext(
        "Numbers are photos at their best points; each circle should hold its photo's true place "
        "nine times out of ten. The broken line joins photos in the order of their times; it is "
        "not the way that was taken."
    )


def way_section(photos: Sequence[TripPhoto]) -> list[Element]:
    """Return the map of the way with its caption; nothing where no photo has a place."""
    drawn = way_map(photos)
    if drawn is None:
        return []
    return [
        element(
            "section",
            {"aria-labelledby": "way"},
            element("h2", {"id": "way"}, gettext("On the map")),
            element(
                "figure",
                {"class": "map"},
                drawn,
                element("figcaption", {}, way_caption()),
            ),
        )
    ]


def photo_section(photo: TripPhoto) -> Element:
    """Return one photo: its picture, what changed, its candidates alone and together."""
    identity = f"photo-{photo.number}"
    title = element(
        "h2",
        {"id": identity},
        *pieces(
            "Photo {number}: {name}", number=str(photo.number), name=untrusted(photo.name, 120)
        ),
    )
    parts = element("div", {})
    for child in _change_parts(photo):
        parts.append(child)
    stop = element("div", {"class": "stop"})
    if photo.picture is not None:
        described = {
            "src": photo.picture,
            "alt": gettext("Photo {number}").format(number=photo.number),
        }
        stop.append(element("img", described))
    stop.append(parts)
    return element("section", {"aria-labelledby": identity}, title, stop)


def _change_parts(photo: TripPhoto) -> list[Element]:
    joined = photo.joined
    if joined is None:
        why = say_stored(photo.left_out or "") or gettext("it has not been weighed with the others")
        said = element(
            "p", {"class": "change"}, *pieces("Took no part: {reason}", reason=untrusted(why)), "."
        )
        return [said, _own_answer_line(photo)]
    together = wording.headline(joined)
    share = f" ({wording.percent(joined.together)})" if joined.level != "none" else ""
    said = element(
        "p", {"class": "change"}, gettext("Together:"), " ", own_words(together), unbroken(share)
    )
    parts = [
        said,
        _own_answer_line(photo),
        element("p", {"class": "quiet"}, own_words(time_words(joined.taken))),
    ]
    if joined.level != "none":
        point = wording.coordinates(joined.lat_deg, joined.lon_deg, joined.radius_km)
        within = gettext("Within {distance} of {point}, nine times out of ten.").format(
            distance=wording.distance(joined.radius_km), point=point
        )
        parts.append(element("p", {"class": "quiet"}, *isolate_numbers(unbroken(within))))
    if joined.because:
        reasons = [
            element("li", {}, own_words(say_stored(words), 1000)) for words in joined.because
        ]
        parts.append(element("ul", {"class": "limits"}, *reasons))
    return [*parts, _candidate_table(photo, joined)]


def _own_answer_line(photo: TripPhoto) -> Element:
    words = element(
        "p",
        {"class": "quiet"},
        *pieces("By itself: {place}", place=untrusted(photo.alone)),
        ". ",
        gettext("Its report:"),
        " ",
    )
    words.append(element("code", {"dir": "ltr"}, photo.report))
    return words


def time_words(taken: Taken | None) -> str:
    """Return when a photo was taken and who says so."""
    if taken is None:
        return gettext("No time is known: it takes part as a photo of the same trip.")
    moment = taken.text
    if taken.clock == "elapsed":
        moment = gettext("{time} since the video began").format(time=moment)
    said = (
        gettext("Taken at {time}, its file claims.")
        if taken.said_by == "file"
        else gettext("Taken at {time}, a person says.")
    )
    return said.format(time=moment)


def _trust_in_times(joined: Joined) -> tuple[str, str]:
    if joined.times_right is None:
        return gettext("given"), gettext("by a person, or none")
    return wording.percent(joined.times_right), gettext("that what the files claim is right")


def _candidate_table(photo: TripPhoto, joined: JoinedPhoto) -> Element:
    rows = [
        row
        for level, candidates in joined.levels.items()
        for row in _candidate_rows(gettext(_TITLES[level]), candidates[:MAX_CANDIDATES])
    ]
    names = (
        mark("Level"), mark("Place"), mark("Alone"), mark("Together"), mark("What the others add"),
    )  # fmt: skip
    classes = ("", "", "number", "number", "")
    heads = [
        element("th", {"scope": "col", "class": kind} if kind else {"scope": "col"}, gettext(name))
        for name, kind in zip(names, classes, strict=True)
    ]
    caption = gettext("The likeliest places of photo {number}").format(number=photo.number)
    return element(
        "div",
        {"class": "scroll"},
        element(
            "table",
            {"class": "stack"},
            element("caption", {}, caption),
            element("thead", {}, element("tr", {}, *heads)),
            element("tbody", {}, *rows),
        ),
    )


def _candidate_rows(title: str, candidates: Sequence[Hypothesis]) -> list[Element]:
    rows = []
    for position, candidate in enumerate(candidates):
        said = element("td", {"data-name": gettext("Others")})
        spoken = [e for e in candidate.evidence if abs(e.log_lr) >= MIN_ABS_TRIP_LOG_LR]
        for evidence in spoken:
            side = gettext("for") if evidence.log_lr > 0 else gettext("against")
            words = f"{side}, {wording.strength(evidence.log_lr)}: "
            said.append(element("div", {}, words, own_words(say_stored(evidence.reason), 500)))
        cells = [
            element("td", {"class": "short"}, "" if position else title),
            element("th", {"scope": "row"}, untrusted(wording.place_name(candidate.place), 120)),
            element(
                "td",
                {"class": "number", "data-name": gettext("Alone")},
                wording.percent(candidate.prior),
            ),
            element(
                "td",
                {"class": "number", "data-name": gettext("Together")},
                wording.percent(candidate.probability),
            ),
            said,
        ]
        rows.append(element("tr", {}, *cells))
    return rows
