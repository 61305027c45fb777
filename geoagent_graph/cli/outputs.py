"""Where answers go: text or JSON on stdout, and the files that were asked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from geoagent_graph.cli.photos import noting_pixels
from geoagent_graph.cli.streams import stdout_is_terminal, write_result
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.render.files import check_target, write_whole
from geoagent_graph.render.formats.format import Failure
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.formats.table import named_format
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.cases.view import Pixels
    from geoagent_graph.render.formats.format import Format
    from geoagent_graph.types import Answer

_MISSING_PICTURE = "Its report goes without the picture."


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """What was asked for: the form of the result, and files by the names of their formats."""

    as_json: bool = False
    as_jsonl: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)
    quiet: bool = False

    @property
    def machine_readable(self) -> bool:
        """Whether stdout carries JSON."""
        return self.as_json or self.as_jsonl

    def check(self, photos: int) -> None:
        """Refuse what cannot work before any photo is opened.

        Raises:
            InputError: two forms at once, a missing folder, one report file for several photos.
        """
        if self.as_json and self.as_jsonl:
            raise InputError("--json and --jsonl exclude each other; give one")
        for name, path in self.files.items():
            if named_format(name).joins_photos or (photos == 1 and not path.is_dir()):
                check_target(path, f"--{name}")
            elif path.is_file():
                raise InputError(
                    f"--{name} {visible(str(path))}: is a file; several photos need a folder"
                )


@dataclass
class Results:
    """Takes answers one by one, prints them, and writes the files at the end."""

    choice: OutputChoice
    photos: int
    pixels: "Pixels"
    found: list["Answer | Failure"] = field(default_factory=list)
    _printed: int = 0
    _file_names: set[str] = field(default_factory=set)

    def add(self, answer: "Answer") -> None:
        """Print one answer and write its report; of several photos only its claim is kept."""
        self._print_answer(answer)
        self.found.append(answer if self.photos == 1 else without_workings(answer))
        for row, path in self._files():
            if not row.joins_photos and row.of_photo is not None:
                pixels = noting_pixels(self.pixels, _MISSING_PICTURE)
                write_whole(self._photo_path(answer, row, path), row.of_photo(answer, pixels))

    def add_failure(self, photo: str, message: str) -> None:
        """Keep the place of a photo that failed in machine-readable output of several photos."""
        failure = Failure(visible(photo), visible(message))
        self.found.append(failure)
        if self.choice.as_jsonl:
            write_result(json_text(asdict(failure)) + "\n")
        elif self.choice.as_json and self.photos > 1:
            self._print_in_array(asdict(failure))

    def finish(self) -> None:
        """End the array and write the files that hold all photos."""
        if self.choice.as_json and self.photos > 1:
            write_result("\n]\n" if self._printed else "[]\n")
        for row, path in self._files():
            if row.joins_photos:
                write_whole(path, row.joint_content(self.found))

    @property
    def answers(self) -> "list[Answer]":
        """The answers so far; of several photos without their workings."""
        return [found for found in self.found if not isinstance(found, Failure)]

    def _files(self) -> "list[tuple[Format, Path]]":
        return [(named_format(name), path) for name, path in self.choice.files.items()]

    def _print_answer(self, answer: "Answer") -> None:
        if self.choice.as_jsonl:
            write_result(json_text(answer.model_dump(mode="json")) + "\n")
        elif self.choice.as_json and self.photos > 1:
            self._print_in_array(answer.model_dump(mode="json"))
        elif self.choice.as_json:
            write_result(json_text(answer.model_dump(mode="json"), indent=2) + "\n")
        else:
            from geoagent_graph.render.terminal.answer_text import answer_output

            with_map = self.photos == 1 and stdout_is_terminal()
            gap = "\n" if self._printed else ""
            self._printed += 1
            write_result(gap + answer_output(answer, with_map))

    def _print_in_array(self, value: object) -> None:
        write_result("," if self._printed else "[")
        write_result("\n" + indent(json_text(value, indent=2), "  "))
        self._printed += 1

    def _photo_path(self, answer: "Answer", row: "Format", target: Path) -> Path:
        if self.photos == 1 and not target.is_dir():
            return target
        try:
            target.mkdir(exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{visible(str(target), 200)}: the folder cannot be made ({error.strerror}); "
                "choose another place"
            ) from error
        return target / _free_name(answer.image.name, row.ending, self._file_names)


def without_workings(answer: "Answer") -> "Answer":
    """Return an answer that is small enough to be kept by the thousand: its claim and its clues."""
    levels = {
        level: tuple(c.model_copy(update={"clues": (), "evidence": ()}) for c in candidates)
        for level, candidates in answer.levels.items()
    }
    nothing = {"trace": (), "tools": (), "references": (), "countries": {}, "levels": levels}
    return answer.model_copy(update=nothing)


def _free_name(photo_name: str, ending: str, taken: set[str]) -> str:
    """Return the photo's name with an ending, numbered where another of the run has it."""
    stem = "".join(c if c.isalnum() or c in "-_." else "-" for c in Path(photo_name).stem)
    # File systems count bytes: 60 characters are at most 240 of the usual 255.
    stem = stem.lstrip(".")[:60] or "photo"
    name, number = f"{stem}{ending}", 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}{ending}"
    taken.add(name.lower())
    return name
