"""`geoagent add-clue` and `undo`: a person adds to a case or takes back, and it runs on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.cli.cases.runs import OutputForm, resume
from geoagent_graph.cli.known import circle_of, country_codes_of, outline_of, read_numbers
from geoagent_graph.cli.options import PolicyFlags
from geoagent_graph.cli.streams import write_note
from geoagent_graph.errors import InputError
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.case import Case
    from geoagent_graph.sun_marks import SunStatement

_BOX = ("left", "top", "right", "bottom")


@dataclass(frozen=True, slots=True)
class Added:
    """What a person adds, as given on the command line."""

    text: str | None = None
    box: str | None = None
    place: str | None = None
    near: str | None = None
    outline: Path | None = None
    countries: Sequence[str] = ()
    time: str | None = None
    read: str | None = None
    sun: "SunStatement | None" = None

    def statements(self) -> list[dict[str, Any]]:
        """Return what is added, as `questions.Statement` in JSON; a case checks it.

        Raises:
            InputError: nothing is added, or something cannot be read.
        """
        if self.box is not None and self.text is None:
            raise InputError("--box: belongs to a text; to have a part read again write --read")
        found = [each for each in self._possible_statements() if each is not None]
        if not found:
            raise InputError(
                "say what you see: a text, --place, --near, --outline, --country, --time, --read, "
                "--shadow or --sun-height"
            )
        return found

    def _possible_statements(self) -> list[dict[str, Any] | None]:
        box = None if self.box is None else read_numbers("--box", self.box, _BOX)
        part = None if self.read is None else read_numbers("--read", self.read, _BOX)
        circle = None if self.near is None else circle_of("--near", self.near)
        text = {"kind": "clue", "text": self.text, **({"box": box} if box else {})}
        outline = None if self.outline is None else outline_of(self.outline)
        return [
            text if self.text is not None else None,
            {"kind": "place", "place": self.place} if self.place is not None else None,
            {"kind": "time", "time": self.time} if self.time is not None else None,
            {"kind": "photo_region", "box": part} if part else None,
            None if self.sun is None else self.sun.model_dump(mode="json", exclude_none=True),
            circle.model_dump(mode="json") if circle else None,
            {"kind": "map_outline", "geojson": outline} if outline else None,
            {"kind": "map_countries", "countries": country_codes_of(self.countries)}
            if self.countries
            else None,
        ]


def add_clue(
    words: str, added: Added, flags: PolicyFlags, showing: OutputForm, home: Path | None
) -> int:
    """Add what a person sees to a case, run it, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, or what is added cannot be read.
    """
    from geoagent_graph.cases.additions import add_to_case

    statements = added.statements()

    async def change(case: "Case") -> list[str]:
        events = [event for each in statements for event in await add_to_case(case, each)]
        return [event.input.text for event in events if event.event == "human"]

    return _change_and_run(words, change, flags, showing, home)


def undo(words: str, flags: PolicyFlags, showing: OutputForm, home: Path | None) -> int:
    """Take back the last thing a person did to a case, run it, and return the exit status.

    Raises:
        GeoAgentError: there is no such case, or nothing to take back.
    """
    from geoagent_graph.cases.additions import undo_last

    async def change(case: "Case") -> list[str]:
        events = await undo_last(case)
        return [event.input.text for event in events if event.event == "human"]

    return _change_and_run(words, change, flags, showing, home)


def _change_and_run(
    words: str,
    change: "Callable[[Case], Awaitable[list[str]]]",
    flags: PolicyFlags,
    showing: OutputForm,
    home: Path | None,
) -> int:
    async def change_and_say(case: "Case") -> None:
        for said in await change(case):
            write_note(f"a person {visible(said)}")

    return resume(words, None, flags, showing, home, change=change_and_say)
