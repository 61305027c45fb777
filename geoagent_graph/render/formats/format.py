"""A row of the table of formats: a name, a media type, and the functions that write it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geoagent_graph.errors import InputError
from geoagent_graph.translation import SOURCE_LANGUAGE, use_language
from geoagent_graph.types import Answer

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from geoagent_graph.cases.trip.trip_view import TripView
    from geoagent_graph.cases.view import CaseView, Pixels
    from geoagent_graph.translation import Language

Content = str | bytes
Subject = Literal["photo", "case", "trip"]
_NAME = re.compile(r"[a-z][a-z0-9]{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that has no answer, by the name it was given, and why."""

    photo: str
    error: str


@dataclass(frozen=True, slots=True)
class Format:
    """One format of files: the command line, HTTP, the page and MCP offer it by this row.

    `name` is the option `--name` and the query `format=name`; `ending` is that of its files,
    `title` and `note` are for people. One function is enough. `of_answers` writes the answers of
    any number of photos into one file and serves photos, cases and trips alike; `of_photo` writes
    a file per photo, `of_case` a branch of a case, `of_trip` several photos of one trip.
    `of_results` is `of_answers` that also hears of the photos that failed, in their order. Of many
    photos the answers come without their steps, tool calls and evidence.
    `speaks` says that it is for people, in the language that is spoken; all others are English.
    `document` is the file's name among the resources of MCP; empty makes it from the ending.
    """

    name: str
    media_type: str
    ending: str
    title: str
    note: str = ""
    help: str = ""
    of_answers: Callable[[Sequence[Answer]], Content] | None = None
    of_results: Callable[[Sequence[Answer | Failure]], Content] | None = None
    of_photo: Callable[[Answer, "Pixels | None"], Content] | None = None
    of_case: Callable[["CaseView"], Content] | None = None
    of_trip: Callable[["TripView", Mapping[str, "CaseView"]], Content] | None = None
    needs_answer: bool = True
    needs_browser: bool = False
    document: str = ""
    speaks: bool = False

    def __post_init__(self) -> None:
        """Refuse a row that no command line or route could offer.

        Raises:
            InputError: its name is no plain word, or it has no function.
        """
        if _NAME.fullmatch(self.name) is None:
            raise InputError(f"{self.name!r}: no name for a format; take up to 16 of a-z and 0-9")
        own = (self.of_answers, self.of_results, self.of_photo, self.of_case, self.of_trip)
        if not any(own):
            raise InputError(f"format {self.name}: give it a function that writes it")

    @property
    def description(self) -> str:
        """What a file of the format is, for people and models."""
        return f"{self.title}: {self.note}" if self.note else self.title

    @property
    def joins_photos(self) -> bool:
        """Whether one file holds all photos."""
        return self.of_answers is not None or self.of_results is not None

    def joint_content(self, results: Sequence[Answer | Failure]) -> Content:
        """Return what photos came to as one file.

        Raises:
            InputError: the format is for one photo.
        """
        with self._language():
            if self.of_results is not None:
                return self.of_results(results)
            if self.of_answers is not None:
                return self.of_answers([found for found in results if isinstance(found, Answer)])
        raise InputError(f"{self.name}: is a format for one photo")

    def _language(self) -> "AbstractContextManager[Language]":
        return use_language(None if self.speaks else SOURCE_LANGUAGE)

    def works_for(self, subject: Subject) -> bool:
        """Return whether photos, a case or a trip can be written in this format."""
        own = {"photo": self.of_photo, "case": self.of_case, "trip": self.of_trip}[subject]
        return own is not None or self.joins_photos

    def require_possible(self, subject: Subject, case: str) -> None:
        """Refuse what could never be written, before a trace says that it was taken.

        Raises:
            InputError: the format is not for it, or needs a browser and there is none.
        """
        if not self.works_for(subject):
            if subject == "trip":
                raise InputError(f"--{self.name}: name one photo of the case, as in {case}/main")
            raise InputError(f"{self.name}: is no format for a {subject}")
        if self.needs_browser:
            from geoagent_graph.render.pdf import require_browser

            require_browser()

    def case_content(self, view: "CaseView") -> Content:
        """Return a branch of a case in this format.

        Raises:
            InputError: the branch has no answer yet, or the format is not for cases.
        """
        self.require_possible("case", view.case)
        if self.of_case is not None:
            with self._language():
                return self.of_case(view)
        from geoagent_graph.render.claim import answer_in

        return self.joint_content([answer_in(view)])

    def trip_content(self, trip: "TripView", views: "Mapping[str, CaseView]") -> Content:
        """Return several photos of one trip in this format.

        Raises:
            InputError: they have no joint result yet, or the format is for one photo.
        """
        self.require_possible("trip", trip.case)
        if self.of_trip is not None:
            with self._language():
                return self.of_trip(trip, views)
        from geoagent_graph.render.claim import answers_together

        return self.joint_content(answers_together(trip, views))
