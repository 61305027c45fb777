"""A reply to a question out of the options of `geoagent resume`."""

from dataclasses import dataclass
from typing import Any

from geoagent_graph.cli.known import circle_of, read_numbers
from geoagent_graph.errors import InputError


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """The options that make a reply; at most one of them, and `because` with `reject`."""

    agree: bool = False
    accept: str | None = None
    reject: str | None = None
    because: str | None = None
    clue: str | None = None
    photo_region: str | None = None
    map_region: str | None = None

    def reply(self) -> dict[str, Any] | None:
        """Return the reply as JSON, None where none is given; the graph checks it.

        Raises:
            InputError: several replies at once, or one that cannot be read.
        """
        replies = [reply for reply in self._possible_replies() if reply is not None]
        if len(replies) > 1:
            raise InputError("give one reply: --agree, --accept, --reject, --clue or a region")
        if self.because is not None and self.reject is None:
            raise InputError("--because: belongs to --reject")
        if self.reject is not None and self.because is None:
            raise InputError("--reject: say why with --because")
        return replies[0] if replies else None

    def _possible_replies(self) -> list[dict[str, Any] | None]:
        box = _read_given("--photo-region", self.photo_region, ("left", "top", "right", "bottom"))
        circle = None if self.map_region is None else circle_of("--map-region", self.map_region)
        return [
            {"kind": "accept"} if self.agree else None,
            _reply_of_words("accept", place=self.accept),
            _reply_of_words("reject", place=self.reject, reason=self.because or ""),
            _reply_of_words("clue", text=self.clue),
            {"kind": "photo_region", "box": box} if box else None,
            circle.model_dump(mode="json") if circle else None,
        ]


def _reply_of_words(kind: str, **words: str | None) -> dict[str, Any] | None:
    return None if None in words.values() else {"kind": kind, **words}


def _read_given(option: str, given: str | None, names: tuple[str, ...]) -> dict[str, float] | None:
    return None if given is None else read_numbers(option, given, names)
