"""Which cases of a list are meant: by words, tags, dates, and whether they are put away."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from geoagent_graph.cases.summary import CaseSummary
from geoagent_graph.errors import InputError
from geoagent_graph.safe_text import visible
from geoagent_graph.types import AnswerPlace

Filed = Literal["open", "archived", "all"]


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """What is looked for; every word, every tag and both dates must fit.

    Words are found in the names of case, branches and photos, in tags, claimed places, notes and
    in when it was begun (`2026-05`), whatever their case and accents. Dates are whole days in UTC.
    """

    words: str = ""
    tags: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    filed: Filed = "open"

    @property
    def is_narrow(self) -> bool:
        """Whether a case must be read to know whether it is meant."""
        return bool(self.words.split() or self.tags or self.since or self.until)

    def finds(self, case: CaseSummary) -> bool:
        """Return whether a case is meant."""
        return (
            self.finds_filed(case.archived)
            and self._finds_tags(case)
            and self._finds_dates(case)
            and self._finds_words(case)
        )

    def finds_filed(self, archived: bool) -> bool:
        """Return whether cases that are put away, or those that are not, are meant."""
        return self.filed == "all" or archived == (self.filed == "archived")

    def _finds_tags(self, case: CaseSummary) -> bool:
        there = {fold(tag) for tag in case.tags}
        return all(fold(tag) in there for tag in self.tags)

    def _finds_dates(self, case: CaseSummary) -> bool:
        if self.since is None and self.until is None:
            return True
        days = [datetime.fromisoformat(branch.created).date() for branch in case.branches]
        return any(
            (self.since is None or day >= self.since) and (self.until is None or day <= self.until)
            for day in days
        )

    def _finds_words(self, case: CaseSummary) -> bool:
        wanted = fold(self.words).split()
        if not wanted:
            return True
        text = fold("\n".join(_searched_text(case)))
        return all(word in text for word in wanted)


def search_of(
    words: str,
    tags: tuple[str, ...] = (),
    since: str | None = None,
    until: str | None = None,
    filed: Filed = "open",
) -> CaseSearch:
    """Return a search whose dates are given as `2026-05-01`.

    Raises:
        InputError: a date is none.
    """
    return CaseSearch(words, tags, _parse_day("since", since), _parse_day("until", until), filed)


def fold(text: str) -> str:
    """Return a text as it is compared: without accents, in small letters."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _parse_day(name: str, words: str | None) -> date | None:
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InputError(f"{name} {visible(words, 40)}: no date; write it as 2026-05-01") from error


def _searched_text(case: CaseSummary) -> Iterator[str]:
    yield case.name
    yield from case.tags
    for branch in case.branches:
        yield branch.branch
        yield branch.photo_name
        yield branch.created
        yield from branch.notes
        if branch.claim is not None:
            yield from _place_names(branch.claim.place)
    for claim in case.trip.together if case.trip is not None else ():
        yield from _place_names(claim.place)


def _place_names(place: AnswerPlace) -> Iterator[str]:
    names = (place.city, place.region, place.country, place.country_code, place.continent)
    yield from (name for name in names if name)
